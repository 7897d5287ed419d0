import * as z from 'zod';
import { CalendarDate, SkuCode } from '../canonical/fields.ts';
import { FiscalCalendar } from '../canonical/fiscal-calendar.ts';
import { Subsidiary } from '../canonical/subsidiary.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { exponentOf } from '../kernel/money.ts';

/** What the values of a lookup table are. The tables that bear such a name are of that kind. */
export const LookupKind = z.enum([
  'free',
  'sku-taxonomy',
  'currencies',
  'subsidiaries',
  'fiscal-calendars',
]);
export type LookupKind = z.infer<typeof LookupKind>;

/** One entry that does not fit. `member` is null for the key itself, else the part of the value. */
export interface EntryProblem {
  readonly key: string;
  readonly member: string | null;
  readonly code: string;
  readonly message: string;
}

const MOST_KEY = 200;
const MOST_VALUE = 10_000;

const Period = z.strictObject({
  name: z.string().min(1).max(60),
  from: CalendarDate,
  /** The first day that no longer belongs to it. */
  to: CalendarDate,
});

/** A calendar by the month it starts with, by a rule of weeks, or period by period, each half-open. */
const Calendar = z.union([
  z.strictObject({ startMonth: z.number().int().min(1).max(12) }),
  FiscalCalendar.omit({ externalRef: true }),
  z.strictObject({
    periods: z.array(Period).min(1).max(400).superRefine(checkPeriods),
  }),
]);

function checkPeriods(periods: readonly z.infer<typeof Period>[], context: z.RefinementCtx): void {
  const refuse = (at: number, message: string): void =>
    context.addIssue({ code: 'custom', path: [at], message });
  const names = new Set<string>();
  for (const [at, { name, from, to }] of periods.entries()) {
    if (from >= to) refuse(at, `"${name}" ends on ${to}, before its first day is over`);
    if (names.has(name)) refuse(at, `"${name}" is there twice`);
    names.add(name);
    const before = periods[at - 1];
    if (before === undefined || before.to === from) continue;
    const what = before.to < from ? 'a gap between' : 'an overlap of';
    refuse(at, `there is ${what} "${before.name}", which ends on ${before.to}, and "${name}", which begins on ${from}`); // prettier-ignore
  }
}

/** ISO 4217 as money is counted in: the codes that have an exponent. */
const Currency = z.string().superRefine((code, context) => {
  try {
    exponentOf(code);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
});

/** What a value of each kind is. A free table takes any JSON. */
const VALUES = {
  free: z.json(),
  'sku-taxonomy': SkuCode.regex(/^\S(?:.*\S)?$/s, 'is a part number without blanks around it'),
  currencies: Currency,
  subsidiaries: Subsidiary,
  'fiscal-calendars': Calendar,
} as const satisfies Record<LookupKind, z.ZodType>;

/** The kind that a table of this name has, whatever is asked for; null where any will do. */
export function kindOfName(name: string): LookupKind | null {
  const kind = LookupKind.safeParse(name);
  return kind.success ? kind.data : null;
}

/** Everything that is wrong with entries of a table of this kind, those of one entry together. */
export function checkEntries(
  kind: LookupKind,
  entries: Iterable<readonly [string, Json]>,
): readonly EntryProblem[] {
  return [...entries].flatMap(([key, value]) => [
    ...checkKey(key),
    ...checkValue(kind, key, value),
  ]);
}

function checkKey(key: string): readonly EntryProblem[] {
  const refuse = (code: string, message: string) => [{ key, member: null, code, message }];
  if (key.trim() === '') return refuse('blank_key', 'The key is blank.');
  if (key.length > MOST_KEY)
    return refuse('long_key', `The key is longer than ${MOST_KEY} characters.`);
  if (key !== key.trim())
    return refuse('padded_key', 'The key has blanks around it. Take them away, here and by a trim step.'); // prettier-ignore
  if (/\p{Cc}|\p{Cs}/u.test(key))
    return refuse('bad_key', 'The key holds a control character or half a character.');
  return [];
}

function checkValue(kind: LookupKind, key: string, value: Json): readonly EntryProblem[] {
  const refuse = (member: string, code: string, message: string) => ({
    key,
    member,
    code,
    message,
  });
  const text = JSON.stringify(value);
  if (text.length > MOST_VALUE)
    return [refuse('value', 'long_value', `The value is longer than ${MOST_VALUE} characters.`)];
  if (text.includes(String.raw`\u0000`))
    return [refuse('value', 'bad_value', 'The value holds a NUL character.')];
  const parsed = VALUES[kind].safeParse(value);
  if (parsed.success) return [];
  return issuesOf(parsed.error).map((issue) => {
    const member = issue.path.length === 0 ? 'value' : issue.path.map(String).join('.');
    return refuse(member, 'bad_value', `The ${member} does not fit a table of ${kind}: ${issue.message.replace(/\.$/, '')}.`); // prettier-ignore
  });
}

/** Of what fits no shape of several: what is wrong by the shape that it is nearest to. */
function issuesOf(error: z.ZodError): readonly z.core.$ZodIssue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
    const strangers = (issues: readonly z.core.$ZodIssue[]): number =>
      issues.filter(({ code, path }) => code === 'unrecognized_keys' || path.length < 2).length;
    return issue.errors.toSorted((a, b) => strangers(a) - strangers(b))[0] ?? [issue];
  });
}

/** What is wrong with the entries of a table together: of subsidiaries, parents that are none or that go in a circle. */
export function checkTable(
  kind: LookupKind,
  entries: ReadonlyMap<string, Json>,
): readonly EntryProblem[] {
  if (kind !== 'subsidiaries') return [];
  const parents = new Map<string, string | undefined>();
  for (const value of entries.values()) {
    const { externalRef, parentRef } = Subsidiary.parse(value);
    parents.set(externalRef, parentRef);
  }
  return [...entries].flatMap(([key, value]) => {
    const { externalRef, parentRef } = Subsidiary.parse(value);
    if (parentRef === undefined) return [];
    const told = { key, member: 'parentRef' };
    if (!parents.has(parentRef))
      return [{ ...told, code: 'no_parent', message: `No entry has the externalRef "${parentRef}".` }]; // prettier-ignore
    return isCircle(parents, externalRef)
      ? [{ ...told, code: 'parent_circle', message: `"${externalRef}" is its own parent, in a circle.` }] // prettier-ignore
      : [];
  });
}

function isCircle(parents: ReadonlyMap<string, string | undefined>, from: string): boolean {
  let at = parents.get(from);
  for (let steps = 0; at !== undefined && steps <= parents.size; steps += 1) {
    if (at === from) return true;
    at = parents.get(at);
  }
  return false;
}
