import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { findAttribute, isObject, resolvePath, valuesAt } from './attribute-path.ts';
import type { CompareOperator, Filter } from './filter-parser.ts';
import { refuse } from './scim-error.ts';
import type { ScimAttribute, ScimResourceType } from './scim-schemas.ts';

export type Predicate = (record: JsonObject) => boolean;

/** A name of the filter, bound to what it reads and how its values compare. */
interface Binding {
  readonly attribute: ScimAttribute;
  readonly values: (record: JsonObject) => readonly Json[];
}

type Resolver = (path: string) => Binding | undefined;

/** `emails co "x"` compares the `value` of each e-mail (RFC 7644 §3.4.2.2). */
function ofValue(binding: Binding): Binding {
  const value = findAttribute(binding.attribute.subAttributes ?? [], 'value');
  if (binding.attribute.type !== 'complex' || value === undefined) return binding;
  return {
    attribute: value,
    values: (record) =>
      binding.values(record).flatMap((each) => (isObject(each) ? [each[value.name] ?? null] : [])),
  };
}

const ofType =
  (type: ScimResourceType): Resolver =>
  (text) => {
    const path = resolvePath(type, text);
    if (path === undefined) return undefined;
    return { attribute: path.sub ?? path.attribute, values: (record) => valuesAt(record, path) };
  };

const ofElement =
  (owner: ScimAttribute): Resolver =>
  (name) => {
    const attribute = findAttribute(owner.subAttributes ?? [], name);
    if (attribute === undefined) return undefined;
    return {
      attribute,
      values: (record) => {
        const value = record[attribute.name];
        return value === undefined ? [] : [value];
      },
    };
  };

function comparable(attribute: ScimAttribute, value: Json): string | number | boolean | null {
  if (typeof value !== 'string')
    return isObject(value) || Array.isArray(value) ? null : (value as number | boolean | null);
  if (attribute.type === 'dateTime') return Date.parse(value);
  return attribute.caseExact ? value : value.toLowerCase();
}

function holds(attribute: ScimAttribute, op: CompareOperator, left: Json, right: Json): boolean {
  const a = comparable(attribute, left);
  const b = comparable(attribute, right);
  if (op === 'eq') return a === b;
  if (a === null || b === null) return false;
  switch (op) {
    case 'co':
      return String(a).includes(String(b));
    case 'sw':
      return String(a).startsWith(String(b));
    case 'ew':
      return String(a).endsWith(String(b));
    case 'gt':
      return a > b;
    case 'ge':
      return a >= b;
    case 'lt':
      return a < b;
    case 'le':
      return a <= b;
    case 'ne':
      return a !== b;
  }
}

function compare(binding: Binding, op: CompareOperator, value: Json): Predicate {
  const { attribute, values } = ofValue(binding);
  if (attribute.type === 'boolean' && op !== 'eq' && op !== 'ne') {
    const text = `The filter asks ${op} of ${attribute.name}, which is a boolean: only eq, ne and pr fit.`;
    throw refuse(400, text, 'invalidFilter');
  }
  const equals: Predicate = (record) => {
    const held = values(record);
    return value === null
      ? held.every((each) => each === null)
      : held.some((each) => holds(attribute, 'eq', each, value));
  };
  if (op === 'eq') return equals;
  if (op === 'ne') return (record) => !equals(record);
  return (record) => values(record).some((each) => holds(attribute, op, each, value));
}

function isAssigned(value: Json): boolean {
  if (value === null || value === '') return false;
  return !isObject(value) || Object.keys(value).length > 0;
}

function build(filter: Filter, resolve: Resolver): Predicate {
  const bind = (path: string): Binding => {
    const binding = resolve(path);
    if (binding === undefined) {
      throw refuse(400, `The filter names the unknown attribute "${path}".`, 'invalidFilter');
    }
    return binding;
  };
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const left = build(filter.left, resolve);
      const right = build(filter.right, resolve);
      return filter.kind === 'and'
        ? (record) => left(record) && right(record)
        : (record) => left(record) || right(record);
    }
    case 'not': {
      const inner = build(filter.inner, resolve);
      return (record) => !inner(record);
    }
    case 'present': {
      const { values } = bind(filter.path);
      return (record) => values(record).some(isAssigned);
    }
    case 'compare':
      return compare(bind(filter.path), filter.op, filter.value);
    case 'element': {
      const binding = bind(filter.path);
      const inner = build(filter.filter, ofElement(binding.attribute));
      return (record) => binding.values(record).some((each) => isObject(each) && inner(each));
    }
  }
}

/** Binds a filter to a resource type. Throws the refusal `invalidFilter` for an attribute it does not have. */
export function matchFilter(filter: Filter, type: ScimResourceType): Predicate {
  return build(filter, ofType(type));
}

/** Binds the filter of a value path (`emails[type eq "work"]`) to the elements of a multi-valued attribute. */
export function matchElement(filter: Filter, owner: ScimAttribute): Predicate {
  return build(filter, ofElement(owner));
}
