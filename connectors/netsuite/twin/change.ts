import {
  addQuantity,
  hashJson,
  lineAmount,
  type Json,
  type JsonObject,
} from '../../../src/sdk/kernel.ts';
import type { TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import { isObject } from '../lossless-json.ts';
import type { Author } from './authors.ts';
import { writeNotes } from './notes.ts';
import { Refused } from './problem.ts';
import type { RecordType } from './schema-fields.ts';
import type { Line, State, Stored } from './state.ts';
import { idOf, readFields, sublist, textOf, type Reading } from './values.ts';

/** Who changes: a caller of the record service, or a person at the vendor's screen (the control endpoint). */
export interface ChangeOptions {
  readonly reading: Reading;
  /** `?replace=item`: the given lines replace the sublist; otherwise they merge into it. */
  readonly replaceLines: boolean;
  readonly defaults: Readonly<Record<string, Json>>;
}

function currencyOf(state: State, fields: Readonly<Record<string, Json>>): string {
  const currency = state.get('currency', idOf(fields['currency']) ?? '');
  return textOf(currency?.fields['symbol']) ?? 'USD';
}

function requireFields(
  type: RecordType,
  fields: Readonly<Record<string, Json>>,
  lines: readonly Line[],
): void {
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.required !== true) continue;
    const given = field.kind === 'lines' ? lines.length > 0 : (fields[name] ?? null) !== null;
    if (!given) throw new Refused(400, { code: 'USER_ERROR', detail: `Error while accessing a resource. Please enter value(s) for: ${field.title}.`, path: name }); // prettier-ignore
  }
}

function priced(line: Line, given: JsonObject, currency: string): Line {
  if (Object.hasOwn(given, 'amount') && given['amount'] !== null) return line;
  const quantity = textOf(line['quantity']) ?? '0';
  const rate = textOf(line['rate']) ?? '0';
  return { ...line, amount: lineAmount(quantity, rate, currency).amount };
}

/** The line that an element of the request means: by its `line`, else (when replacing) by place and item. */
function formerLine(
  lines: readonly Line[],
  given: Line,
  at: number,
  replace: boolean,
): Line | undefined {
  const byNumber = lines.find((line) => line['line'] === given['line']);
  if (given['line'] !== undefined) return byNumber;
  const inPlace = replace ? lines[at] : undefined;
  return inPlace !== undefined &&
    hashJson(inPlace['item'] ?? null) === hashJson(given['item'] ?? null)
    ? inPlace
    : undefined;
}

function nextLine(lines: readonly Line[]): string {
  return String(lines.reduce((most, line) => Math.max(most, Number(line['line'])), 0) + 1);
}

function changeLines(
  type: RecordType,
  former: readonly Line[],
  body: JsonObject,
  currency: string,
  options: ChangeOptions,
): readonly Line[] {
  const elements = sublist(body['item']);
  if (elements === null) return former;
  let lines: readonly Line[] = options.replaceLines ? [] : former;
  const kept = new Set<Line>();
  elements.forEach((element, at) => {
    const path = `item.items[${at}]`;
    if (!isObject(element)) throw new Refused(400, { code: 'INVALID_CONTENT', detail: `Error while accessing a resource. ${path} is not an object.`, path }); // prettier-ignore
    const given = readFields(type.lines ?? {}, element, `${path}.`, options.reading);
    const before = formerLine(former, given, at, options.replaceLines);
    if (before === undefined && idOf(given['item']) === null) {
      throw new Refused(400, { code: 'USER_ERROR', detail: 'Error while accessing a resource. Please enter value(s) for: Item.', path: `${path}.item` }); // prettier-ignore
    }
    const closed: Line =
      type.lines?.['isClosed'] === undefined ? {} : { isClosed: false, quantityBilled: '0' };
    const number =
      textOf(given['line']) ?? textOf(before?.['line']) ?? nextLine([...former, ...lines]);
    const line = priced({ ...closed, ...before, ...given, line: number }, element, currency);
    if (before !== undefined) kept.add(before);
    const rest = lines.filter((other) => other['line'] !== number);
    lines = [...rest, line].toSorted((a, b) => Number(a['line']) - Number(b['line']));
  });
  const isBilled = (line: Line): boolean => (textOf(line['quantityBilled']) ?? '0') !== '0';
  const lost = options.replaceLines
    ? former.find((line) => isBilled(line) && !kept.has(line))
    : undefined;
  if (lost !== undefined) throw new Refused(400, { code: 'USER_ERROR', detail: `Error while accessing a resource. Line ${textOf(lost['line'])} has been billed and cannot be removed.`, path: 'item' }); // prettier-ignore
  return lines;
}

