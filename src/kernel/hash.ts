import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ValidationError } from './errors.ts';

/** Any value that JSON can carry. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** The RFC 8785 spelling of a JSON value: the one text that is hashed. `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined)
    throw new ValidationError('This value has no JSON form and cannot be hashed.');
  return text;
}

/** SHA-256 of the canonical JSON, in lower-case hex (64 characters). */
export function hashJson(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
