import { Optional } from '@marcbachmann/cel-js';
import { addDays, addMonths, daysBetween, daysInMonth } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { readDate, readDecimal, readInteger, readText } from '../../sdk/read-value.ts';
import type { LookupTables } from '../lookups.ts';
import { countryCode, currencyCode, fiscalQuarter, sha256 } from './code-functions.ts';
import {
  amountIn,
  average,
  calculate,
  extreme,
  quotient,
  rounded,
  total,
} from './decimal-functions.ts';
import { MAX_STEPS, spendLoop, spendSteps, spendText } from './expression-budget.ts';
import { regexFinds } from './re2-cache.ts';

/** A value inside an expression: JSON, whole numbers as bigint, and optionals of `.?`. */
type Value = Json | bigint;
type List = readonly Value[];

export interface LibraryFunction {
  readonly signature: string;
  readonly handler: (...args: never[]) => unknown;
}

/** The lookup tables of the run that is going on; expressions are synchronous, so one place is enough. */
const run: { lookups: LookupTables | null } = { lookups: null };

/** Hands the library the lookup tables of the record that comes next. */
export function useLookups(lookups: LookupTables): void {
  run.lookups = lookups;
}

const MAX_PAD = 1_000;

function text(value: Value): string {
  return spendText(typeof value === 'bigint' ? value.toString() : readText(value));
}

function decimalOf(value: Value): string {
  return typeof value === 'bigint' ? value.toString() : readDecimal(value);
}

/** Absent stays absent: a function of text that meets null answers null. */
function onText(change: (text: string) => Value): (value: Value) => Value {
  return (value) => (value === null ? null : change(text(value)));
}

function list(value: List): List {
  spendSteps(value.length);
  return value;
}

function whole(value: bigint): number {
  return Number(value);
}

function padded(value: Value, length: bigint, fill: string): string {
  if (length > BigInt(MAX_PAD) || fill.length !== 1) {
    throw new ValidationError(`pad() fills with one character up to ${MAX_PAD} places.`);
  }
  return text(value).padStart(whole(length), fill);
}

/** Value equality for `unique`: figures, texts and nulls by value, lists and objects by their JSON. */
function keyOf(value: Value): string {
  if (typeof value === 'bigint') return `number:${value}`;
  return typeof value === 'object' ? JSON.stringify(value) : `${typeof value}:${value}`;
}

function unique(values: List): List {
  spendSteps(values.length * NODE_STEPS);
  return [...new Map(list(values).map((value) => [keyOf(value), value])).values()];
}

function picked(map: Value, key: Value, otherwise: Value): Value {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new ValidationError('pick() chooses from a map such as {"A": "draft"}.');
  }
  const entries = map as Readonly<Record<string, Json>>;
  const name = key === null ? null : text(key);
  return name !== null && Object.hasOwn(entries, name) ? (entries[name] ?? null) : otherwise;
}

function split(value: Value, separator: string): List {
  const parts = text(value).split(separator);
  spendSteps(parts.length);
  return parts;
}

function endOfMonth(value: Value): string {
  const date = readDate(value as Json);
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  return `${date.slice(0, 8)}${daysInMonth(year, month)}`;
}

/** A date moved by a whole number; absent if either is absent, also where `.?` found nothing. */
function moved(move: (date: string, by: number) => string): (...args: never[]) => unknown {
  return (value: unknown, by: unknown): Json => {
    const [date, count] = [present(value), present(by)];
    if (date === null || count === null) return null;
    const figure = typeof count === 'bigint' ? Number(count) : readInteger(count as Json);
    return move(readDate(date as Json), figure);
  };
}

function present(value: unknown): unknown {
  const inner = value instanceof Optional ? value.orValue(null) : value;
  return inner === undefined || inner === '' ? null : inner;
}

function coalesce(...values: unknown[]): unknown {
  for (const value of values) {
    const inner = present(value);
    if (inner !== null) return inner;
  }
  return null;
}

function lookedUp(table: string, key: Value): Json | undefined {
  return key === null ? undefined : run.lookups?.get(table, text(key));
}

function lookup(table: string, key: Value): Json {
  const found = lookedUp(table, key);
  if (found !== undefined) return found;
  throw new ValidationError(`The lookup table "${table}" has no entry for this key.`, {
    details: { code: 'lookup_missing' },
  });
}

/** Counts what a value costs to read; see the guard. The value is handed on unchanged. */
function spend(value: unknown, steps: bigint, loop: boolean): unknown {
  if (loop) spendLoop(roundsOf(value), whole(steps));
  else spendSteps(whole(steps) + sizeOf(value));
  return value;
}

function roundsOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

/** What it costs to compare one value within another: about ten times a plain step. */
const NODE_STEPS = 10;

/** Values within lists and objects of the record, counted once each: `==` walks them whenever it is asked. */
const nodes = new WeakMap<object, number>();

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length >> 4;
  if (typeof value !== 'object' || value === null) return 0;
  const known = nodes.get(value);
  if (known !== undefined) return known;
  const size = stepsWithin(value);
  nodes.set(value, size);
  return size;
}

