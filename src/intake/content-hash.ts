import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../kernel/hash.ts';

/**
 * The JSON text of a record with the keys of every object in order, and that text's SHA-256 (base64url).
 * Equal contents give equal text whatever order the vendor wrote the fields in.
 */
export function contentOf(data: JsonObject, deleted: boolean): { readonly text: string; readonly hash: string } {
  const text = JSON.stringify(ordered(data));
  return { text, hash: hash('sha256', deleted ? `deleted:${text}` : text, 'base64url') };
}

function ordered(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((each: Json) => ordered(each));
  const source = value as JsonObject;
  const result: Record<string, Json> = {};
  for (const key of Object.keys(source).sort()) {
    const inner = source[key];
    if (inner !== undefined) result[key] = ordered(inner);
  }
  return result;
}
