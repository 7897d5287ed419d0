import type { Json } from '../../../src/sdk/kernel.ts';
import { refuse } from './scim-error.ts';

const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type CompareOperator = (typeof OPERATORS)[number];

/** A parsed filter of RFC 7644 §3.4.2.2, attribute names as they were written. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'present'; readonly path: string }
  | {
      readonly kind: 'compare';
      readonly path: string;
      readonly op: CompareOperator;
      readonly value: Json;
    }
  | { readonly kind: 'element'; readonly path: string; readonly filter: Filter };

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[()[\]]|[^\s()[\]"]+)/y;
const MAX_LENGTH = 8192;
const MAX_DEPTH = 32;

interface Cursor {
  readonly tokens: readonly string[];
  at: number;
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found?.[1] === undefined) throw bad(`cannot be read at position ${from + 1}`);
    tokens.push(found[1]);
  }
  return tokens;
}

function bad(what: string): Error {
  return refuse(400, `The filter ${what}.`, 'invalidFilter');
}

const isWord = (token: string | undefined, word: string): boolean => token?.toLowerCase() === word;

function expect(cursor: Cursor, token: string): void {
  if (cursor.tokens[cursor.at] !== token) throw bad(`lacks "${token}"`);
  cursor.at += 1;
}

function orOf(cursor: Cursor, depth: number): Filter {
  if (depth > MAX_DEPTH) throw bad(`nests deeper than ${MAX_DEPTH} levels`);
  let left = andOf(cursor, depth);
  while (isWord(cursor.tokens[cursor.at], 'or')) {
    cursor.at += 1;
    left = { kind: 'or', left, right: andOf(cursor, depth) };
  }
  return left;
}

function andOf(cursor: Cursor, depth: number): Filter {
  let left = term(cursor, depth);
  while (isWord(cursor.tokens[cursor.at], 'and')) {
    cursor.at += 1;
    left = { kind: 'and', left, right: term(cursor, depth) };
  }
  return left;
}

function term(cursor: Cursor, depth: number): Filter {
  const token = cursor.tokens[cursor.at];
  if (isWord(token, 'not') && cursor.tokens[cursor.at + 1] === '(') {
    cursor.at += 1;
    return { kind: 'not', inner: group(cursor, depth) };
  }
  return token === '(' ? group(cursor, depth) : condition(cursor, depth);
}

function group(cursor: Cursor, depth: number): Filter {
  expect(cursor, '(');
  const inner = orOf(cursor, depth + 1);
  expect(cursor, ')');
  return inner;
}

function condition(cursor: Cursor, depth: number): Filter {
  const path = cursor.tokens[cursor.at];
  if (path === undefined || !/^[a-z$]/i.test(path)) throw bad('lacks an attribute name');
  cursor.at += 1;
  if (cursor.tokens[cursor.at] === '[') {
    cursor.at += 1;
    const filter = orOf(cursor, depth + 1);
    expect(cursor, ']');
    return { kind: 'element', path, filter };
  }
  const word = (cursor.tokens[cursor.at] ?? '').toLowerCase();
  cursor.at += 1;
  if (word === 'pr') return { kind: 'present', path };
  const op = OPERATORS.find((each) => each === word);
  if (op === undefined) throw bad(`has the unknown operator "${word}" after ${path}`);
  const value = literal(cursor.tokens[cursor.at]);
  cursor.at += 1;
  return { kind: 'compare', path, op, value };
}

/** A JSON string, number, boolean or null: the only values that the grammar knows. */
function literal(token: string | undefined): Json {
  if (token === undefined) throw bad('ends where a value should stand');
  try {
    const value: unknown = JSON.parse(token);
    if (value === null || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return value;
  } catch {
    // Falls through to the refusal: an unquoted word is no JSON value.
  }
  throw bad('has a value that is neither a JSON string, number, boolean nor null');
}

/**
 * Parses a filter; `and` binds tighter than `or`, operators in any case.
 * Throws the refusal `invalidFilter` with what is wrong.
 */
export function parseFilter(text: string): Filter {
  if (text.length > MAX_LENGTH) throw bad(`is longer than ${MAX_LENGTH} characters`);
  const cursor: Cursor = { tokens: tokenize(text), at: 0 };
  const filter = orOf(cursor, 0);
  if (cursor.at < cursor.tokens.length) throw bad(`has something left over after its end`);
  return filter;
}
