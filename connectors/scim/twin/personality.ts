import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { isObject } from './attribute-path.ts';
import type { Filter } from './filter-parser.ts';
import { refuse } from './scim-error.ts';
import { ENTERPRISE_SCHEMA } from './scim-schemas.ts';

/** The habits in which directories differ. `rfc` and `strict` are the strict reading of RFC 7643 and 7644. */
export interface Personality {
  /** What the ServiceProviderConfig links to; empty for none. */
  readonly documentationUri: string;
  /** Records a page at most, whatever the settings allow. */
  readonly maxResults: number;
  /** False where users are only ever deactivated. */
  readonly deletes: boolean;
  /** True where `itemsPerPage` repeats the count that was asked for. */
  readonly echoesCount: boolean;
  /** True where every answer carries X-Rate-Limit-* headers, and a 429 has no Retry-After. */
  readonly rateHeaders: boolean;
  /** True where "Add", "Replace", "Remove" and "False" in a PATCH are taken. */
  readonly lenientPatch: boolean;
  /** The filter as it is carried out; null where it matches nothing. Throws the refusal invalidFilter. */
  filter(filter: Filter): Filter | null;
  /** A resource in the form in which it is sent. */
  present(resource: JsonObject): JsonObject;
}

const STRICT: Personality = {
  documentationUri: '',
  maxResults: 1000,
  deletes: true,
  echoesCount: false,
  rateHeaders: false,
  lenientPatch: false,
  filter: (filter) => filter,
  present: (resource) => resource,
};

const OKTA_FILTERS = new Set(['id', 'username', 'externalid', 'emails', 'displayname']);

/** Existence checks are all that the filters are good for: `eq` on one of a few attributes. */
function oktaFilter(filter: Filter): Filter {
  const isKnown = filter.kind === 'compare' && filter.op === 'eq';
  if (isKnown && OKTA_FILTERS.has(filter.path.toLowerCase())) return filter;
  throw refuse(400, 'This filter is not supported.', 'invalidFilter');
}

const OKTA: Personality = {
  ...STRICT,
  documentationUri: 'https://developer.okta.com/docs/reference/scim/',
  maxResults: 100,
  deletes: false,
  echoesCount: true,
  rateHeaders: true,
  filter: oktaFilter,
};

const wordOf = (value: boolean): string => (value ? 'True' : 'False');

function withPrimaryWords(value: Json): Json {
  if (!Array.isArray(value)) return value;
  return (value as readonly Json[]).map((each) => {
    const primary = isObject(each) ? each['primary'] : undefined;
    return isObject(each) && typeof primary === 'boolean'
      ? { ...each, primary: wordOf(primary) }
      : each;
  });
}

/** Booleans as words, and the manager as a bare id. */
function entraForm(resource: JsonObject): JsonObject {
  const sent = Object.entries(resource).map(([name, value]): [string, Json] => {
    if (typeof value === 'boolean') return [name, wordOf(value)];
    if (name !== ENTERPRISE_SCHEMA || !isObject(value)) return [name, withPrimaryWords(value)];
    const manager = isObject(value['manager']) ? value['manager']['value'] : undefined;
    return [name, manager === undefined ? value : { ...value, manager }];
  });
  return Object.fromEntries(sent);
}

/** Filters on an extension's attributes are taken and match nothing. */
function entraFilter(filter: Filter): Filter | null {
  return 'path' in filter && filter.path.toLowerCase().startsWith('urn:') ? null : filter;
}

const ENTRA: Personality = {
  ...STRICT,
  lenientPatch: true,
  filter: entraFilter,
  present: entraForm,
};

export const PERSONALITIES = { rfc: STRICT, strict: STRICT, okta: OKTA, entra: ENTRA } as const;

const OPS = new Set(['add', 'replace', 'remove']);

function lenientValue(value: Json): Json {
  if (value === 'True' || value === 'False') return value === 'True';
  if (!isObject(value) || typeof value['active'] !== 'string') return value;
  return { ...value, active: lenientValue(value['active']) };
}

/** `remove` with the members as values, which by RFC 7644 would take all of them: one operation a member. */
function removedByValue(op: string, { path, value }: JsonObject): readonly Json[] | null {
  if (op !== 'remove' || path !== 'members' || !Array.isArray(value)) return null;
  return (value as readonly Json[]).map((each) => {
    const id = isObject(each) ? (each['value'] ?? null) : null;
    return { op, path: `members[value eq ${JSON.stringify(id)}]` };
  });
}

/**
 * A PatchOp as Entra sends it, in the words of RFC 7644: op in lower case, booleans that are none made so, members that
 * are removed by value. Its legacy form knows no filter of members.
 */
export function toStrictPatch(body: JsonObject): JsonObject {
  const { Operations: operations } = body;
  if (!Array.isArray(operations)) return body;
  const strict = (operations as readonly Json[]).flatMap((operation): readonly Json[] => {
    if (!isObject(operation)) return [operation];
    const { op, path, value } = operation;
    if (typeof path === 'string' && path.startsWith('members['))
      throw refuse(400, 'A filter of members is not supported.', 'invalidPath');
    const lower = typeof op === 'string' ? op.toLowerCase() : '';
    const removed = removedByValue(lower, operation);
    if (removed !== null) return removed;
    const one = {
      ...operation,
      ...(OPS.has(lower) ? { op: lower } : {}),
      ...(value === undefined ? {} : { value: lenientValue(value) }),
    };
    return [one];
  });
  return { ...body, Operations: strict };
}
