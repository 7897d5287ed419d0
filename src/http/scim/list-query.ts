import type { DirectoryQuery } from '../../app/flows/read-directory.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import { asksMembers, lookupOf, matches } from './match-filter.ts';
import { parseFilter } from './parse-filter.ts';
import { present } from './present.ts';
import { readProjection, shows, type Projection } from './project.ts';
import type { ResourceType } from './schemas.ts';
import { scimError } from './scim-error.ts';

export const DEFAULT_PAGE = 100;
export const MOST_ON_PAGE = 200;

/** What a list is asked for, by address or by the body of a `.search`. */
export interface ListQuery {
  readonly query: DirectoryQuery;
  readonly projection: Projection;
  readonly startIndex: number;
  /** True if pages follow each other by cursor (RFC 9865) and not by index. */
  readonly byCursor: boolean;
}

/**
 * Reads what is asked of a list (RFC 7644 §3.4.2): paging by index, where less than 1 means 1 and less than 0 means 0, or
 * by cursor. `sortBy` is not supported, which `/ServiceProviderConfig` says, and is left out of account.
 * Throws invalidFilter, invalidCursor, invalidCount (of a page by cursor), invalidValue.
 */
export function readListQuery(asked: JsonObject, type: ResourceType, base: string): ListQuery {
  const projection = projectionOf(asked, type);
  const text = textOf(asked, 'filter');
  const filter = text === null || text.trim() === '' ? null : parseFilter(text, type);
  const { lookup, whole } = filter === null ? { lookup: {}, whole: true } : lookupOf(filter, type.kind); // prettier-ignore
  const judge = filter === null || whole ? null : filter;
  const cursor = textOf(asked, 'cursor');
  const startIndex = cursor === null ? Math.max(1, numberOf(asked, 'startIndex') ?? 1) : 1;
  const count = cursor === null ? Math.max(0, numberOf(asked, 'count') ?? DEFAULT_PAGE) : cursorCount(asked); // prettier-ignore
  return {
    query: {
      kind: type.kind,
      lookup,
      accept: judge === null ? undefined : (entry) => matches(judge, present(entry, base)),
      skip: startIndex - 1,
      limit: Math.min(count, MOST_ON_PAGE),
      after: cursor === null ? '' : readCursor(cursor),
      withMembers:
        shows(projection, 'members') || (judge !== null && asksMembers(judge, type.kind)),
    },
    projection,
    startIndex,
    byCursor: cursor !== null,
  };
}

/** The projection that is asked for. */
export function projectionOf(asked: JsonObject, type: ResourceType): Projection {
  return readProjection(namesOf(asked, 'attributes'), namesOf(asked, 'excludedAttributes'), type);
}

/** The cursor of the page after that resource. */
export function cursorAfter(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** The first page has an empty cursor. */
function readCursor(cursor: string): string {
  if (cursor === '') return '';
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (/^d(?:us|gr)_[0-9a-z]{26}$/.test(id)) return id;
  throw scimError(400, 'invalidCursor', 'This cursor was not given by us.');
}

/** By cursor a page holds one resource at least (RFC 9865 §2.1); more than the most are cut to it. */
function cursorCount(asked: JsonObject): number {
  const count = asked['count'] ?? '';
  if (count === '') return DEFAULT_PAGE;
  const number =
    typeof count === 'number' || typeof count === 'string' ? Number(count) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw scimError(400, 'invalidCount', `count must be a whole number from 1 to ${MOST_ON_PAGE}.`);
}

function textOf(asked: JsonObject, name: string): string | null {
  const value = asked[name];
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  throw scimError(400, 'invalidValue', `${name} must be given once, as a text.`);
}

function numberOf(asked: JsonObject, name: string): number | null {
  const value: Json | undefined = asked[name];
  if (value === undefined || value === null || value === '') return null;
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : Number.NaN; // prettier-ignore
  if (Number.isSafeInteger(number) && Math.abs(number) < 1e9) return number;
  throw scimError(400, 'invalidValue', `${name} must be a whole number.`);
}

function namesOf(asked: JsonObject, name: string): readonly string[] {
  const value = asked[name];
  if (value === undefined || value === null) return [];
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
  return list
    .flatMap((each) => (typeof each === 'string' ? each.split(',') : []))
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
