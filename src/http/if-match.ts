import { protocolError, type RawRequest } from './define-route.ts';

/** The strong ETag of a version tag. */
export function etagOf(tag: string): string {
  return `"${tag}"`;
}

/**
 * What the caller of a write says that the resource is now: the tag in `If-Match`, or `none` for `If-None-Match: *`.
 * Throws 428 for a request that says neither, so that nobody overwrites unseen what somebody else wrote.
 */
export function seenBy({ headers }: Pick<RawRequest, 'headers'>, what: string): string {
  const match = headers['if-match'];
  const tag =
    typeof match === 'string' ? /^"([\x21\x23-\x7e]{1,200})"$/.exec(match.trim())?.[1] : undefined;
  if (tag !== undefined) return tag;
  if (headers['if-none-match'] === '*' && match === undefined) return 'none';
  if (match !== undefined) return `unreadable:${String(match).slice(0, 200)}`;
  throw protocolError(
    428,
    'precondition_required',
    `Send If-Match with the ETag of ${what} that you read, or If-None-Match: * where there is none yet.`,
  );
}
