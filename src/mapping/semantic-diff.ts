import { canonicalJson, type Json } from '../kernel/hash.ts';
import { stepName } from './language/check-row.ts';
import {
  isEachRow,
  type AnyRow,
  type EachRow,
  type MappingDocument,
  type Row,
} from './language/mapping-document.ts';
import { pointerOf, type PointerPath } from './language/mapping-problem.ts';

/** What kind of difference two contents of a mapping have, in the words of those who write them. */
export const DIFFERENCE_KINDS = [
  'row_added',
  'row_removed',
  'source_changed',
  'steps_changed',
  'rule_changed',
  'condition_changed',
  'frame_changed',
  'test_added',
  'test_removed',
  'test_changed',
] as const;

/** One difference between two contents of a mapping. */
export interface MappingDifference {
  readonly kind: (typeof DIFFERENCE_KINDS)[number];
  /** The target field that it is about; null for the mapping as a whole. */
  readonly row: string | null;
  /** JSON pointer (RFC 6901) of what differs, in the content that has it. */
  readonly pointer: string;
  /** One sentence for people. */
  readonly text: string;
  /** The value before, null where there was none. */
  readonly before: Json;
  /** The value after, null where there is none. */
  readonly after: Json;
}

/** Members of a row that say where its value comes from. */
const SOURCES = ['from', 'value', 'expr', 'lookup', 'each', 'as'] as const;
/** Members of a row that are told of otherwise than as a rule. */
const NO_RULES: ReadonlySet<string> = new Set([...SOURCES, 'steps', 'when', 'fields']);
/** Members of a document that are no content, or are told of one by one. */
const NO_FRAME: ReadonlySet<string> = new Set([
  '$schema',
  'id',
  'version',
  'when',
  'fields',
  'tests',
]);

/**
 * What differs between two contents of a mapping, in a stable order: the frame, the condition, rows by name, tests.
 * Comments, spelling, the order of rows and the version are no difference. Null before: everything is new. Pure.
 */
export function semanticDiff(
  before: MappingDocument | null,
  after: MappingDocument,
): readonly MappingDifference[] {
  return [
    ...frameDifferences(before, after),
    ...rowsDifferences(before?.fields ?? {}, after.fields, ['fields'], null),
    ...testDifferences(before?.tests ?? [], after.tests ?? []),
  ];
}

function frameDifferences(
  before: MappingDocument | null,
  after: MappingDocument,
): readonly MappingDifference[] {
  const frame = keysOf(before ?? {}, after, NO_FRAME).flatMap((key) => {
    const [old, now] = [member(before ?? {}, key), member(after, key)];
    return differs(old, now) ? [changed('frame_changed', null, [key], key, old, now)] : [];
  });
  if (!differs(before?.when, after.when)) return frame;
  return [
    ...frame,
    changed('condition_changed', null, ['when'], 'the condition', before?.when, after.when),
  ];
}

function rowsDifferences(
  before: Readonly<Record<string, AnyRow>>,
  after: Readonly<Record<string, AnyRow>>,
  path: PointerPath,
  parent: string | null,
): readonly MappingDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name) => {
    const row = parent === null ? name : `${parent}.${name}`;
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    const at = [...path, name];
    if (old === undefined)
      return [difference('row_added', row, at, `${row} is new: ${sourceWords(now)}.`, old, now)];
    if (now === undefined)
      return [
        difference('row_removed', row, at, `${row} is gone; it was ${sourceWords(old)}.`, old, now),
      ];
    return rowDifferences(old, now, at, row);
  });
}

function rowDifferences(
  before: AnyRow,
  after: AnyRow,
  path: PointerPath,
  row: string,
): readonly MappingDifference[] {
  const inner = isEachRow(before) || isEachRow(after);
  return [
    ...sourceDifference(before, after, path, row),
    ...stepsDifference(before, after, path, row),
    ...keysOf(before, after, NO_RULES).flatMap((key) => {
      const [old, now] = [member(before, key), member(after, key)];
      return differs(old, now)
        ? [changed('rule_changed', row, [...path, key], `${key} of ${row}`, old, now)]
        : [];
    }),
    ...conditionDifference(before, after, path, row),
    ...(inner
      ? rowsDifferences(innerRows(before), innerRows(after), [...path, 'fields'], row)
      : []),
  ];
}

function sourceDifference(
  before: AnyRow,
  after: AnyRow,
  path: PointerPath,
  row: string,
): readonly MappingDifference[] {
  const [old, now] = [picked(before), picked(after)];
  if (!differs(old, now)) return [];
  const text = `${row} is now ${sourceWords(after)}; it was ${sourceWords(before)}.`;
  return [difference('source_changed', row, path, text, old, now)];
}

