import { attributeNamed, type Attribute } from './attribute.ts';
import { readAttributePath, type AttributePath } from './attribute-path.ts';
import { tokensOf, type Token } from './filter-tokens.ts';
import type { ResourceType } from './schemas.ts';
import { scimError } from './scim-error.ts';

const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A filter of RFC 7644 §3.4.2.2. Inside `some`, paths name parts of one value of the list. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'present'; readonly path: AttributePath }
  | {
      readonly kind: 'compare';
      readonly path: AttributePath;
      readonly operator: Operator;
      readonly value: string | number | boolean | null;
    }
  | { readonly kind: 'some'; readonly path: AttributePath; readonly inner: Filter };

/** The target of a PATCH operation: an attribute, some of its values, and a part of those. */
export interface PatchPath {
  readonly path: AttributePath;
  readonly filter: Filter | null;
  /** The part of each value that the filter finds; null for the values themselves. */
  readonly sub: string | null;
}

const MOST_DEPTH = 10;
const MOST_TERMS = 100;

type Wrong = 'invalidFilter' | 'invalidPath';

interface Reader {
  readonly wrong: Wrong;
  peek(): Token;
  next(): Token;
  /** Counts a comparison; throws when there are too many. */
  count(): void;
}

type Resolve = (text: string) => AttributePath | null;

/** Reads a filter over resources of a type. Throws invalidFilter, saying what is wrong. */
export function parseFilter(text: string, type: ResourceType): Filter {
  const reader = readerOf(text, 'invalidFilter');
  const filter = readOr(reader, (name) => readAttributePath(name, type), 0);
  if (reader.peek().kind !== 'end') throw bad(reader, 'Something follows the end of the filter.');
  return filter;
}

/** Reads the path of a PATCH operation (RFC 7644 §3.5.2). Throws invalidPath. */
export function parsePatchPath(text: string, type: ResourceType): PatchPath {
  const reader = readerOf(text, 'invalidPath');
  const path = readPath(reader, (name) => readAttributePath(name, type));
  if (reader.peek().kind === 'end') return { path, filter: null, sub: null };
  const filter = readInner(reader, path, 0);
  const sub = readSub(reader, path);
  if (reader.peek().kind !== 'end') throw bad(reader, 'Something follows the end of the path.');
  return { path, filter, sub };
}

function readerOf(text: string, wrong: Wrong): Reader {
  const tokens = tokensOf(text, wrong);
  let at = 0;
  let terms = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end' };
  const reader: Reader = {
    wrong,
    peek,
    next: () => {
      const token = peek();
      at += 1;
      return token;
    },
    count: () => {
      terms += 1;
      if (terms > MOST_TERMS) throw bad(reader, `It has more than ${MOST_TERMS} comparisons.`);
    },
  };
  return reader;
}

function bad(reader: Reader, detail: string): Error {
  return scimError(400, reader.wrong, detail);
}

/** True, and the token is taken, if the next one is that word in any case. */
function takesWord(reader: Reader, word: string): boolean {
  const token = reader.peek();
  if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false;
  reader.next();
  return true;
}

function expectSign(reader: Reader, sign: '(' | ')' | '[' | ']'): void {
  if (reader.next().kind !== sign) throw bad(reader, `A "${sign}" is missing.`);
}

function readOr(reader: Reader, resolve: Resolve, depth: number): Filter {
  if (depth > MOST_DEPTH) throw bad(reader, `It is nested deeper than ${MOST_DEPTH}.`);
  let left = readAnd(reader, resolve, depth);
  while (takesWord(reader, 'or')) {
    left = { kind: 'or', left, right: readAnd(reader, resolve, depth) };
  }
  return left;
}

function readAnd(reader: Reader, resolve: Resolve, depth: number): Filter {
  let left = readTerm(reader, resolve, depth);
  while (takesWord(reader, 'and')) {
    left = { kind: 'and', left, right: readTerm(reader, resolve, depth) };
  }
  return left;
}

function readTerm(reader: Reader, resolve: Resolve, depth: number): Filter {
  if (takesWord(reader, 'not')) {
    if (reader.peek().kind !== '(') throw bad(reader, 'What is not wanted stands in parentheses.');
    return { kind: 'not', inner: readTerm(reader, resolve, depth) };
  }
  if (reader.peek().kind === '(') {
    reader.next();
    const inner = readOr(reader, resolve, depth + 1);
    expectSign(reader, ')');
    return inner;
  }
  const path = readPath(reader, resolve);
  if (reader.peek().kind === '[') return readSome(reader, path, depth);
  return readComparison(reader, path);
}

function readPath(reader: Reader, resolve: Resolve): AttributePath {
  const token = reader.next();
  const path = token.kind === 'word' ? resolve(token.text) : null;
  if (path === null) throw bad(reader, 'An attribute is missing, or is spelled as none can be.');
  return path;
}

/** `emails[type eq "work"]`, and `emails[type eq "work"].value eq "…"`, which Entra ID sends. */
function readSome(reader: Reader, path: AttributePath, depth: number): Filter {
  const inner = readInner(reader, path, depth);
  if (reader.peek().kind !== '.') return { kind: 'some', path, inner };
  const sub = readSub(reader, path) ?? '';
  const right = readComparison(reader, partOf(path.attribute, sub));
  return { kind: 'some', path, inner: { kind: 'and', left: inner, right } };
}

function readInner(reader: Reader, path: AttributePath, depth: number): Filter {
  if (path.sub !== null || path.name === null) throw bad(reader, 'Only a list has values to choose from.'); // prettier-ignore
  expectSign(reader, '[');
  const inner = readOr(
    reader,
    (name) => (/^(?:[A-Za-z][\w-]*|\$ref)$/.test(name) ? partOf(path.attribute, name) : null),
    depth + 1,
  );
  expectSign(reader, ']');
  return inner;
}

function readSub(reader: Reader, path: AttributePath): string | null {
  if (reader.peek().kind !== '.') return null;
  reader.next();
  const token = reader.next();
  if (token.kind !== 'word') throw bad(reader, 'A name is missing after the dot.');
  return partOf(path.attribute, token.text).name;
}

/** A part of a value, as a path of its own. */
function partOf(parent: Attribute | null, name: string): AttributePath {
  const found = attributeNamed(parent?.subAttributes ?? [], name) ?? null;
  return { extension: null, name: found?.name ?? name, sub: null, attribute: found, parent: null };
}

function readComparison(reader: Reader, path: AttributePath): Filter {
  reader.count();
  if (takesWord(reader, 'pr')) return { kind: 'present', path };
  const operator = OPERATORS.find((each) => takesWord(reader, each));
  if (operator === undefined) throw bad(reader, 'An operator is missing, or there is none of that name.'); // prettier-ignore
  const value = readValue(reader);
  const isOrder = operator !== 'eq' && operator !== 'ne';
  const type = path.attribute?.type;
  if (isOrder && (type === 'boolean' || type === 'binary' || typeof value === 'boolean' || value === null)) {
    throw bad(reader, `The operator ${operator} does not fit ${path.name ?? 'this'}.`);
  } // prettier-ignore
  return { kind: 'compare', path, operator, value };
}

function readValue(reader: Reader): string | number | boolean | null {
  const token = reader.next();
  if (token.kind === 'value') return token.value;
  const word = token.kind === 'word' ? token.text.toLowerCase() : '';
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === 'null') return null;
  throw bad(reader, 'A value is missing: a text in quotes, a number, true, false or null.');
}
