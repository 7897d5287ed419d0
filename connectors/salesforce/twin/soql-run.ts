import type { Json } from '../../../src/sdk/kernel.ts';
import { longId } from '../record-id.ts';
import type { TwinField, TwinObject } from './schema.ts';
import type { CompareOperator, Condition, Literal, OrderTerm, SoqlQuery } from './soql-parse.ts';
import { stampSeconds, type TwinRecord, type TwinState } from './state.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

/** A field seen from a query's object: its own, or one relationship away (`Product2.ProductCode`). */
export interface ResolvedPath {
  readonly field: TwinField;
  /** The reference to follow first; null for an own field. */
  readonly via: TwinField | null;
}

type Scalar = string | number | boolean | null;
type Test = (record: TwinRecord) => boolean;

function invalidField(message: string): VendorRefusal {
  return new VendorRefusal(400, vendorError('INVALID_FIELD', message));
}

function noColumn(name: string, entity: string): VendorRefusal {
  return invalidField(
    `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

/** Finds a path's fields, whatever their letter case; throws INVALID_FIELD as the vendor does. */
export function resolvePath(state: TwinState, object: TwinObject, path: string): ResolvedPath {
  const [first = '', second] = path.split('.');
  if (second === undefined) {
    const field = find(object, (each) => each.name.toLowerCase() === first.toLowerCase());
    if (field === undefined) throw noColumn(first, object.name);
    return { field, via: null };
  }
  const via = find(object, (each) => each.relationshipName?.toLowerCase() === first.toLowerCase());
  if (via?.referenceTo === null || via?.referenceTo === undefined) {
    throw invalidField(
      `Didn't understand relationship '${first}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  }
  const target = resolvePath(state, state.object(via.referenceTo), second);
  return { field: target.field, via };
}

function find(object: TwinObject, test: (field: TwinField) => boolean): TwinField | undefined {
  return object.fields.values().find(test);
}

/** The stored value at a path; null where the reference is empty or leads nowhere. */
export function valueAt(state: TwinState, record: TwinRecord, path: ResolvedPath): Json {
  if (path.via === null) return record.values.get(path.field.name) ?? null;
  const id = record.values.get(path.via.name);
  const target = typeof id === 'string' ? state.get(path.via.referenceTo ?? '', id) : undefined;
  return target?.values.get(path.field.name) ?? null;
}

/** A value in the form in which it is compared: date-times in whole seconds, text without case. */
function comparable(field: TwinField, value: Json): Scalar {
  if (value === null || value === undefined) return null;
  if (field.type === 'datetime') return Math.floor(Number(value) / 1000);
  if (typeof value !== 'string') return value as Scalar;
  if (field.type === 'id' || field.type === 'reference') return longId(value);
  return field.externalId ? value : value.toLowerCase();
}

const EXPECTED: Readonly<Partial<Record<TwinField['type'], Literal['kind']>>> = {
  datetime: 'datetime',
  date: 'date',
  double: 'number',
  currency: 'number',
  int: 'number',
  boolean: 'boolean',
};

function literalFor(field: TwinField, literal: Literal): Scalar {
  if (literal.kind === 'null') return null;
  const expected = EXPECTED[field.type] ?? 'string';
  if (literal.kind !== expected) {
    throw invalidField(
      `value of filter criterion for field '${field.name}' must be of type ${field.type} and should ${expected === 'string' ? '' : 'not '}be enclosed in quotes`,
    );
  }
  return literal.kind === 'datetime' ? literal.value : comparable(field, literal.value);
}

const COMPARE: Readonly<Record<CompareOperator, (left: Scalar, right: Scalar) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left !== null && right !== null && left < right,
  '<=': (left, right) => left !== null && right !== null && left <= right,
  '>': (left, right) => left !== null && right !== null && left > right,
  '>=': (left, right) => left !== null && right !== null && left >= right,
};

function likePattern(pattern: string): RegExp {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, 'is');
}

