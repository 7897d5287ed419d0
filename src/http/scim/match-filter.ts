import { foldCase } from '../../kernel/fold-case.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import type { DirectoryKind, DirectoryLookup } from '../../app/flows/read-directory.ts';
import type { AttributePath } from './attribute-path.ts';
import type { Filter, Operator } from './parse-filter.ts';

/** True if the resource, in our spelling, is one that the filter asks for. */
export function matches(filter: Filter, resource: JsonObject): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, resource) && matches(filter.right, resource);
    case 'or':
      return matches(filter.left, resource) || matches(filter.right, resource);
    case 'not':
      return !matches(filter.inner, resource);
    case 'present':
      return valuesAt(resource, filter.path).some(isPresent);
    case 'some':
      return valuesAt(resource, filter.path).some(
        (value) => isObject(value) && matches(filter.inner, value),
      );
    case 'compare':
      return isCompared(filter, plainValuesAt(resource, filter.path));
  }
}

function isCompared(
  { path, operator, value }: Extract<Filter, { kind: 'compare' }>,
  found: readonly Json[],
): boolean {
  if (value === null) return found.some(isPresent) === (operator === 'ne');
  const exact = comparedAttribute(path)?.caseExact ?? false;
  const isTime = comparedAttribute(path)?.type === 'dateTime';
  const equal = (each: Json): boolean => order(each, value, { exact, isTime }) === 0;
  if (operator === 'eq') return found.some(equal);
  if (operator === 'ne') return !found.some(equal);
  return found.some((each) => isOrdered(operator, each, value, { exact, isTime }));
}

interface How {
  readonly exact: boolean;
  readonly isTime: boolean;
}

function isOrdered(
  operator: Exclude<Operator, 'eq' | 'ne'>,
  found: Json,
  value: string | number | boolean,
  how: How,
): boolean {
  const sign = order(found, value, how);
  switch (operator) {
    case 'gt':
      return sign !== null && sign > 0;
    case 'ge':
      return sign !== null && sign >= 0;
    case 'lt':
      return sign !== null && sign < 0;
    case 'le':
      return sign !== null && sign <= 0;
    case 'co':
    case 'sw':
    case 'ew':
      return typeof found === 'string' && typeof value === 'string' && holds(operator, spelled(found, how), spelled(value, how)); // prettier-ignore
  }
}

function holds(operator: 'co' | 'sw' | 'ew', text: string, part: string): boolean {
  if (operator === 'co') return text.includes(part);
  return operator === 'sw' ? text.startsWith(part) : text.endsWith(part);
}

function spelled(text: string, { exact }: How): string {
  return exact ? text : foldCase(text);
}

/** Less than, equal to or greater than 0, as found stands to value; null where the two cannot be compared. */
function order(found: Json, value: string | number | boolean, how: How): number | null {
  if (typeof found === 'boolean') {
    const word = typeof value === 'string' ? value.toLowerCase() : String(value);
    return String(found) === word ? 0 : null;
  }
  if (how.isTime) {
    const [left, right] = [found, value].map((each) =>
      Date.parse(typeof each === 'string' ? each : ''),
    );
    if (left === undefined || right === undefined) return null;
    return Number.isNaN(left) || Number.isNaN(right) ? null : left - right;
  }
  if (typeof found === 'number' && typeof value === 'number') return found - value;
  if (typeof found !== 'string' || typeof value !== 'string') return null;
  const [left, right] = [spelled(found, how), spelled(value, how)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** `emails eq "…"` asks for the value of each e-mail address (RFC 7644 §3.4.2.2). */
function comparedAttribute(path: AttributePath): AttributePath['attribute'] {
  const { attribute } = path;
  if (attribute?.type !== 'complex') return attribute;
  return attribute.subAttributes.find(({ name }) => name === 'value') ?? null;
}

function plainValuesAt(resource: JsonObject, path: AttributePath): readonly Json[] {
  return valuesAt(resource, path).flatMap((each) => {
    if (!isObject(each)) return [each];
    const { value } = each;
    return value === undefined ? [] : [value];
  });
}

/** Every value that stands at a path: several where it goes through a list. */
export function valuesAt(resource: JsonObject, path: AttributePath): readonly Json[] {
  const base = path.extension === null ? resource : memberOf(resource, path.extension);
  if (!isObject(base)) return [];
  if (path.name === null) return [base];
  const found = listed(memberOf(base, path.name));
  const { sub } = path;
  if (sub === null) return found;
  return found.flatMap((each) => (isObject(each) ? listed(memberOf(each, sub)) : []));
}

function listed(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

function isPresent(value: Json): boolean {
  if (value === null || value === '') return false;
  if (isList(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

/** The member of that name; in an extension that no schema knows the spelling is the provider's. */
function memberOf(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const key = Object.keys(object).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** What of a filter an index can answer. `whole`: that is all of it. */
export interface FilterLookup {
  readonly lookup: DirectoryLookup;
  readonly whole: boolean;
}

const NOTHING: FilterLookup = { lookup: {}, whole: false };

/** The part of a filter that need not be tried on every resource: equality of a key, alone or with others by `and`. */
export function lookupOf(filter: Filter, kind: DirectoryKind): FilterLookup {
  if (filter.kind === 'and') {
    const [left, right] = [lookupOf(filter.left, kind), lookupOf(filter.right, kind)];
    const twice = Object.keys(left.lookup).some((key) => key in right.lookup);
    return {
      lookup: { ...right.lookup, ...left.lookup },
      whole: left.whole && right.whole && !twice,
    };
  }
  if (filter.kind === 'some' && isMembers(filter.path, kind)) {
    const { inner } = filter;
    const byValue = inner.kind === 'compare' && inner.path.name === 'value';
    return byValue && inner.operator === 'eq' && typeof inner.value === 'string'
      ? { lookup: { memberId: inner.value }, whole: true }
      : NOTHING;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') {
    return NOTHING;
  }
  const key = keyOf(filter.path, kind);
  return key === null ? NOTHING : { lookup: { [key]: filter.value }, whole: true };
}

function keyOf(path: AttributePath, kind: DirectoryKind): keyof DirectoryLookup | null {
  if (isMembers(path, kind) && (path.sub === null || path.sub === 'value')) return 'memberId';
  if (path.extension !== null || path.sub !== null) return null;
  if (path.name === 'id') return 'id';
  if (path.name === 'externalId') return 'externalId';
  return path.name === (kind === 'Users' ? 'userName' : 'displayName') ? 'name' : null;
}

/** True if the path is that of a group's members. */
export function isMembers(path: AttributePath, kind: DirectoryKind): boolean {
  return kind === 'Groups' && path.extension === null && path.name === 'members';
}

/** True if a filter can only be judged with the members at hand. */
export function asksMembers(filter: Filter, kind: DirectoryKind): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return asksMembers(filter.left, kind) || asksMembers(filter.right, kind);
    case 'not':
      return asksMembers(filter.inner, kind);
    case 'present':
    case 'compare':
    case 'some':
      return isMembers(filter.path, kind);
  }
}
