import * as z from 'zod';
import type { Json } from '../../kernel/hash.ts';
import { MAX_ROW_NAME } from './mapping-document.ts';

/** Keys of a mapping file that are edited as a whole; rows are edited by their target field. */
const TOP_KEYS = [
  '$schema',
  'version',
  'title',
  'extends',
  'remove',
  'source',
  'target',
  'include',
  'deleted',
  'when',
  'match',
  'forEach',
  'tests',
] as const;

const RowName = z.string().min(1).max(MAX_ROW_NAME);
const Key = z.enum(TOP_KEYS);
const Value: z.ZodType<Json> = z.json();

/** One change of a mapping file: a row by its target field, or another part of the file by its key. */
export const MappingEdit = z.union(
  [
    z.strictObject({ op: z.literal('set'), row: RowName, value: Value }),
    z.strictObject({ op: z.literal('remove'), row: RowName }),
    z.strictObject({ op: z.literal('set'), key: Key, value: Value }),
    z.strictObject({ op: z.literal('remove'), key: Key }),
  ],
  { error: 'is not an edit: { op: set, row | key, value } or { op: remove, row | key }' },
);
export type MappingEdit = z.infer<typeof MappingEdit>;

/** Where an edit lies in the document. */
export function placeOf(edit: MappingEdit): readonly string[] {
  return 'row' in edit ? ['fields', edit.row] : [edit.key];
}

/** The document as it is after the edit. What is removed and was not there is no matter. */
export function editedValue(document: Json, edit: MappingEdit): Json {
  return changed(document, placeOf(edit), edit.op === 'set' ? edit.value : undefined);
}

function changed(holder: Json, [name = '', ...rest]: readonly string[], value?: Json): Json {
  const entries = new Map(isObject(holder) ? Object.entries(holder) : []);
  const inner = rest.length === 0 ? value : changed(entries.get(name) ?? {}, rest, value);
  if (inner === undefined) entries.delete(name);
  else entries.set(name, inner);
  return Object.fromEntries(entries);
}

/** True for a plain JSON object. */
export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
