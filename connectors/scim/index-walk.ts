import * as z from 'zod';
import { hashJson, RemoteUnavailable, type Json } from '../../src/sdk/kernel.ts';
import type { ListResponse } from './list-response.ts';
import { isObject } from './scim-client.ts';

/**
 * Index paging (RFC 7644 §3.4.2.4) has no snapshot: a record deleted while we page moves all later ones
 * forward, so that the next page would skip one. Each page therefore starts on the last row of the page before.
 * If none of the rows that we know is in it, rows have moved, and the walk steps back (reliability case F-31).
 */
export const WalkToken = z.strictObject({
  startIndex: z.int().positive(),
  /** The last rows of the page before, by id and content. */
  tail: z.array(z.strictObject({ key: z.string(), hash: z.string() })),
  /** True if the page is expected to start on a row of the tail. */
  anchored: z.boolean(),
  /** The ids of the page before, hashed; null before the first page. */
  page: z.string().nullable(),
  /** Times in a row that another startIndex gave the very same page. */
  stalls: z.int().nonnegative(),
  /** Steps back in the whole walk. */
  backs: z.int().nonnegative(),
  /** The largest page so far. */
  pageRows: z.int().nonnegative(),
});
export type WalkToken = z.infer<typeof WalkToken>;

export const WALK_START: WalkToken = {
  startIndex: 1,
  tail: [],
  anchored: false,
  page: null,
  stalls: 0,
  backs: 0,
  pageRows: 0,
};

export interface WalkStep {
  /** The rows of this page that the page before did not give in the same content. */
  readonly rows: readonly Json[];
  readonly next: WalkToken | null;
}

const TAIL = 10;
const MAX_STALLS = 2;
/** Each step back is twice as far; after this many the certificate, not the walk, must tell what is missing. */
const MAX_BACKS = 12;

interface Known {
  readonly row: Json;
  readonly key: string;
}

/** A row with what tells it from others. Contents are hashed only where two are compared: that takes as long as parsing. */
function know(row: Json): Known {
  const id = isObject(row) ? row['id'] : undefined;
  return { row, key: typeof id === 'string' ? id : `#${hashJson(row)}` };
}

function stepBack(token: WalkToken, total: number | null, rows: number): WalkToken {
  const pageRows = Math.max(token.pageRows, rows);
  const distance = Math.max(1, pageRows) * 2 ** token.backs;
  const from = Math.min(token.startIndex, (total ?? token.startIndex) + 1);
  const startIndex = Math.max(1, from - distance);
  return { ...token, startIndex, anchored: startIndex > 1, backs: token.backs + 1, pageRows };
}

/** The end is where one answer reaches its own total; without a total, where nothing new comes. */
function isEnd(token: WalkToken, list: ListResponse, fresh: number): boolean {
  const { total, rows } = list;
  // Nothing but the row we started on: the directory has no more to give, whatever it counts.
  if (fresh === 0 && rows.length <= 1) return true;
  return total !== null && token.startIndex + rows.length - 1 >= total;
}

/** Goes on after a page that is the same as the one before; rows added in front of it explain that once. */
function afterSamePage(token: WalkToken, total: number | null, rows: number): WalkToken {
  const stalls = token.stalls + 1;
  if (stalls >= MAX_STALLS) {
    throw new RemoteUnavailable(
      `The directory sends the same records whatever startIndex it is asked for, and counts ${total ?? 'more'}. Its paging does not work: ask its vendor.`,
      { details: { startIndex: token.startIndex, total } },
    );
  }
  const startIndex = Math.min(token.startIndex + rows - 1, total ?? Number.MAX_SAFE_INTEGER);
  return { ...token, startIndex, stalls };
}

function onward(token: WalkToken, page: readonly Known[], pageHash: string): WalkToken {
  // A page of one row cannot overlap and advance as well.
  const overlap = page.length > 1 ? 1 : 0;
  return {
    startIndex: token.startIndex + page.length - overlap,
    tail: page.slice(-TAIL).map(({ key, row }) => ({ key, hash: hashJson(row) })),
    anchored: overlap === 1,
    page: pageHash,
    stalls: 0,
    backs: token.backs,
    pageRows: Math.max(token.pageRows, page.length),
  };
}

/**
 * Decides from one answer which rows are new and where the next page starts. It advances by the rows received,
 * never by the number asked for: directories cut `count` or ignore it.
 * Throws RemoteUnavailable when the directory gives the same rows whatever startIndex it is asked for.
 */
export function walkOn(token: WalkToken, list: ListResponse): WalkStep {
  const { total } = list;
  const page = list.rows.map(know);
  // As one text: a list of texts would be spelled out one by one.
  const pageHash = hashJson(page.map(({ key }) => key).join('\n'));
  if (page.length > 1 && pageHash === token.page) {
    return { rows: [], next: afterSamePage(token, total, page.length) };
  }
  const before = new Map(token.tail.map(({ key, hash }) => [key, hash]));
  const isNew = ({ key, row }: Known): boolean => {
    const hash = before.get(key);
    return hash === undefined || hash !== hashJson(row);
  };
  const rows = page.filter(isNew).map(({ row }) => row);
  const lastKnown = page.findLastIndex(({ key }) => before.has(key));
  const pastEnd = total !== null && token.startIndex > Math.max(total, 1);
  const lost = pastEnd || (token.anchored && page.length > 0 && lastKnown === -1);
  if (lost && total !== 0 && token.backs < MAX_BACKS) {
    return { rows: pastEnd ? [] : rows, next: stepBack(token, total, page.length) };
  }
  const fresh = page.length - 1 - lastKnown;
  if (page.length === 0 || isEnd(token, list, fresh)) return { rows, next: null };
  return { rows, next: onward(token, page, pageHash) };
}
