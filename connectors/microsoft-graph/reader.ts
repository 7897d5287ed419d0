import * as z from 'zod';
import { isObject, type JsonClient } from '../../src/sdk/json-client.ts';
import {
  RemoteRejected,
  RemoteUnavailable,
  type Json,
  type JsonObject,
} from '../../src/sdk/kernel.ts';
import { byReadability, streamNamed, tombstone, unreadable } from '../../src/sdk/read-only.ts';
import type {
  Page,
  PageToken,
  RecordKey,
  RecordsById,
  SourceRecord,
} from '../../src/sdk/record.ts';
import { namesOf, skuRow, userRow, type ReadRow, type SkuNames } from './rows.ts';
import { STREAMS, USER_FIELDS } from './streams.ts';

/** Where the next page is. A page's address runs out; the read then starts again, and what came twice is known by id. */
const GraphToken = z.strictObject({ next: z.string().nullable(), restarts: z.int().nonnegative() });
type GraphToken = z.infer<typeof GraphToken>;

const RESTARTS = 3;
/** Counts are only to be had with it (Graph, advanced queries). */
const EVENTUAL = { consistencylevel: 'eventual' };

export interface Reader {
  page(stream: string, after: PageToken | null, limit?: number): Promise<Page>;
  count(stream: string): Promise<number | null>;
  keys(stream: string): Promise<readonly RecordKey[]>;
  byIds(stream: string, ids: readonly string[]): Promise<RecordsById>;
  /** What Microsoft provides to the directory, by `skuId`. */
  products(): Promise<ReadonlyMap<string, SkuNames>>;
  /** The licences of these users; a user that is gone is left out. */
  licencesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Json[]>>;
}

interface Source {
  readonly client: JsonClient;
  readonly origin: string;
  readonly pageSize: number;
}

/** Reads one directory. Every method throws the remote errors of the client. */
export function createReader(source: Source): Reader {
  let known: ReadonlyMap<string, SkuNames> | null = null;
  const products = async () => namesOf(await skus(source));
  /** Asked for once a read: a page of users names licences by id alone. */
  const names = async (isStart: boolean): Promise<ReadonlyMap<string, SkuNames>> => {
    if (isStart || known === null) known = await products();
    return known;
  };
  return {
    products,
    licencesOf: async (ids) => {
      const rows = await usersById(source, ids, new Map());
      return new Map(
        [...rows].map(([id, row]) => {
          const licences = isRecord(row) ? row.data['assignedLicenses'] : [];
          return [id, Array.isArray(licences) ? (licences as readonly Json[]) : []];
        }),
      );
    },
    page: async (stream, after, limit) => {
      if (streamNamed(STREAMS, stream, 'Microsoft Graph').name === 'subscribedSkus')
        return pageOf((await skus(source)).map(skuRow), null);
      const token = after === null ? { next: null, restarts: 0 } : GraphToken.parse(after);
      const inUse = await names(after === null);
      try {
        const { rows, next } = await users(source, token.next, { limit });
        const row = (each: Json): ReadRow => userRow(each, inUse);
        return pageOf(rows.map(row), next === null ? null : { next, restarts: token.restarts });
      } catch (error) {
        return pageOf([], again(error, token));
      }
    },
    count: async (stream) => {
      if (streamNamed(STREAMS, stream, 'Microsoft Graph').name === 'subscribedSkus')
        return (await skus(source)).length;
      return countOf(await source.client.text('/v1.0/users/$count', EVENTUAL));
    },
    keys: async (stream) => {
      const rows = stream === 'users' ? await allUserIds(source) : await skus(source);
      const ids = rows.flatMap((row) => (isObject(row) && typeof row['id'] === 'string' ? row['id'] : [])); // prettier-ignore
      return [...new Set(ids)].map((id) => ({ id, stamp: null }));
    },
    byIds: async (stream, ids) => {
      const found =
        stream === 'users'
          ? await usersById(source, ids, await names(false))
          : new Map((await skus(source)).map(skuRow).map((row) => [row.id, row]));
      return byReadability(ids.map((id) => found.get(id) ?? tombstone(id)));
    },
  };
}

