import { prototypeKeyIn } from '../../src/sdk/exact-json.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import { isObject } from './scim-client.ts';

/** A row of a directory: a record to land, or the reason why it cannot be. */
export type ReadRow =
  | { readonly kind: 'record'; readonly record: SourceRecord }
  | { readonly kind: 'unreadable'; readonly unreadable: UnreadableRecord };

/** Instants as most directories write them, of days that every month has: their text needs no calendar. */
const PLAIN_UTC =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;
/** As long as seconds in UTC are. */
const WHOLE_SECONDS = 20;

/** `meta.lastModified` as sortable UTC text; null when it is absent or no time. */
export function stampOf(row: JsonObject): string | null {
  const meta = row['meta'];
  const text = isObject(meta) ? meta['lastModified'] : undefined;
  if (typeof text !== 'string') return null;
  if (PLAIN_UTC.test(text))
    return text.length === WHOLE_SECONDS ? `${text.slice(0, -1)}.000Z` : text;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Entra sends booleans as "True" and "False" (reliability case F-72). Any other value stays for the mapping to judge. */
function booleanOf(value: Json): Json {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return word === 'true' || word === 'false' ? word === 'true' : value;
}

function withBoolean(name: string, object: Json): Json {
  const value = isObject(object) ? object[name] : undefined;
  return isObject(object) && typeof value === 'string'
    ? { ...object, [name]: booleanOf(value) }
    : object;
}

/** Entra gives the manager as a bare id where RFC 7643 §4.3 has an object with `value`. */
function withManager(extension: Json): Json {
  const manager = isObject(extension) ? extension['manager'] : undefined;
  if (!isObject(extension) || typeof manager !== 'string') return extension;
  return { ...extension, manager: { value: manager } };
}

function hasBooleanText(each: Json): boolean {
  return isObject(each) && typeof each['primary'] === 'string';
}

/** A member in the one form of RFC 7643; itself where it is in that form already. */
function memberInOneForm(name: string, value: Json): Json {
  if (name === 'active') return booleanOf(value);
  if (name === ENTERPRISE) return withManager(value);
  if (!Array.isArray(value) || name === 'members') return value;
  const list: readonly Json[] = value;
  return list.some(hasBooleanText) ? list.map((each) => withBoolean('primary', each)) : value;
}

/** The row in the one form of RFC 7643, whatever habits its directory has; itself where it has none. */
function inOneForm(row: JsonObject): JsonObject {
  let changed: Record<string, Json> | null = null;
  for (const name of Object.keys(row)) {
    const value = row[name] ?? null;
    const form = memberInOneForm(name, value);
    if (form === value) continue;
    changed ??= { ...row };
    changed[name] = form;
  }
  return changed ?? row;
}

function unreadable(
  outcome: UnreadableRecord['outcome'],
  id: string | null,
  code: string,
  reason: string,
): ReadRow {
  return { kind: 'unreadable', unreadable: { id, code, reason, outcome } };
}

/**
 * Turns a row of a SCIM list into a source record. The vendor's `id` is our key; `externalId` is data and never
 * an identity, because the client chose it (reliability case F-72: externalId "1").
 */
export function readRow(stream: string, row: Json): ReadRow {
  if (!isObject(row)) {
    return unreadable('rejected', null, 'not_an_object', `A row of ${stream} is not an object.`);
  }
  const { id } = row;
  if (typeof id !== 'string' || id === '') {
    return unreadable(
      'rejected',
      null,
      'no_id',
      `A row of ${stream} has no id. Ask the directory’s vendor: RFC 7643 requires one.`,
    );
  }
  const key = prototypeKeyIn(row);
  if (key !== null) {
    return unreadable(
      'quarantined',
      id,
      'forbidden_member',
      `${stream} ${id} has a member named "${key}", which is never data. Remove it in the directory.`,
    );
  }
  const data = inOneForm(row);
  return { kind: 'record', record: { id, stamp: stampOf(row), deleted: false, data } };
}

/** The tombstone of a record that the directory does not know any more. */
export function tombstone(id: string): SourceRecord {
  return { id, stamp: null, deleted: true, data: { id } };
}
