import type { RawRequest } from '../define-route.ts';
import { etagOf } from './present.ts';
import { scimError } from './scim-error.ts';

/** Throws 412 unless the version is one that the request wants to change (RFC 7644 §3.14, If-Match). */
export function expectMatch(headers: RawRequest['headers']): (version: number) => void {
  const wanted = tagsOf(headers['if-match']);
  return (version) => {
    if (wanted === null || holds(wanted, version)) return;
    throw scimError(412, null, 'The resource has changed since that version. Read it again.');
  };
}

/** True if the caller has this version already (If-None-Match). */
export function isHeld(headers: RawRequest['headers'], version: number): boolean {
  const held = tagsOf(headers['if-none-match']);
  return held !== null && holds(held, version);
}

function holds(tags: readonly string[], version: number): boolean {
  return tags.includes('*') || tags.includes(weak(etagOf({ version })));
}

function tagsOf(header: string | readonly string[] | undefined): readonly string[] | null {
  if (typeof header !== 'string' || header.trim() === '') return null;
  return header.split(',').map((tag) => weak(tag.trim()));
}

/** A caller may have made a strong tag of our weak one. */
function weak(tag: string): string {
  return tag.replace(/^W\//i, '');
}
