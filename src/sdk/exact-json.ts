import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';

const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Every decimal of at most this many significant digits survives a trip through an IEEE double that is not subnormal. */
const SAFE_DIGITS = 15;
const LEAST_NORMAL = 2 ** -1022;

/** True if the double that JSON.parse made stands for the same figure as its source text. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  if (String(value) === source) return true;
  const digits = source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  return digits === '' || (digits.length <= SAFE_DIGITS && Math.abs(value) >= LEAST_NORMAL);
}

/** A figure with an exponent or with more characters than any double spells alike; or a text that looks like one. */
const LONG_FIGURE = /(?:^|[\s:,[])-?(?:[\d.]{16}|[\d.]+[eE])/;

/**
 * False if every figure in a JSON text is short and plain enough for a double to hold it exactly. True says nothing
 * for certain: only then is each figure worth the tenfold price of being compared with its source text.
 */
export function mayHoldLongFigures(text: string): boolean {
  return LONG_FIGURE.test(text);
}

/** A figure that is not exact as a double comes as its source text. */
function revive(
  _key: string,
  ...[value, context]: [value: unknown, context?: { readonly source?: string }]
): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && !isExact(value, source)
    ? source
    : value;
}

/**
 * Parses JSON without losing a digit: a figure that a double cannot hold (an integer beyond 2^53, more than
 * 15 significant digits) comes as its source text, a string (reliability case F-64).
 * Throws a ValidationError on malformed or absurdly nested text, and on one that names a member of an object twice: which
 * of both counts, two readers would say differently (F-63). The message holds nothing of it.
 */
export function parseExactJson(text: string): Json {
  const parsed = parse(text);
  if (namesTwice(text, parsed)) {
    throw new ValidationError('The text names a member of an object twice.');
  }
  return parsed;
}

/** True if a well-formed text names a member of one object twice; `parsed` is what a parser made of it. */
export function namesTwice(text: string, parsed: Json): boolean {
  return membersNamed(text) !== membersOf(parsed);
}

function parse(text: string): Json {
  try {
    const parsed: Json = mayHoldLongFigures(text) ? JSON.parse(text, revive) : JSON.parse(text);
    return parsed;
  } catch {
    throw new ValidationError('The text is not JSON.');
  }
}

/** How many members the objects in a well-formed text have, one that is named twice counted twice. */
function membersNamed(text: string): number {
  let count = 0;
  for (let open = text.indexOf('"'); open !== -1;) {
    const close = endOfString(text, open);
    let next = close + 1;
    while (isSpace(text.charCodeAt(next))) next += 1;
    if (text[next] === ':') count += 1;
    open = text.indexOf('"', next);
  }
  return count;
}

function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); ; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (text[first - 1] === '\\') first -= 1;
    if ((at - first) % 2 === 0) return at;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function membersOf(value: Json): number {
  let count = 0;
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      addHolders(open, next);
      continue;
    }
    const members = next as { readonly [name: string]: Json };
    // Parsed JSON inherits nothing that is enumerable; a list of its members would be made for nothing.
    for (const name in members) {
      count += 1;
      const inner = members[name];
      if (inner !== undefined && isHolder(inner)) open.push(inner);
    }
  }
  return count;
}

/** One by one: a list of a million items is no list of arguments. */
function addHolders(open: Json[], items: readonly Json[]): void {
  for (const each of items) if (isHolder(each)) open.push(each);
}

const isHolder = (value: Json): boolean => typeof value === 'object' && value !== null;

/**
 * The first member name in a parsed value that names a prototype (`__proto__`, `constructor`, `prototype`),
 * or null. Such a record is never data: whoever reads foreign JSON refuses it.
 */
export function prototypeKeyIn(value: Json): string | null {
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      addHolders(open, next);
      continue;
    }
    const members = next as { readonly [name: string]: Json };
    for (const name in members) {
      if (PROTOTYPE_KEYS.has(name)) return name;
      const inner = members[name];
      if (inner !== undefined && isHolder(inner)) open.push(inner);
    }
  }
  return null;
}
