import type { Json, JsonObject } from '../kernel/hash.ts';
import { isBlank, sameForm } from './same-value.ts';

/** Who wins a field that both sides may write, as mappings name it. */
export type FieldRuleName =
  | 'prefer-source-unless-blank'
  | 'source-wins'
  | 'target-wins'
  | 'latest-wins'
  | 'ask'
  | 'dont-sync';

/** What both sides held when they last agreed on a field. */
export interface AgreedValue {
  readonly ours: Json;
  readonly theirs: Json;
}

export interface FieldSides {
  readonly rule: FieldRuleName;
  /** What no value of ours means: leave theirs alone, or empty it. */
  readonly blank: 'keep' | 'clear';
  readonly ours: Json;
  readonly theirs: Json;
  /** Null where they never agreed. */
  readonly agreed: AgreedValue | null;
  readonly oursAt: Date;
  /** Null where the vendor does not say. */
  readonly theirsAt: Date | null;
}

export type FieldVerdict =
  /** `over`: a value of theirs goes, and has to be kept on record. */
  | { readonly kind: 'write'; readonly over: boolean }
  | {
      readonly kind: 'keep';
      readonly why:
        | 'equal'
        | 'blank'
        | 'rule'
        | 'unchanged'
        | 'theirs is later'
        | 'decided'
        | 'changed since';
    }
  | { readonly kind: 'conflict' };

/**
 * Decides one field by its rule from what both sides hold and what they last agreed on. Pure. Equal values are never
 * written; `target-wins` never writes over a value; `ask` and `latest-wins` leave a change of theirs alone where ours did
 * not change, and where both did the one waits for a person and the other takes what is later, if the vendor tells when.
 */
export function decideField(sides: FieldSides): FieldVerdict {
  const { rule, blank, ours, theirs } = sides;
  if (rule === 'dont-sync') return { kind: 'keep', why: 'rule' };
  if (sameForm(ours, theirs)) return { kind: 'keep', why: 'equal' };
  if (isAgreed(sides)) return { kind: 'keep', why: 'unchanged' };
  if (isBlank(ours) && blank === 'keep') return { kind: 'keep', why: 'blank' };
  const write = { kind: 'write', over: !isBlank(theirs) } as const;
  switch (rule) {
    case 'prefer-source-unless-blank':
    case 'source-wins':
      return write;
    case 'target-wins':
      return isBlank(theirs) ? write : { kind: 'keep', why: 'rule' };
    case 'latest-wins':
    case 'ask':
      return byChange(sides, write);
  }
}

/** Nothing changed since a person or a rule let the two differ. */
function isAgreed({ ours, theirs, agreed }: FieldSides): boolean {
  return agreed !== null && sameForm(ours, agreed.ours) && sameForm(theirs, agreed.theirs);
}

function byChange(
  { rule, ours, theirs, agreed, oursAt, theirsAt }: FieldSides,
  write: Extract<FieldVerdict, { readonly kind: 'write' }>,
): FieldVerdict {
  if (agreed === null && isBlank(theirs)) return write;
  if (agreed !== null) {
    if (sameForm(ours, agreed.ours)) return { kind: 'keep', why: 'unchanged' };
    if (sameForm(theirs, agreed.theirs)) return write;
  }
  if (rule === 'ask' || theirsAt === null || theirsAt.getTime() === oursAt.getTime())
    return { kind: 'conflict' };
  return theirsAt > oursAt ? { kind: 'keep', why: 'theirs is later' } : write;
}

/** How a mapping names a field and what its row says. */
export interface NamedRule {
  readonly field: string;
  readonly rule: FieldRuleName;
  readonly blankPolicy: 'keep' | 'clear';
}

/** What was decided about one field of an intent. What is kept or waits is not sent. */
export interface DecidedField {
  readonly field: string;
  readonly did: 'wrote' | 'kept' | 'waits';
  readonly why: string;
  /** What the other side held. */
  readonly theirs: Json;
}

/** A field that no rule decides. */
export interface OpenField extends AgreedValue {
  readonly field: string;
  readonly rule: FieldRuleName;
  readonly agreed: AgreedValue | null;
}

/** Whose value a person has taken, by field; `*` for all. */
export type Overrule = Readonly<Record<string, 'ours' | 'theirs'>>;

export interface RecordSides {
  readonly payload: JsonObject;
  readonly held: JsonObject;
  readonly rules: readonly NamedRule[];
  readonly agreed: Readonly<Record<string, AgreedValue>>;
  readonly overrule: Overrule;
  /** What theirs may be for ours to be written, by field; a field that is not named is written as the rest says. */
  readonly expects?: Readonly<Record<string, readonly Json[]>>;
  readonly oursAt: Date;
  readonly theirsAt: Date | null;
}

const USUAL = { rule: 'prefer-source-unless-blank', blankPolicy: 'clear' } as const;

/**
 * Decides every field of a record that is there already. Fields of money and term belong together: while one of them
 * waits for a person, all of them do, so that no record carries one half of each side. Pure.
 */
