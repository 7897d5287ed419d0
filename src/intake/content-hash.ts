import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../kernel/hash.ts';

/**
 * The JSON text of a record with the keys of every object in one order, and that text's SHA-256 (base64url).
 * Equal contents give equal text whatever order the vendor wrote the fields in.
 */
export function contentOf(
  data: JsonObject,
  deleted: boolean,
): { readonly text: string; readonly hash: string } {
  const text = JSON.stringify(ordered(data));
  return { text, hash: hash('sha256', deleted ? `deleted:${text}` : text, 'base64url') };
}

function ordered(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((each: Json) => ordered(each));
  const source = value as JsonObject;
  const result: Record<string, Json> = {};
  for (const key of sortedKeys(source)) {
    const inner = source[key];
    if (inner !== undefined) result[key] = ordered(inner);
  }
  return result;
}

interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
}

/** Rows of a page have the same few shapes, so their keys are put in order once: a sort costs more than the hash. */
const shapes: Shape[] = [];
const MOST_SHAPES = 8;

function sortedKeys(source: JsonObject): readonly string[] {
  const keys = Object.keys(source);
  const known = shapes.find((shape) => isSame(shape.keys, keys));
  if (known !== undefined) return known.sorted;
  const sorted = keys.toSorted(byLengthAndText);
  if (shapes.unshift({ keys, sorted }) > MOST_SHAPES) shapes.pop();
  return sorted;
}

/** As jsonb orders keys, so that PostgreSQL finds them in order when it parses the text. */
function byLengthAndText(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : 1;
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((key, at) => key === right[at]);
}
