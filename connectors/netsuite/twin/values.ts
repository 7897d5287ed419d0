import { isLocalDate, type Json, type JsonObject } from '../../../src/sdk/kernel.ts';
import { isDecimal, isObject, member, plainDecimal } from '../lossless-json.ts';
import { Refused } from './problem.ts';
import type { Fields, TwinField } from './schema-fields.ts';

/** Finds the id that a reference means; throws `Refused` when nothing carries it. */
export type ResolveReference = (to: string, reference: JsonObject, path: string) => string;

/** What becomes of a property that the record type does not declare. */
export type OnUnknown = (path: string) => void;

export interface Reading {
  readonly resolve: ResolveReference;
  readonly onUnknown: OnUnknown;
  /** Null where read-only fields may be set: by the world and at the control endpoint. */
  readonly onReadOnly: ((path: string) => void) | null;
}

function bad(path: string, what: string): Refused {
  return new Refused(400, {
    code: 'INVALID_CONTENT',
    detail: `Error while accessing a resource. Invalid value for property ${path}: expected ${what}.`,
    path,
  });
}

function asReference(value: Json): JsonObject | null {
  if (typeof value === 'string' || typeof value === 'number') return { id: String(value) };
  return isObject(value) ? value : null;
}

const asInstant = (value: Json): string | null => {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : `${new Date(ms).toISOString().slice(0, 19)}Z`;
};

function readScalar(field: TwinField, value: Json, path: string): Json {
  const text = typeof value === 'number' ? String(value) : value;
  if (field.kind === 'flag') {
    if (typeof value === 'boolean') return value;
    if (value === 'T' || value === 'F') return value === 'T';
    throw bad(path, 'a boolean');
  }
  if (typeof text !== 'string')
    throw bad(path, field.kind === 'text' ? 'a string' : `a ${field.kind}`);
  if (field.kind === 'figure') {
    if (!isDecimal(text)) throw bad(path, 'a number');
    return plainDecimal(text);
  }
  if (field.kind === 'date') {
    const day = text.slice(0, 10);
    if (!isLocalDate(day)) throw bad(path, 'a date such as 2026-03-01');
    return day;
  }
  if (field.kind === 'instant') {
    const instant = asInstant(text);
    if (instant === null) throw bad(path, 'a date-time such as 2026-03-01T10:00:00Z');
    return instant;
  }
  return text;
}

/** One value in the form in which the twin keeps it. `null` clears the field. */
function readValue(field: TwinField, value: Json, path: string, reading: Reading): Json {
  if (value === null) return null;
  if (field.kind === 'reference') {
    const reference = asReference(value);
    if (reference === null || field.to === undefined)
      throw bad(path, 'a reference such as {"id":"12"}');
    return { id: reading.resolve(field.to, reference, path) };
  }
  if (field.kind === 'choice') {
    const id = asReference(value)?.['id'];
    if (typeof id !== 'string' || field.choices?.[id] === undefined) {
      throw bad(path, `one of ${Object.keys(field.choices ?? {}).join(', ')}`);
    }
    return { id };
  }
  return readScalar(field, value, path);
}

/**
 * Reads declared fields from a body; `prefix` is the path that an error names (`item.items[0].`).
 * Fields of kind `lines` are left to the caller.
 */
export function readFields(
  fields: Fields,
  body: JsonObject,
  prefix: string,
  reading: Reading,
): Record<string, Json> {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'links' || name === 'id') continue;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const path = `${prefix}${name}`;
    if (field === undefined) reading.onUnknown(path);
    else if (field.readOnly === true && reading.onReadOnly !== null) reading.onReadOnly(path);
    else if (field.kind !== 'lines') kept[name] = readValue(field, value, path, reading);
  }
  return kept;
}

/** The elements of a sublist, given as the vendor's `{ items: [] }` or as a plain array. */
export function sublist(value: Json | undefined): readonly Json[] | null {
  if (Array.isArray(value)) return value as readonly Json[];
  const items = member(value, 'items');
  return Array.isArray(items) ? (items as readonly Json[]) : null;
}

/** The id inside a kept reference or choice. */
export function idOf(value: Json | undefined): string | null {
  const id = member(value, 'id');
  return typeof id === 'string' ? id : null;
}

/** A kept text, figure or date; null when the field is empty. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
