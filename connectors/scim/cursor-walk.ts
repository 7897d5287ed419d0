import * as z from 'zod';
import { hashJson, RemoteRejected, RemoteUnavailable, type Json } from '../../src/sdk/kernel.ts';
import { isObject } from './scim-client.ts';

/** Cursor paging (RFC 9865): the directory remembers the place, so that rows which come or go shift nothing. */
export const CursorToken = z.strictObject({
  /** Empty where the list starts. */
  cursor: z.string(),
  /** Records to ask for; less than the connection's setting once the directory has refused that. */
  count: z.int().positive(),
  /** Times that the directory forgot its cursor, and the list was started over. */
  restarts: z.int().nonnegative(),
  /** The ids of the page before, hashed; null before the first page. */
  page: z.string().nullable(),
  /** Times in a row that another cursor gave the very same page. */
  stalls: z.int().nonnegative(),
});
export type CursorToken = z.infer<typeof CursorToken>;

const MAX_STALLS = 2;
const MAX_RESTARTS = 3;

/** The place before the first page. */
export function cursorStart(count: number): CursorToken {
  return { cursor: '', count, restarts: 0, page: null, stalls: 0 };
}

function idOf(row: Json): Json {
  return isObject(row) ? (row['id'] ?? null) : null;
}

/**
 * The place after a page. A page without rows may have a next one; the end is where no cursor is given. Throws
 * RemoteUnavailable when the directory gives the same rows, or the same cursor, again and again.
 */
export function cursorOn(
  token: CursorToken,
  rows: readonly Json[],
  nextCursor: Json | undefined,
): CursorToken | null {
  if (typeof nextCursor !== 'string' || nextCursor === '') return null;
  const page = hashJson(rows.map(idOf));
  const same = nextCursor === token.cursor || (rows.length > 0 && page === token.page);
  const stalls = same ? token.stalls + 1 : 0;
  if (stalls >= MAX_STALLS) {
    throw new RemoteUnavailable(
      'The directory sends the same records whatever cursor it is given. Its paging does not work: set paging to index, or ask its vendor.',
    );
  }
  return { ...token, cursor: nextCursor, page, stalls };
}

/**
 * Where to go on after a refusal: from the start when the cursor has expired or is unknown, since what has landed stays
 * landed and comes as unchanged; with a smaller page when the count was refused. Null when the directory has forgotten
 * its cursors too often; any other refusal is thrown on.
 */
export function afterRefusal(token: CursorToken, error: unknown): CursorToken | null {
  if (!(error instanceof RemoteRejected)) throw error;
  const { scimType } = error.details;
  if (scimType === 'invalidCount' && token.count > 1) {
    return { ...token, count: Math.floor(token.count / 2) };
  }
  const isForgotten = scimType === 'expiredCursor' || scimType === 'invalidCursor';
  if (!isForgotten || token.cursor === '') throw error;
  if (token.restarts >= MAX_RESTARTS) return null;
  return { ...cursorStart(token.count), restarts: token.restarts + 1 };
}
