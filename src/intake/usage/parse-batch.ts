import { isUtf8 } from 'node:buffer';
import { ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { namesTwice, parseExactJson } from '../../sdk/exact-json.ts';

/** A figure in which a double could lose a digit: then every figure is read with care, which takes longer. */
const MAYBE_INEXACT = /[[:,]\s*-?(?:[\d.]{16}|[\d.]+[eE])/;

/**
 * JSON in UTF-8, of which no digit is lost: a figure that a double cannot hold comes as a text. Throws a ValidationError
 * that quotes nothing, also for text that names a member of an object twice.
 */
export function parseJson(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw new ValidationError('The body is not UTF-8. Nothing of it was taken.');
  const text = bytes.toString('utf8');
  try {
    if (MAYBE_INEXACT.test(text)) return parseExactJson(text);
    const value: Json = JSON.parse(text);
    if (!namesTwice(text, value)) return value;
  } catch {
    // Told below, in words that hold nothing of the text.
  }
  throw new ValidationError(
    'The body is not JSON, or names a member of an object twice. Nothing of it was taken.',
  );
}