function compile(state: TwinState, object: TwinObject, condition: Condition): Test {
  switch (condition.kind) {
    case 'and': {
      const parts = condition.parts.map((part) => compile(state, object, part));
      return (record) => parts.every((part) => part(record));
    }
    case 'or': {
      const parts = condition.parts.map((part) => compile(state, object, part));
      return (record) => parts.some((part) => part(record));
    }
    case 'not': {
      const part = compile(state, object, condition.part);
      return (record) => !part(record);
    }
    case 'compare': {
      const path = resolvePath(state, object, condition.path);
      const right = literalFor(path.field, condition.literal);
      const test = COMPARE[condition.operator];
      return (record) => test(comparable(path.field, valueAt(state, record, path)), right);
    }
    case 'in': {
      const path = resolvePath(state, object, condition.path);
      const set = new Set(condition.literals.map((each) => literalFor(path.field, each)));
      return (record) =>
        set.has(comparable(path.field, valueAt(state, record, path))) !== condition.negated;
    }
    case 'like': {
      const path = resolvePath(state, object, condition.path);
      const pattern = likePattern(condition.pattern);
      return (record) => {
        const value = valueAt(state, record, path);
        return typeof value === 'string' && pattern.test(value);
      };
    }
  }
}

/** The lowest stamp that can satisfy the condition: lets a keyset page start where the last one ended. */
function stampFloor(condition: Condition): number {
  if (condition.kind === 'and') return Math.max(...condition.parts.map(stampFloor));
  if (condition.kind === 'or') return Math.min(...condition.parts.map(stampFloor));
  if (condition.kind !== 'compare' || condition.path !== 'SystemModstamp') return -Infinity;
  if (condition.literal.kind !== 'datetime') return -Infinity;
  return ['=', '>', '>='].includes(condition.operator) ? condition.literal.value : -Infinity;
}

function firstAtOrAfter(records: readonly TwinRecord[], seconds: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record !== undefined && stampSeconds(record) < seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isStampOrder(orderBy: readonly OrderTerm[]): boolean {
  const [first, second] = orderBy;
  if (orderBy.some((term) => term.descending) || orderBy.length > 2) return false;
  return first?.path === 'SystemModstamp' && (second === undefined || second.path === 'Id');
}

function sorter(state: TwinState, object: TwinObject, orderBy: readonly OrderTerm[]) {
  const terms = orderBy.map((term) => ({
    path: resolvePath(state, object, term.path),
    sign: term.descending ? -1 : 1,
  }));
  return (left: TwinRecord, right: TwinRecord): number => {
    for (const { path, sign } of terms) {
      const a = comparable(path.field, valueAt(state, left, path));
      const b = comparable(path.field, valueAt(state, right, path));
      if (a === b) continue;
      if (a === null || b === null) return a === null ? -sign : sign;
      return a < b ? -sign : sign;
    }
    return 0;
  };
}

export interface Selection {
  readonly records: readonly TwinRecord[];
  /** Records that match, the hidden ones included: what `totalSize` and COUNT() say. */
  readonly matched: number;
}

/**
 * The records that answer a query, in its order and up to its limit. Without ORDER BY the order is the
 * sandbox's own (by change stamp); nobody may rely on it. `hides` leaves a record out of the rows only.
 */
export function selectRecords(
  state: TwinState,
  query: SoqlQuery,
  options: { readonly withDeleted: boolean; readonly hides: (record: TwinRecord) => boolean },
): Selection {
  const object = state.object(query.object);
  const test = query.where === null ? () => true : compile(state, object, query.where);
  const ordered = state.ordered(object.name);
  const limit = query.limit ?? Infinity;
  const inStampOrder = query.orderBy.length === 0 || isStampOrder(query.orderBy);
  const start = query.where === null ? 0 : firstAtOrAfter(ordered, stampFloor(query.where));
  const found: TwinRecord[] = [];
  let hidden = 0;
  for (let at = start; at < ordered.length; at += 1) {
    const record = ordered[at];
    if (record === undefined || !test(record)) continue;
    if (!options.withDeleted && record.values.get('IsDeleted') === true) continue;
    if (options.hides(record)) hidden += 1;
    else found.push(record);
    if (inStampOrder && found.length >= limit) break;
  }
  const matched = Math.min(limit, found.length + hidden);
  if (inStampOrder) return { records: found, matched };
  return { records: found.toSorted(sorter(state, object, query.orderBy)).slice(0, limit), matched };
}
