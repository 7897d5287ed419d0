import type { Json, JsonObject } from '../kernel/hash.ts';
import type { SampleRecord } from './reading.ts';

/** A record that was picked, and for what. */
export interface PickedRecord<Record extends SampleRecord> {
  readonly record: Record;
  readonly why: readonly string[];
}

export interface EdgeOptions {
  /** Fields of the record that mappings read, by their first name; the edges are looked for there first. */
  readonly fields: readonly string[];
  /** Options of picklists by field, each worth a record. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  /** Records that wait for a person. */
  readonly quarantined: ReadonlySet<string>;
  readonly limit: number;
}

/** An edge: what it is, and the record that shows it best. */
interface Edge {
  readonly why: string;
  readonly id: string;
}

const DECIMAL = /^-?\d{1,30}(\.\d{1,30})?$/;
/** Text that a Latin keyboard does not write. */
const FOREIGN = /[^\u0020-\u007e]/;

/**
 * Picks records at the edges of a stream: quarantined and deleted ones, blanks, the longest texts, extreme numbers, one
 * of each option of a picklist, the most children, the newest and the oldest. One record may stand for several edges.
 * Deterministic: the same records in any order give the same picks.
 */
export function pickEdges<Record extends SampleRecord>(
  records: readonly Record[],
  options: EdgeOptions,
): readonly PickedRecord<Record>[] {
  const ordered = records.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  const byId = new Map(ordered.map((record) => [record.id, record]));
  const picked = new Map<string, string[]>();
  for (const { why, id } of edgesOf(ordered, options)) {
    const reasons = picked.get(id);
    if (reasons !== undefined) reasons.push(why);
    else if (picked.size < options.limit) picked.set(id, [why]);
  }
  return [...picked].flatMap(([id, why]) => {
    const record = byId.get(id);
    return record === undefined ? [] : [{ record, why }];
  });
}

/** The edges in the order of their worth: what is known to fail first, then what tends to. */
function edgesOf(records: readonly SampleRecord[], options: EdgeOptions): readonly Edge[] {
  const alive = records.filter(({ deleted }) => !deleted);
  const waiting = records.filter(({ id }) => options.quarantined.has(id)).slice(0, 3);
  const gone = records.filter(({ deleted }) => deleted).slice(0, 1);
  return [
    ...waiting.map(({ id }) => ({ why: 'waits in quarantine', id })),
    ...gone.map(({ id }) => ({ why: 'deleted at its source', id })),
    ...most(alive, 'the most blanks', ({ data }) => blanksOf(data, options.fields)),
    ...most(alive, 'the most children', ({ data }) => childrenOf(data)),
    ...options.fields.flatMap((field) => fieldEdges(alive, field, options.options[field] ?? [])),
    ...most(alive, 'text in another script', ({ data }) => foreignOf(data)),
    ...stampEdges(alive),
  ];
}

function fieldEdges(
  records: readonly SampleRecord[],
  field: string,
  choices: readonly string[],
): readonly Edge[] {
  const blank = records.find(({ data }) => isBlank(data[field]));
  const filled = records.some(({ data }) => !isBlank(data[field]));
  return [
    ...(blank === undefined || !filled ? [] : [{ why: `${field} is blank`, id: blank.id }]),
    ...choices.flatMap((option) => {
      const found = records.find(({ data }) => data[field] === option);
      return found === undefined ? [] : [{ why: `${field} is "${option}"`, id: found.id }];
    }),
    ...numberEdges(records, field),
    ...most(records, `the longest ${field}`, ({ data }) => lengthOf(data[field]), 20),
  ];
}

function numberEdges(records: readonly SampleRecord[], field: string): readonly Edge[] {
  const figures = records.flatMap(({ id, data }) => {
    const figure = figureOf(data[field]);
    return figure === null ? [] : [{ id, figure }];
  });
  if (figures.length < 2) return [];
  const least = figures.reduce((best, each) => (each.figure < best.figure ? each : best));
  const greatest = figures.reduce((best, each) => (each.figure > best.figure ? each : best));
  if (least.figure === greatest.figure) return [];
  return [
    { why: `the greatest ${field}`, id: greatest.id },
    { why: `the least ${field}`, id: least.id },
  ];
}

function stampEdges(records: readonly SampleRecord[]): readonly Edge[] {
  const stamped = records.filter(({ stamp }) => stamp !== null);
  const [first] = stamped;
  if (first === undefined) return [];
  const by = (better: (a: string, b: string) => boolean): string =>
    stamped.reduce((best, each) => (better(each.stamp ?? '', best.stamp ?? '') ? each : best)).id;
  return [
    { why: 'changed last', id: by((a, b) => a > b) },
    { why: 'not changed for the longest time', id: by((a, b) => a < b) },
  ];
}

/** The record that scores highest, if any scores at least `least`. */
function most(
  records: readonly SampleRecord[],
  why: string,
  score: (record: SampleRecord) => number,
  least = 1,
): readonly Edge[] {
  let best: Edge | null = null;
  let highest = least - 1;
  for (const record of records) {
    const own = score(record);
    if (own <= highest) continue;
    highest = own;
    best = { why, id: record.id };
  }
  return best === null ? [] : [best];
}

function blanksOf(data: JsonObject, fields: readonly string[]): number {
  return fields.filter((field) => isBlank(data[field])).length;
}

function childrenOf(data: JsonObject): number {
  return Object.values(data).reduce<number>(
    (sum, value) => sum + (Array.isArray(value) ? value.length : 0),
    0,
  );
}

function foreignOf(data: JsonObject): number {
  return Object.values(data).filter((value) => typeof value === 'string' && FOREIGN.test(value))
    .length;
}

function lengthOf(value: Json | undefined): number {
  return typeof value === 'string' && figureOf(value) === null ? value.length : 0;
}

/** For ranking only, so a float is exact enough. */
function figureOf(value: Json | undefined): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : null;
}

function isBlank(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}