function picked(row: AnyRow): Json {
  const entries = SOURCES.map((key) => [key, member(row, key)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Json;
}

function stepsDifference(
  before: AnyRow,
  after: AnyRow,
  path: PointerPath,
  row: string,
): readonly MappingDifference[] {
  const [old, now] = [stepsOf(before), stepsOf(after)];
  if (!differs(old, now)) return [];
  const added = without(now, old).map((step) => `step ${stepWords(step)} added`);
  const removed = without(old, now).map((step) => `step ${stepWords(step)} removed`);
  const said = [...added, ...removed];
  const text = `${row}: ${said.length === 0 ? 'its steps have another order' : said.join(', ')}.`;
  return [difference('steps_changed', row, [...path, 'steps'], text, old, now)];
}

/** The steps of `these` that are not in `those`, each as often as it is there more often. */
function without<Step>(these: readonly Step[], those: readonly Step[]): readonly Step[] {
  const left = those.map((step) => canonicalJson(step));
  return these.filter((step) => {
    const at = left.indexOf(canonicalJson(step));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function conditionDifference(
  before: AnyRow,
  after: AnyRow,
  path: PointerPath,
  row: string,
): readonly MappingDifference[] {
  const [old, now] = [member(before, 'when'), member(after, 'when')];
  if (!differs(old, now)) return [];
  return [
    changed('condition_changed', row, [...path, 'when'], `the condition of ${row}`, old, now),
  ];
}

type Tests = NonNullable<MappingDocument['tests']>;

/** Tests are known by their names, and by how often a name came before. */
function testDifferences(before: Tests, after: Tests): readonly MappingDifference[] {
  const [old, now] = [named(before), named(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    const name = `test "${(is ?? was)?.test.name ?? ''}"`;
    const path = ['tests', (is ?? was)?.index ?? 0];
    if (was === undefined)
      return [difference('test_added', null, path, `${name} is new.`, undefined, is?.test)];
    if (is === undefined)
      return [difference('test_removed', null, path, `${name} is gone.`, was.test, undefined)];
    if (!differs(was.test, is.test)) return [];
    return [difference('test_changed', null, path, `${name} is another.`, was.test, is.test)];
  });
}

function named(tests: Tests): ReadonlyMap<string, { test: Tests[number]; index: number }> {
  const seen = new Map<string, number>();
  return new Map(
    tests.map((test, index) => {
      const count = seen.get(test.name) ?? 0;
      seen.set(test.name, count + 1);
      return [JSON.stringify([test.name, count]), { test, index }];
    }),
  );
}

function changed(
  kind: MappingDifference['kind'],
  row: string | null,
  path: PointerPath,
  what: string,
  before: unknown,
  after: unknown,
): MappingDifference {
  const text =
    before === undefined
      ? `${what} is now ${shown(after)}; there was none.`
      : after === undefined
        ? `${what} is gone; it was ${shown(before)}.`
        : `${what} is now ${shown(after)}; it was ${shown(before)}.`;
  return difference(kind, row, path, text, before, after);
}

function difference(
  kind: MappingDifference['kind'],
  row: string | null,
  path: PointerPath,
  text: string,
  before: unknown,
  after: unknown,
): MappingDifference {
  return { kind, row, pointer: pointerOf(path), text, before: plain(before), after: plain(after) };
}

/** Where a row's value comes from, in words. */
function sourceWords(row: AnyRow | undefined): string {
  if (row === undefined) return 'nothing';
  if (isEachRow(row)) return `a list of ${row.each}`;
  if (row.from !== undefined && row.lookup !== undefined)
    return `${row.from} looked up in ${shown(row.lookup)}`;
  if (row.from !== undefined) return `from ${row.from}`;
  if (row.expr !== undefined) return `the expression ${row.expr}`;
  if (row.lookup !== undefined) return `looked up with ${shown(row.lookup)}`;
  return `the fixed value ${shown(row.value)}`;
}

function stepWords(step: NonNullable<Row['steps']>[number]): string {
  return typeof step === 'string' ? step : `${stepName(step)} ${shown(Object.values(step)[0])}`;
}

const LONGEST = 120;

/** A value as a person reads it; long ones are cut. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : canonicalJson(plain(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function keysOf(before: object, after: object, but: ReadonlySet<string>): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => !but.has(key)).toSorted();
}

function member(holder: object, key: string): unknown {
  return Object.hasOwn(holder, key)
    ? (holder as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function stepsOf(row: AnyRow): NonNullable<Row['steps']> {
  return isEachRow(row) ? [] : (row.steps ?? []);
}

function innerRows(row: AnyRow): EachRow['fields'] {
  return isEachRow(row) ? row.fields : {};
}

function differs(before: unknown, after: unknown): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return canonicalJson(before) !== canonicalJson(after);
}

function plain(value: unknown): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}
