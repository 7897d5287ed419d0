import { prototypeKeyIn } from '../../sdk/exact-json.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import type { RawRequest } from '../define-route.ts';
import { isObject } from './match-filter.ts';
import { scimError } from './scim-error.ts';

const MOST_DEPTH = 12;
const MEDIA = /^application\/(?:scim\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/**
 * The body of a request as one JSON object. Refused with invalidSyntax: what is no JSON, a member given twice or named as
 * a prototype is, a NUL character, half of a surrogate pair, and more than twelve levels. Throws 415 for another type.
 */
export function readBody({ headers, body }: RawRequest): JsonObject {
  const type = headers['content-type'];
  if (typeof type !== 'string' || !MEDIA.test(type)) {
    throw scimError(415, null, 'Send the body as application/scim+json or application/json.');
  }
  const text = utf8(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  const value = parsed(text);
  if (!isObject(value)) throw syntax('The body is no JSON object.');
  refuseOdd(value, 1);
  if (prototypeKeyIn(value) !== null) throw syntax('A member is named as a prototype is.');
  refuseTwice(text);
  return value;
}

function syntax(detail: string): Error {
  return scimError(400, 'invalidSyntax', detail);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw syntax('The body is not UTF-8.');
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw syntax('The body is not JSON.');
  }
}

function refuseOdd(value: Json, depth: number): void {
  if (depth > MOST_DEPTH) throw syntax(`The body is nested deeper than ${MOST_DEPTH}.`);
  if (typeof value === 'string') refuseText(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    refuseText(key);
    refuseOdd(inner, depth + 1);
  }
}

function refuseText(text: string): void {
  if (text.includes('\u0000') || !text.isWellFormed()) {
    throw syntax('A text holds a NUL character or half of a character.');
  }
}

const PIECES = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/** JSON.parse keeps the last of two members of one name; which one was meant, nobody can tell. The text is valid JSON. */
function refuseTwice(text: string): void {
  const open: (Set<string> | null)[] = [];
  let isKey = false;
  for (const [piece] of text.matchAll(PIECES)) {
    const names = open.at(-1);
    if (piece === '{' || piece === '[') open.push(piece === '{' ? new Set() : null);
    else if (piece === '}' || piece === ']') open.pop();
    else if (isKey && names && piece.startsWith('"')) addOnce(names, piece);
    isKey = piece === '{' || (piece === ',' && open.at(-1) !== null);
  }
}

function addOnce(names: Set<string>, piece: string): void {
  const name = String(JSON.parse(piece));
  if (names.has(name)) throw syntax('A member is given twice.');
  names.add(name);
}
