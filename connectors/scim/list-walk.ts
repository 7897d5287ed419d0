import * as z from 'zod';
import { RemoteUnavailable, type Clock, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import type { ScimConfig } from './config.ts';
import { afterRefusal, cursorOn, cursorStart, CursorToken } from './cursor-walk.ts';
import { WALK_START, walkOn, WalkToken } from './index-walk.ts';
import { readListResponse } from './list-response.ts';
import { readProvider, type Provider } from './provider.ts';
import type { ScimClient, ScimQuery } from './scim-client.ts';

/** The place in a list between two pages, by index or by cursor. It is stored, and outlives the session. */
export const ListToken = z.union([CursorToken, WalkToken]);
export type ListToken = z.infer<typeof ListToken>;

/** What one request brought, and where the next one starts. */
export interface ListStep {
  readonly rows: readonly Json[];
  readonly next: ListToken | null;
  /** How long the answer was. */
  readonly characters: number;
}

/** One directory, as it is read: the way of paging is asked for once. */
export interface Directory {
  readonly client: ScimClient;
  readonly config: Pick<ScimConfig, 'pageSize' | 'paging'>;
  readonly clock: Clock;
  provider(): Promise<Provider>;
}

/** A directory whose ServiceProviderConfig is read at most once, unless that failed. */
export function directoryOf(
  client: ScimClient,
  config: Directory['config'],
  clock: Clock,
): Directory {
  let known: Promise<Provider> | null = null;
  return {
    client,
    config,
    clock,
    provider: () => {
      known ??= readProvider(client).catch((error: unknown) => {
        known = null;
        throw error;
      });
      return known;
    },
  };
}

async function start(directory: Directory): Promise<ListToken> {
  const { paging, pageSize } = directory.config;
  if (paging === 'index') return WALK_START;
  const provider = await directory.provider();
  if (paging === 'auto' && !provider.paging.cursor) return WALK_START;
  return cursorStart(Math.min(pageSize, provider.maxPageSize ?? pageSize));
}

/** Where a list starts, in the words of this directory: for a question that takes one answer. */
export async function atStart(directory: Directory): Promise<ScimQuery> {
  const { paging } = directory.config;
  const byIndex = paging === 'index' || (await directory.provider()).paging.index;
  return byIndex ? { startIndex: 1 } : { cursor: '' };
}

/** One request for a part of a list. */
interface Ask {
  readonly path: string;
  readonly extra: ScimQuery;
  /** Records at most; no matter how many the connection asks for otherwise. */
  readonly limit: number;
}

async function byIndex(
  { client, config }: Directory,
  token: WalkToken,
  { path, extra, limit }: Ask,
): Promise<ListStep> {
  // A page that starts on a row we have needs one more: alone, that row would pass for the end of the list.
  const count = token.anchored
    ? Math.max(2, Math.min(config.pageSize, limit + 1))
    : Math.min(config.pageSize, limit);
  const query = { startIndex: token.startIndex, count, ...extra };
  const { body, characters } = await client.ask(path, query);
  if (config.paging !== 'index' && isCursorOnly(body))
    return { rows: [], next: cursorStart(config.pageSize), characters };
  return { ...walkOn(token, readListResponse(body, { path, count })), characters };
}

/** A directory that pages by cursor alone may say so with the first answer only (RFC 9865 §2.4): the list starts over. */
function isCursorOnly({ nextCursor, startIndex }: JsonObject): boolean {
  return typeof nextCursor === 'string' && nextCursor !== '' && startIndex === undefined;
}

async function byCursor(
  directory: Directory,
  token: CursorToken,
  { path, extra, limit }: Ask,
): Promise<ListStep> {
  const { cursor } = token;
  const count = Math.min(token.count, limit);
  try {
    const { body, characters } = await directory.client.ask(path, { cursor, count, ...extra });
    const { nextCursor } = body;
    // A page of no rows may leave out Resources, whatever the total, as long as there is a next one.
    const isLast = typeof nextCursor !== 'string' || nextCursor === '';
    const { rows } = readListResponse(body, { path, count: isLast ? count : 0 });
    return { rows, next: cursorOn(token, rows, nextCursor), characters };
  } catch (error) {
    const next = afterRefusal(token, error);
    if (next !== null) return { rows: [], next, characters: 0 };
    return { rows: [], next: await withoutCursor(directory, path), characters: 0 };
  }
}

async function withoutCursor(directory: Directory, path: string): Promise<ListToken> {
  const { paging, cursorTimeout } = await directory.provider();
  if (paging.index) return WALK_START;
  const life = cursorTimeout === null ? '' : ` after ${cursorTimeout} seconds`;
  throw new RemoteUnavailable(
    `The directory forgets its place in ${path}${life} before the list is read. Ask for larger pages, or ask its vendor for a longer cursorTimeout.`,
  );
}

/**
 * Asks for the next page of a list. Throws the remote errors of the client, and RemoteUnavailable where the paging of
 * the directory does not work.
 */
export async function listOn(
  directory: Directory,
  after: ListToken | null,
  { path, extra = {}, limit = Number.MAX_SAFE_INTEGER }: Partial<Ask> & Pick<Ask, 'path'>,
): Promise<ListStep> {
  const token = after ?? (await start(directory));
  const ask = { path, extra, limit };
  return 'cursor' in token ? byCursor(directory, token, ask) : byIndex(directory, token, ask);
}