export function decideRecord(sides: RecordSides): {
  readonly decided: readonly DecidedField[];
  readonly open: readonly OpenField[];
} {
  const rules = new Map(sides.rules.map((each) => [each.field, each]));
  const seen = fieldsOf(sides.payload).map((field) => {
    const ours = valueAt(sides.payload, field) ?? null;
    const theirs = valueAt(sides.held, field) ?? null;
    const { rule, blankPolicy: blank } = ruleOf(rules, field);
    const agreed = sides.agreed[field] ?? null;
    const { oursAt, theirsAt } = sides;
    const taken = sides.overrule[field] ?? sides.overrule['*'] ?? null;
    const expected = sides.overrule[field] === undefined ? sides.expects?.[field] : undefined;
    const verdict =
      taken === null
        ? decideField({ rule, blank, ours, theirs, agreed, oursAt, theirsAt })
        : (unlessChanged(expected, ours, theirs) ?? asTaken(taken, ours, theirs));
    return { field, rule, ours, theirs, agreed, verdict, taken };
  });
  const open = seen.filter(({ verdict }) => verdict.kind === 'conflict');
  const groupWaits = open.some(isMoneyOrTerm);
  const decided = seen.flatMap((each): readonly DecidedField[] => {
    const { field, theirs, verdict, rule, taken } = each;
    if (verdict.kind === 'keep') return [{ field, did: 'kept', why: verdict.why, theirs }];
    if (verdict.kind === 'conflict') return [{ field, did: 'waits', why: 'conflict', theirs }];
    if (groupWaits && isMoneyOrTerm(each) && taken === null)
      return [{ field, did: 'waits', why: 'money and term wait together', theirs }];
    const why = taken === null ? rule : 'decided';
    return verdict.over ? [{ field, did: 'wrote', why, theirs }] : [];
  });
  return { decided, open: open.map(({ verdict: _verdict, taken: _taken, ...field }) => field) };
}

function asTaken(taken: 'ours' | 'theirs', ours: Json, theirs: Json): FieldVerdict {
  if (taken === 'theirs') return { kind: 'keep', why: 'decided' };
  return { kind: 'write', over: !isBlank(theirs) && !sameForm(ours, theirs) };
}

/** What is to be brought back only where it is still as it was left; null where that says nothing against it. */
function unlessChanged(
  expected: readonly Json[] | undefined,
  ours: Json,
  theirs: Json,
): FieldVerdict | null {
  if (expected === undefined) return null;
  if (sameForm(ours, theirs)) return { kind: 'keep', why: 'equal' };
  if (expected.some((value) => sameForm(value, theirs))) return null;
  return { kind: 'keep', why: 'changed since' };
}

const FIGURE = /^-?\d+(\.\d+)?$/;
const DAY = /^\d{4}-\d\d-\d\d/;

/** A figure, a day, a list of lines, or a currency, on either side. A reference of digits alone is taken for a figure. */
function isMoneyOrTerm({
  field,
  ours,
  theirs,
}: {
  readonly field: string;
  readonly ours: Json;
  readonly theirs: Json;
}): boolean {
  const counts = (value: Json): boolean =>
    typeof value === 'number' ||
    Array.isArray(value) ||
    (typeof value === 'string' && (FIGURE.test(value) || DAY.test(value)));
  return /currency/i.test(field) || counts(ours) || counts(theirs);
}

/** The fields of a payload, those of nested objects as `entity.id`; a list is one field. */
export function fieldsOf(payload: JsonObject, path = ''): readonly string[] {
  return Object.entries(payload).flatMap(([name, value]) => {
    const field = `${path}${name}`;
    const isNested = isObject(value) && Object.keys(value).length > 0;
    return isNested ? fieldsOf(value, `${field}.`) : [field];
  });
}

/** The rule of a field, or of the row that wrote it as a part of an object. */
function ruleOf(rules: ReadonlyMap<string, NamedRule>, field: string): Omit<NamedRule, 'field'> {
  const parts = field.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const rule = rules.get(parts.slice(0, length).join('.'));
    if (rule !== undefined) return rule;
  }
  return USUAL;
}

/** The value under a name such as `entity.id`; undefined where there is none. */
export function valueAt(record: JsonObject, field: string): Json | undefined {
  if (Object.hasOwn(record, field)) return record[field];
  let value: Json | undefined = record;
  for (const part of field.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** A payload with another value under a name such as `entity.id`. */
export function withValue(record: JsonObject, field: string, value: Json): JsonObject {
  const [first = '', ...rest] = Object.hasOwn(record, field) ? [field] : field.split('.');
  if (rest.length === 0) return { ...record, [first]: value };
  const inner = record[first];
  return { ...record, [first]: withValue(isObject(inner) ? inner : {}, rest.join('.'), value) };
}

/** What is sent of a payload: all but what is kept or waits. */
export function fieldsToSend(payload: JsonObject, decided: readonly DecidedField[]): JsonObject {
  let sent = payload;
  for (const { field, did } of decided) if (did !== 'wrote') sent = without(sent, field);
  return sent;
}

function without(record: JsonObject, field: string): JsonObject {
  const [first = '', ...rest] = Object.hasOwn(record, field) ? [field] : field.split('.');
  const { [first]: inner, ...others } = record;
  if (rest.length === 0 || !isObject(inner)) return others;
  const left = without(inner, rest.join('.'));
  return Object.keys(left).length === 0 ? others : { ...others, [first]: left };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
