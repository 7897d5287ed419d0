import { prototypeKeyIn } from '../../src/sdk/exact-json.ts';
import { isObject } from '../../src/sdk/json-client.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { unreadable } from '../../src/sdk/read-only.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';

export type ReadRow = SourceRecord | UnreadableRecord;

export const isRecord = (row: ReadRow): row is SourceRecord => 'data' in row;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#039': "'", '#39': "'" }; // prettier-ignore

/** Snipe-IT escapes its texts for HTML even where it answers JSON; what lands is what a person typed. */
function decoded(value: Json): Json {
  if (typeof value === 'string')
    return value.replace(/&(amp|lt|gt|quot|#0?39);/g, (whole, name: string) => ENTITIES[name] ?? whole); // prettier-ignore
  if (Array.isArray(value)) return value.map(decoded);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, decoded(each)]));
}

/** The number of a row as text; null where there is none. */
export function idOf(row: Json): string | null {
  const id = isObject(row) ? row['id'] : undefined;
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  return typeof id === 'string' && /^\d{1,18}$/.test(id) ? id : null;
}

/** A row as the record that lands, or why it cannot. */
export function readRow(stream: string, row: Json, more: JsonObject = {}): ReadRow {
  const id = idOf(row);
  if (id === null || !isObject(row))
    return unreadable(null, 'no_id', `A row of ${stream} has no number.`);
  const key = prototypeKeyIn(row);
  if (key !== null)
    return unreadable(id, 'forbidden_member', `${stream} ${id} has a member named "${key}", which is never data.`); // prettier-ignore
  const data = decoded(row);
  return { id, stamp: null, deleted: false, data: { ...(isObject(data) ? data : {}), ...more } };
}
