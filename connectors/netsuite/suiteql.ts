import * as z from 'zod';
import { RemoteRejected, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import type { NetSuiteClient } from './client.ts';
import { garbled } from './errors.ts';
import { isObject } from './lossless-json.ts';

/** One row as SuiteQL gives it: lower-case names, every value text, nulls left out. */
export type SuiteqlRow = Readonly<Record<string, string>>;

export interface SuiteqlPage {
  readonly rows: readonly SuiteqlRow[];
  /** The Date header of the answer: the instant at which it was made. */
  readonly date: Date | null;
  /** True if the query holds more rows than this answer. */
  readonly hasMore: boolean;
}

/** Rows that one answer holds at most. */
export const MAX_ROWS = 1000;

/** Rows of one page: a page that lands costs a commit, so two answers make one. */
export const PAGE_ROWS = 2 * MAX_ROWS;

/** Change stamps and business dates leave SuiteQL in these forms; without TO_CHAR a date loses its time. */
export const STAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS';

/** Figures are decimal text here: the answer was parsed without floats. */
const Count = z.string().regex(/^\d+$/).optional();
const Reply = z.object({
  items: z.custom<readonly JsonObject[]>((items) => Array.isArray(items) && items.every(isObject)),
  hasMore: z.boolean(),
  count: Count,
  totalResults: Count,
});
type Reply = z.infer<typeof Reply>;

/** What an answer says of itself against what it holds: a page that names more than it gives was cut on its way. */
function contradiction({ items, hasMore, count, totalResults }: Reply): string | null {
  if (count !== undefined && count !== String(items.length))
    return `it names ${count} rows and holds ${items.length}`;
  if (hasMore && items.length === 0) return 'it promises more and holds nothing';
  const isShort = totalResults !== undefined && BigInt(totalResults) > BigInt(items.length);
  return !hasMore && isShort ? `it holds ${items.length} of ${totalResults} rows` : null;
}

/** A text literal of SuiteQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function toRow(item: JsonObject): SuiteqlRow {
  // Only a defined property may be called __proto__: an assignment would lose it, and nobody would refuse the record.
  if (Object.hasOwn(item, '__proto__'))
    return Object.fromEntries(Object.entries(item).filter(isCell));
  const row: Record<string, string> = {};
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (typeof value === 'string') row[name] = value;
  }
  return row;
}

function isCell(cell: [string, Json]): cell is [string, string] {
  return typeof cell[1] === 'string';
}

/**
 * Runs one query and gives its first `limit` rows. No offset is ever used: rows that move between two pages
 * would be read twice or not at all. Callers go on from the last key instead.
 */
export async function querySuiteql(
  client: NetSuiteClient,
  sql: string,
  what: string,
  limit = MAX_ROWS,
): Promise<SuiteqlPage> {
  const answer = await client.call({
    method: 'POST',
    path: `/query/v1/suiteql?limit=${limit}&offset=0`,
    headers: { prefer: 'transient' },
    body: JSON.stringify({ q: sql.replaceAll(/\s+/g, ' ').trim() }),
    what,
    read: true,
  });
  const reply = Reply.safeParse(answer.body);
  if (!reply.success) throw garbled(what, 'it holds no rows');
  const wrong = contradiction(reply.data);
  if (wrong !== null) throw garbled(what, wrong);
  const header = answer.headers['date'];
  const date = typeof header === 'string' ? Date.parse(header) : Number.NaN;
  return {
    rows: reply.data.items.map(toRow),
    hasMore: reply.data.hasMore,
    date: Number.isNaN(date) ? null : new Date(date),
  };
}

/** Runs a query of one row and one column. */
export async function queryValue(
  client: NetSuiteClient,
  sql: string,
  what: string,
): Promise<string | null> {
  const { rows } = await querySuiteql(client, sql, what, 1);
  return rows[0] === undefined ? null : (Object.values(rows[0])[0] ?? null);
}

/** How many rows `from` holds: a table with its alias, and its conditions. */
export async function countRows(
  client: NetSuiteClient,
  from: string,
  what: string,
): Promise<number> {
  const count = await queryValue(client, `SELECT COUNT(*) AS total FROM ${from}`, what);
  if (count === null || !/^\d+$/.test(count)) throw garbled(what, 'it holds no count');
  return Number(count);
}

/** The identifier that a refused query named and this account does not have; null for any other error. */
export function unknownIdentifier(error: unknown): string | null {
  if (!(error instanceof RemoteRejected)) return null;
  const said = /Unknown identifier '(?:\w+\.)?(\w+)'/.exec(error.message);
  const other = /Field '(\w+)' for record '\w+' was not found/.exec(error.message);
  return (said ?? other)?.[1]?.toLowerCase() ?? null;
}