/** Without recursion, as a record may nest deeper than the stack. */
function stepsWithin(value: object): number {
  const open: object[] = [value];
  let steps = 0;
  for (let next = open.pop(); next !== undefined && steps < MAX_STEPS; next = open.pop()) {
    const members: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    steps += Array.isArray(next) ? members.length : members.length * NODE_STEPS + NODE_STEPS;
    for (const member of members)
      if (typeof member === 'object' && member !== null) open.push(member);
      else if (typeof member === 'string') steps += member.length >> 4;
  }
  return steps;
}

/**
 * The functions that expressions may call beside CEL's own. All are pure: no clock, no chance, no network. "Now" is
 * `run.startedAt`, so a replay gives the same answer. Dates are `YYYY-MM-DD`, figures decimal text.
 */
export const FUNCTION_LIBRARY: readonly LibraryFunction[] = [
  { signature: 'lower(dyn): dyn', handler: onText((value) => value.toLowerCase()) },
  { signature: 'upper(dyn): dyn', handler: onText((value) => value.toUpperCase()) },
  { signature: 'trim(dyn): dyn', handler: onText((value) => value.trim()) },
  { signature: 'text(dyn): dyn', handler: onText((value) => value) },
  {
    signature: 'substr(dyn, int): string',
    handler: (value: Value, from: bigint) => text(value).slice(whole(from)),
  },
  {
    signature: 'substr(dyn, int, int): string',
    handler: (value: Value, from: bigint, length: bigint) =>
      text(value).slice(whole(from), whole(from) + whole(length)),
  },
  { signature: 'pad(dyn, int, string): string', handler: padded },
  {
    signature: 'regex(dyn, string): bool',
    handler: (value: Value, pattern: string) => regexFinds(text(value), pattern),
  },
  { signature: 'split(dyn, string): list<string>', handler: split },
  {
    signature: 'join(list, string): string',
    handler: (values: List, separator: string) => spendText(list(values).map(text).join(separator)),
  },
  { signature: 'first(list): dyn', handler: (values: List) => values[0] ?? null },
  { signature: 'last(list): dyn', handler: (values: List) => values.at(-1) ?? null },
  { signature: 'unique(list): list<dyn>', handler: unique },
  { signature: 'sum(list): string', handler: (values: List) => total(list(values)) },
  { signature: 'min(list): dyn', handler: (values: List) => extreme(list(values), -1) },
  { signature: 'max(list): dyn', handler: (values: List) => extreme(list(values), 1) },
  {
    signature: 'decimal(dyn): dyn',
    handler: (value: Value) => (value === null ? null : decimalOf(value)),
  },
  { signature: 'add(dyn, dyn): string', handler: (a: Value, b: Value) => calculate('add', a, b) },
  {
    signature: 'subtract(dyn, dyn): string',
    handler: (a: Value, b: Value) => calculate('subtract', a, b),
  },
  {
    signature: 'multiply(dyn, dyn): string',
    handler: (a: Value, b: Value) => calculate('multiply', a, b),
  },
  {
    signature: 'divide(dyn, dyn, int): string',
    handler: (a: Value, b: Value, places: bigint) => quotient(a, b, whole(places)),
  },
  {
    signature: 'round(dyn, int): string',
    handler: (value: Value, places: bigint) => rounded(value, whole(places), 'half_up'),
  },
  {
    signature: 'round(dyn, int, string): string',
    handler: (value: Value, places: bigint, mode: string) => rounded(value, whole(places), mode),
  },
  { signature: 'avg(list): dyn', handler: (values: List) => average(list(values)) },
  {
    signature: 'money(dyn, string): string',
    handler: (value: Value, currency: string) => amountIn(value, currency),
  },
  { signature: 'isoCurrency(dyn): dyn', handler: onText(currencyCode) },
  { signature: 'isoCountry(dyn): dyn', handler: onText(countryCode) },
  { signature: 'hash(dyn): dyn', handler: onText(sha256) },
  {
    signature: 'fiscalQuarter(dyn, int): int',
    handler: (value: Json, start: bigint) => fiscalQuarter(readDate(value), whole(start)),
  },
  { signature: 'pick(map, dyn, dyn): dyn', handler: picked },
  {
    signature: 'date(dyn): dyn',
    handler: (value: Json) => (value === null ? null : readDate(value)),
  },
  {
    signature: 'date(dyn, string): dyn',
    handler: (value: Json, format: string) => (value === null ? null : readDate(value, format)),
  },
  { signature: 'addDays(dyn, dyn): dyn', handler: moved(addDays) },
  {
    signature: 'addMonths(dyn, dyn): dyn',
    handler: moved((date, months) => addMonths(date, months)),
  },
  { signature: 'endOfMonth(dyn): string', handler: endOfMonth },
  {
    signature: 'daysBetween(dyn, dyn): int',
    handler: (from: Json, to: Json) => BigInt(daysBetween(readDate(from), readDate(to))),
  },
  { signature: 'lookup(string, dyn): dyn', handler: lookup },
  {
    signature: 'lookup(string, dyn, dyn): dyn',
    handler: (table: string, key: Value, otherwise: Value) => lookedUp(table, key) ?? otherwise,
  },
  ...[1, 2, 3, 4, 5, 6].map((count) => ({
    signature: `coalesce(${Array(count).fill('dyn').join(', ')}): dyn`,
    handler: coalesce,
  })),
  { signature: '__spend(dyn, int, bool): dyn', handler: spend },
];
