import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';

const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Every decimal of at most this many significant digits survives a trip through an IEEE double. */
const SAFE_DIGITS = 15;

/** True if the double that JSON.parse made stands for the same figure as its source text. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  if (String(value) === source) return true;
  const digits = source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  return digits.length <= SAFE_DIGITS && (value !== 0 || digits === '');
}

/**
 * Parses JSON without losing a digit: a figure that a double cannot hold (an integer beyond 2^53, more than
 * 15 significant digits) comes as its source text, a string (reliability case F-64).
 * Throws a ValidationError on malformed or absurdly nested text; the message holds nothing of it.
 */
export function parseExactJson(text: string): Json {
  const revive = (
    _key: string,
    ...[value, context]: [value: unknown, context?: { readonly source?: string }]
  ): unknown => {
    const source = context?.source;
    return typeof value === 'number' && source !== undefined && !isExact(value, source)
      ? source
      : value;
  };
  try {
    const parsed: Json = JSON.parse(text, revive);
    return parsed;
  } catch {
    throw new ValidationError('The text is not JSON.');
  }
}

/**
 * The first member name in a parsed value that names a prototype (`__proto__`, `constructor`, `prototype`),
 * or null. Such a record is never data: whoever reads foreign JSON refuses it.
 */
export function prototypeKeyIn(value: Json): string | null {
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) {
      const found = Object.keys(next).find((key) => PROTOTYPE_KEYS.has(key));
      if (found !== undefined) return found;
    }
    for (const each of Object.values(next)) open.push(each);
  }
  return null;
}