/** The status that follows from what changed: an order whose every line is closed, and an estimate that was lost, is Closed. */
function statusAfter(
  type: RecordType,
  before: Stored | undefined,
  fields: Readonly<Record<string, Json>>,
  lines: readonly Line[],
): Json | undefined {
  if (type.fields['status'] === undefined) return undefined;
  const status = fields['status'] ?? { id: 'A' };
  if (type.object === 'estimate' && idOf(fields['entityStatus'] ?? null) === '14')
    return { id: 'C' };
  if (type.object !== 'salesOrder') return status;
  if (lines.length > 0 && lines.every((line) => line['isClosed'] === true)) return { id: 'H' };
  const wanted = fields['orderStatus'];
  const moved =
    wanted !== undefined && wanted !== null && idOf(wanted) !== idOf(before?.fields['orderStatus']);
  return moved ? wanted : status;
}

/**
 * Applies a body to a record, or to nothing for a new one, and returns what would be stored. Nothing is stored yet.
 * Throws `Refused` as the vendor refuses.
 */
export function changed(
  state: State,
  type: RecordType,
  before: Stored | undefined,
  id: string,
  body: JsonObject,
  options: ChangeOptions,
): Stored {
  const given = readFields(type.fields, body, '', options.reading);
  const merged: Record<string, Json> = {
    ...(before === undefined ? options.defaults : before.fields),
    ...given,
  };
  const lines = changeLines(type, before?.lines ?? [], body, currencyOf(state, merged), options);
  requireFields(type, merged, lines);
  const status = statusAfter(type, before, merged, lines);
  const total = lines.reduce((sum, line) => addQuantity(sum, textOf(line['amount']) ?? '0'), '0');
  const derived: Record<string, Json> = {
    ...(status === undefined ? {} : { status }),
    ...(type.object === 'salesOrder' ? { orderStatus: status ?? null } : {}),
    ...(type.transaction === undefined ? {} : { total }),
  };
  return { object: type.object, id, fields: { ...merged, ...derived }, lines };
}

/** How far back a late save is stamped when the fault plan does not say. */
const LATE_S = 20;

/** The second of a change as UTC text: now, or earlier where the fault plan makes a save show up late. */
function stampOf(core: TwinCore, object: string, id: string, lateS = 0): string {
  const late = core.faults.fires('late', object, id);
  const seconds = late === undefined ? lateS : Number(late.with?.['seconds'] ?? LATE_S);
  const at = new Date(core.clock.now().getTime() - seconds * 1000);
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** Stores a changed record with the second of the twin's clock as its stamp, notes who did it, and tells listeners. */
export function commit(core: TwinCore, state: State, record: Stored, by: Author, lateS = 0): void {
  const stamp = stampOf(core, record.object, record.id, lateS);
  const before = state.get(record.object, record.id);
  const after = {
    ...record,
    fields: { createdDate: stamp, ...record.fields, lastModifiedDate: stamp },
  };
  state.put(after);
  writeNotes(state, { before, after }, by, stamp);
  core.hooks.notify(record.object, record.id);
}

/** Deletes a record: what is left of it is a deleted record and a system note. */
export function erase(core: TwinCore, state: State, record: Stored, by: Author, lateS = 0): void {
  const stamp = stampOf(core, record.object, record.id, lateS);
  state.remove(record.object, record.id, stamp);
  writeNotes(state, { before: record, after: undefined }, by, stamp);
  core.hooks.notify(record.object, record.id);
}