const isRecord = (row: ReadRow): row is SourceRecord => 'data' in row;

function pageOf(rows: readonly ReadRow[], next: JsonObject | null): Page {
  return {
    records: rows.filter(isRecord),
    unreadable: rows.flatMap((row) => (isRecord(row) ? [] : [row])),
    next,
  };
}

/** A page's address that ran out is no failure: the list is read from its start, a few times at most. */
function again(error: unknown, { next, restarts }: GraphToken): JsonObject {
  const isExpired = error instanceof RemoteRejected && next !== null;
  if (!isExpired || restarts >= RESTARTS) throw error;
  return { next: null, restarts: restarts + 1 };
}

function rowsOf(body: JsonObject, what: string): readonly Json[] {
  const { value } = body;
  if (Array.isArray(value)) return value;
  throw new RemoteUnavailable(`Microsoft Graph gave ${what} without a list of values. Try again.`);
}

async function skus({ client }: Source): Promise<readonly Json[]> {
  return rowsOf((await client.get('/v1.0/subscribedSkus')).body, 'subscribedSkus');
}

interface Users {
  readonly rows: readonly Json[];
  readonly next: string | null;
}

async function users(
  source: Source,
  next: string | null,
  {
    fields = USER_FIELDS,
    limit = source.pageSize,
  }: { readonly fields?: readonly string[]; readonly limit?: number | undefined } = {},
): Promise<Users> {
  const path = next ?? `/v1.0/users?$select=${fields.join(',')}&$top=${Math.min(limit, source.pageSize)}`;
  const { body } = await source.client.get(path);
  return { rows: rowsOf(body, 'users'), next: nextPath(source, body['@odata.nextLink']) };
} // prettier-ignore

/** Only the path of the next page is followed, and only below the address that the connection names. */
function nextPath({ origin }: Source, link: Json | undefined): string | null {
  if (link === undefined || link === null) return null;
  const url = typeof link === 'string' && URL.canParse(link) ? new URL(link) : null;
  if (url?.origin === origin && url.pathname.startsWith('/v1.0/users')) return `${url.pathname}${url.search}`; // prettier-ignore
  throw new RemoteUnavailable(
    'Microsoft Graph names a next page outside of the users of this connection’s address. It is not followed.',
  );
}

function countOf(text: string): number {
  // Graph puts a byte order mark before the figure.
  const figure = text.replace(/^\uFEFF/, '').trim();
  if (/^\d{1,9}$/.test(figure)) return Number(figure);
  throw new RemoteUnavailable('Microsoft Graph answered the count of users without a number. Try again.'); // prettier-ignore
}

async function allUserIds(source: Source): Promise<readonly Json[]> {
  const all: Json[] = [];
  let next: string | null = null;
  do {
    const page: Users = await users(source, next, { fields: ['id'] });
    all.push(...page.rows);
    next = page.next;
  } while (next !== null);
  return all;
}

const AT_ONCE = 4;

/** What Graph gave for each id; an id of which it knows nobody is left out. */
async function usersById(
  { client }: Source,
  ids: readonly string[],
  names: ReadonlyMap<string, SkuNames>,
): Promise<ReadonlyMap<string, ReadRow>> {
  const found = new Map<string, ReadRow>();
  const select = USER_FIELDS.join(',');
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE);
    const answers = await Promise.all(
      some.map(async (id) => ({
        id,
        answer: await client.find(`/v1.0/users/${encodeURIComponent(id)}?$select=${select}`),
      })),
    );
    for (const { id, answer } of answers)
      if (answer !== undefined) found.set(id, userGiven(id, userRow(answer.body, names)));
  }
  return found;
}

/** The row that was given for an id. One without that id is there all the same: it waits, and is not taken for gone. */
function userGiven(id: string, row: ReadRow): ReadRow {
  if (!isRecord(row)) return { ...row, id, outcome: 'quarantined' };
  if (row.id === id) return row;
  const reason = `Microsoft Graph was asked for the user ${id} and gave another one.`;
  return unreadable(id, 'other_record', reason);
}
