import { hash } from 'node:crypto';
import { ValidationError } from '../kernel/errors.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';

/**
 * The JSON text of a record with the keys of every object in one order, and that text's SHA-256 (base64url).
 * Equal contents give equal text whatever order the vendor wrote the fields in. Throws a ValidationError, its
 * `details.code` saying why, for a record that cannot be kept as it is: too large, too deep, too many items, a figure
 * that is not certain, a member that names a prototype.
 */
export function contentOf(
  data: JsonObject,
  deleted: boolean,
): { readonly text: string; readonly hash: string } {
  const text = JSON.stringify(ordered(data, 0, { characters: MAX_RECORD_CHARACTERS }));
  if (text.length > MAX_RECORD_CHARACTERS) throw tooLarge();
  return { text, hash: hash('sha256', deleted ? `deleted:${text}` : text, 'base64url') };
}

/** A record that alone would exceed this is refused, and the rest of its page lands (fault case 63). */
const MAX_RECORD_CHARACTERS = 512 * 1024;
/** More levels than any vendor's records have; PostgreSQL gives up some thousands of levels deeper. */
const MAX_DEPTH = 100;
/** More than any list of lines, members or histories that we read; mappings stop at fewer. */
const MAX_ITEMS = 50_000;

/** What a record may still hold while it is gone through, so that a huge one is left before it is copied. */
interface Room {
  characters: number;
}

function ordered(value: Json, depth: number, room: Room): Json {
  if (typeof value === 'string') room.characters -= value.length;
  if (typeof value === 'number' && !isCertain(value)) {
    throw unkept(
      'inexact_number',
      'A figure of the record has more digits than a number of this kind keeps. Send it as text, or correct it at the source.',
    );
  }
  if (value === null || typeof value !== 'object') return value;
  if (depth >= MAX_DEPTH) {
    throw unkept('too_deep', `The record is nested more than ${MAX_DEPTH} levels deep.`);
  }
  if (room.characters < 0) throw tooLarge();
  if (Array.isArray(value)) {
    if (value.length > MAX_ITEMS) {
      throw unkept('too_many_items', `A list of the record has more than ${MAX_ITEMS} items.`);
    }
    return value.map((each: Json) => ordered(each, depth + 1, room));
  }
  const source = value as JsonObject;
  const result: Record<string, Json> = {};
  for (const key of sortedKeys(source)) {
    const inner = source[key];
    if (inner !== undefined) result[key] = ordered(inner, depth + 1, room);
  }
  return result;
}

/** Integers that a double cannot tell from their neighbours, and what JSON cannot spell at all, are not certain. */
function isCertain(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}

function unkept(code: string, message: string): ValidationError {
  return new ValidationError(message, { details: { code } });
}

function tooLarge(): ValidationError {
  const limit = MAX_RECORD_CHARACTERS / 1024;
  return unkept('record_too_large', `The record is larger than ${limit} KiB.`);
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
  const evil = keys.find((key) => key === '__proto__');
  if (evil !== undefined) {
    throw unkept(
      'prototype_key',
      `The record has a member "${evil}", which is no field of any system.`,
    );
  }
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
