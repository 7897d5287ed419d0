import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { extensionNamed, isObject, resolvePath, textOf, valuesAt } from './attribute-path.ts';
import type { Cursors } from './cursors.ts';
import { matchFilter } from './filter-match.ts';
import { parseFilter } from './filter-parser.ts';
import type { Personality } from './personality.ts';
import { refuse } from './scim-error.ts';
import type { ScimResourceType } from './scim-schemas.ts';

const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const DEFAULT_COUNT = 100;

function wholeNumber(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  if (!/^-?\d{1,9}$/.test(text))
    throw refuse(400, `${name} must be a whole number.`, 'invalidValue');
  return Number(text);
}

function names(query: URLSearchParams, name: string): readonly string[] {
  return (query.get(name) ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** Keeps the named attributes and those that are always returned; `name.givenName` keeps one sub-attribute. */
function keepOnly(
  type: ScimResourceType,
  resource: JsonObject,
  wanted: readonly string[],
): JsonObject {
  const kept: Record<string, Json> = {
    schemas: resource['schemas'] ?? [],
    id: resource['id'] ?? '',
  };
  for (const name of wanted) {
    const extension = extensionNamed(type, name);
    const path = resolvePath(type, name);
    if (extension !== undefined && resource[extension.id] !== undefined) {
      kept[extension.id] = resource[extension.id] ?? null;
    } else if (path !== undefined && valuesAt(resource, path).length > 0) {
      keepPath(kept, resource, path);
    }
  }
  return kept;
}

function keepPath(
  kept: Record<string, Json>,
  resource: JsonObject,
  path: NonNullable<ReturnType<typeof resolvePath>>,
): void {
  const { extension, attribute, sub } = path;
  const source = extension === null ? resource : resource[extension];
  const value = isObject(source) ? source[attribute.name] : undefined;
  if (value === undefined) return;
  const pick = (each: Json): Json => {
    if (sub === null || !isObject(each)) return each;
    const before = isObject(kept[attribute.name]) ? kept[attribute.name] : {};
    return {
      ...(attribute.multiValued || !isObject(before) ? {} : before),
      [sub.name]: each[sub.name] ?? null,
    };
  };
  const next: Json = Array.isArray(value) ? value.map(pick) : pick(value);
  if (extension === null) kept[attribute.name] = next;
  else
    kept[extension] = {
      ...(isObject(kept[extension]) ? kept[extension] : {}),
      [attribute.name]: next,
    };
}

function leaveOut(
  type: ScimResourceType,
  resource: JsonObject,
  unwanted: readonly string[],
): JsonObject {
  const left: Record<string, Json> = { ...resource };
  for (const name of unwanted) {
    const path = resolvePath(type, name);
    const extension = extensionNamed(type, name);
    if (extension !== undefined) delete left[extension.id];
    else if (
      path?.extension === null &&
      path.sub === null &&
      path.attribute.returned !== 'always'
    ) {
      delete left[path.attribute.name];
    }
  }
  return left;
}

/** The representation that `attributes` or `excludedAttributes` ask for (RFC 7644 §3.9). */
export function project(
  type: ScimResourceType,
  resource: JsonObject,
  query: URLSearchParams,
): JsonObject {
  const wanted = names(query, 'attributes');
  return wanted.length > 0
    ? keepOnly(type, resource, wanted)
    : leaveOut(type, resource, names(query, 'excludedAttributes'));
}

function sorted(
  type: ScimResourceType,
  rows: readonly JsonObject[],
  query: URLSearchParams,
): readonly JsonObject[] {
  const by = query.get('sortBy');
  if (by === null) return rows;
  const path = resolvePath(type, by);
  if (path === undefined)
    throw refuse(400, `sortBy names the unknown attribute "${by}".`, 'invalidPath');
  const exact = (path.sub ?? path.attribute).caseExact;
  const key = (row: JsonObject): string => {
    const [first] = valuesAt(row, path);
    const value = isObject(first) ? first['value'] : first;
    const text = typeof value === 'boolean' ? String(value) : textOf(value);
    return exact ? text : text.toLowerCase();
  };
  const sign = query.get('sortOrder')?.toLowerCase() === 'descending' ? -1 : 1;
  const keyed = rows.map((row) => ({ row, text: key(row) }));
  return keyed
    .toSorted((a, b) => (a.text < b.text ? -sign : a.text > b.text ? sign : 0))
    .map(({ row }) => row);
}

export interface ListOptions {
  readonly type: ScimResourceType;
  /** All resources of the type, in their stable order. */
  readonly rows: readonly JsonObject[];
  readonly query: URLSearchParams;
  readonly personality: Personality;
  readonly pagination: 'index' | 'cursor' | 'both';
  readonly maxResults: number;
  /** True for a record that a fault hides from pages although totals count it. */
  readonly hidden: (id: string) => boolean;
  readonly cursors: Cursors;
  readonly numberOf: (id: string) => number;
}

const KEY_ATTRIBUTES = new Set(['id', 'meta.lastmodified']);

interface Found {
  readonly total: number;
  /** What pages show: a hidden record only where nothing but ids and stamps is asked for, so it can be named. */
  readonly visible: readonly JsonObject[];
}

function find({ type, rows, query, hidden, personality }: ListOptions): Found {
  const text = query.get('filter');
  const filter = text === null ? undefined : personality.filter(parseFilter(text));
  const matches = filter === undefined ? () => true : filter === null ? () => false : matchFilter(filter, type); // prettier-ignore
  const found = sorted(type, rows.filter(matches), query);
  const asks = names(query, 'attributes').map((name) => name.toLowerCase());
  const onlyIds = asks.length > 0 && asks.every((name) => KEY_ATTRIBUTES.has(name));
  const visible = onlyIds ? found : found.filter((row) => !hidden(textOf(row['id'])));
  return { total: found.length, visible };
}

function answer(
  { type, query, personality }: ListOptions,
  found: Found,
  page: readonly JsonObject[],
  rest: JsonObject,
): JsonObject {
  return {
    schemas: [LIST_SCHEMA],
    totalResults: found.total,
    itemsPerPage: page.length,
    ...rest,
    Resources: page.map((row) => personality.present(project(type, row, query))),
  };
}

/** RFC 7644 §3.4.2.4: 1-based startIndex, `count` cut to the server's maximum. */
function byIndex(options: ListOptions): JsonObject {
  const { query, maxResults, personality } = options;
  const found = find(options);
  const startIndex = Math.max(1, wholeNumber(query, 'startIndex', 1));
  const asked = Math.max(0, wholeNumber(query, 'count', DEFAULT_COUNT));
  const count = Math.min(asked, maxResults);
  const page = found.visible.slice(startIndex - 1, startIndex - 1 + count);
  const itemsPerPage = personality.echoesCount ? asked : page.length;
  return answer(options, found, page, { startIndex, itemsPerPage });
}

/** RFC 9865: a page behind a cursor, and the cursor behind the page unless it is the last one. */
function byCursor(options: ListOptions, cursor: string): JsonObject {
  const { type, query, maxResults, cursors, numberOf } = options;
  if (query.has('sortBy')) throw refuse(400, 'A list by cursor is not sorted.', 'invalidValue');
  const asked = wholeNumber(query, 'count', Math.min(DEFAULT_COUNT, maxResults));
  if (asked < 1 || asked > maxResults) {
    throw refuse(400, `count must be 1 to ${maxResults}.`, 'invalidCount');
  }
  const list = `${type.endpoint}?${query.get('filter') ?? ''}`;
  const after = cursors.take(list, type.endpoint, cursor);
  const found = find(options);
  const left = found.visible
    .map((row) => ({ row, number: numberOf(textOf(row['id'])) }))
    .filter(({ number }) => number > after);
  const page = left.slice(0, asked);
  const last = page.at(-1);
  const goesOn = last !== undefined && left.length > page.length;
  const rest = goesOn ? { nextCursor: cursors.give(list, last.number) } : {};
  return answer(
    options,
    found,
    page.map(({ row }) => row),
    rest,
  );
}

/** The ListResponse of RFC 7644 §3.4.2, by cursor where one is given or nothing else is offered. */
export function listResources(options: ListOptions): JsonObject {
  const { query, pagination } = options;
  const cursor = query.get('cursor');
  if (cursor !== null && pagination !== 'index') return byCursor(options, cursor);
  if (pagination !== 'cursor') return byIndex(options);
  if (query.has('startIndex')) {
    throw refuse(400, 'Lists are paged by cursor: startIndex is not known.', 'invalidValue');
  }
  return byCursor(options, '');
}
