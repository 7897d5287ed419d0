import type { Json, JsonObject } from '../../kernel/hash.ts';
import type { Attribute } from './attribute.ts';
import { isObject, matches } from './match-filter.ts';
import type { Filter, PatchPath } from './parse-filter.ts';
import type { Operation } from './read-patch.ts';
import { readValue } from './read-value.ts';
import { scimError } from './scim-error.ts';

export interface AttributeChange {
  readonly op: Operation['op'];
  readonly target: PatchPath;
  readonly value: Json | undefined;
}

/** The resource, or the extension, with one attribute changed. Throws invalidPath, invalidValue, noTarget. */
export function changeAttribute(base: JsonObject, change: AttributeChange): JsonObject {
  const { path } = change.target;
  const name = path.name ?? '';
  const attribute = path.parent ?? path.attribute;
  // An extension that no schema knows: its values are taken as they are.
  if (attribute === null) return withMember(base, name, change.op === 'remove' ? undefined : change.value); // prettier-ignore
  const before = base[name];
  const after = attribute.multiValued
    ? changeList(attribute, listOf(before), change)
    : changeSingle(attribute, before, change);
  return attribute.returned === 'never' ? base : withMember(base, name, after);
}

function withMember(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  const { [name]: _, ...others } = object;
  return value === undefined || value === null || isEmpty(value)
    ? others
    : { ...others, [name]: value };
}

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function changeSingle(
  attribute: Attribute,
  before: Json | undefined,
  { op, target, value }: AttributeChange,
): Json | undefined {
  if (target.filter !== null) {
    throw scimError(400, 'invalidPath', `${attribute.name} is no list to choose values from.`);
  }
  const { sub, attribute: part } = target.path;
  if (sub !== null && part !== null) {
    return withPart(isObject(before) ? before : {}, part, op === 'remove' ? null : (value ?? null));
  }
  if (op === 'remove') return undefined;
  const read = readValue(attribute, value ?? null);
  if (attribute.type !== 'complex' || !isObject(read) || !isObject(before)) {
    return read === undefined && op === 'add' ? before : read;
  }
  // Parts that are not named stay as they are (RFC 7644 §3.5.2.3).
  return { ...before, ...read };
}

function withPart(object: JsonObject, part: Attribute, value: Json): JsonObject {
  return withMember(object, part.name, readValue(part, value));
}

function changeList(
  attribute: Attribute,
  before: readonly Json[],
  change: AttributeChange,
): readonly Json[] {
  const { op, target, value } = change;
  const part = partOf(attribute, target);
  if (target.filter !== null) return changeChosen(attribute, before, target.filter, change);
  if (part !== null) return changeParts(before, () => true, part, change);
  const read = listOf(readValue(attribute, value ?? null));
  if (op === 'remove') {
    if (value === undefined || value === null) return [];
    const gone = new Set(read.map(keyOf));
    return before.filter((each) => !gone.has(keyOf(each)));
  }
  return onePrimary(op === 'replace' ? read : united(before, read), new Set(read.map(keyOf)));
}

/** The part that the path names, after a filter or without one. */
function partOf(attribute: Attribute, { sub, path }: PatchPath): Attribute | null {
  const name = sub ?? path.sub;
  if (name === null) return null;
  const part = attribute.subAttributes.find((each) => each.name === name);
  if (part !== undefined) return part;
  throw scimError(400, 'invalidPath', `${attribute.name} has no part of that name.`);
}

function changeChosen(
  attribute: Attribute,
  before: readonly Json[],
  filter: Filter,
  change: AttributeChange,
): readonly Json[] {
  const { op, target, value } = change;
  const isChosen = (each: Json): boolean => isObject(each) && matches(filter, each);
  const part = partOf(attribute, target);
  if (op === 'remove' && part === null) return before.filter((each) => !isChosen(each));
  if (!before.some(isChosen)) {
    if (op === 'remove') return before;
    if (op === 'replace') {
      throw scimError(
        400,
        'noTarget',
        `No value of ${attribute.name} fits the filter of the path.`,
      );
    }
    const fresh = made(attribute, filter, part, value ?? null);
    return onePrimary([...before, ...fresh], new Set(fresh.map(keyOf)));
  }
  if (part !== null) return changeParts(before, isChosen, part, change);
  const [read] = listOf(readValue(attribute, value ?? null));
  if (!isObject(read)) throw scimError(400, 'invalidValue', `${attribute.name} needs a value.`);
  const after = before.map((each) => {
    if (!isChosen(each)) return each;
    return op === 'add' && isObject(each) ? { ...each, ...read } : read;
  });
  return onePrimary(after, new Set([keyOf(read)]));
}

/** A value that fits what the path asks for, where there was none: as Entra ID adds a work address. */
function made(
  attribute: Attribute,
  filter: Filter,
  part: Attribute | null,
  value: Json,
): readonly Json[] {
  const given: Json = part === null ? value : { [part.name]: value };
  const read = readValue(attribute, isObject(given) ? { ...seedOf(filter), ...given } : given);
  return listOf(read);
}

function seedOf(filter: Filter): JsonObject {
  if (filter.kind === 'and') return { ...seedOf(filter.left), ...seedOf(filter.right) };
  const isEqual =
    filter.kind === 'compare' && filter.operator === 'eq' && filter.path.name !== null;
  return isEqual ? { [filter.path.name ?? '']: filter.value } : {};
}

function changeParts(
  before: readonly Json[],
  isChosen: (each: Json) => boolean,
  part: Attribute,
  { op, value }: AttributeChange,
): readonly Json[] {
  const next = op === 'remove' ? null : (value ?? null);
  const held = before.length === 0 && op === 'add' ? [{}] : before;
  const touched = new Set<string>();
  const after = held.map((each) => {
    if (!isObject(each) || (before.length > 0 && !isChosen(each))) return each;
    const changed = withPart(each, part, next);
    touched.add(keyOf(changed));
    return changed;
  });
  const left = after.filter((each) => !isEmpty(each));
  return onePrimary(left, touched);
}

/** One value with another of the same value and type is one; what is said of it later counts. */
function united(before: readonly Json[], added: readonly Json[]): readonly Json[] {
  const all = new Map(before.map((each) => [keyOf(each), each]));
  for (const each of added) {
    const held = all.get(keyOf(each));
    all.set(keyOf(each), isObject(held) && isObject(each) ? { ...held, ...each } : each);
  }
  return [...all.values()];
}

function keyOf(value: Json): string {
  if (!isObject(value) || value['value'] === undefined) return JSON.stringify(value);
  return JSON.stringify([value['value'], value['type'] ?? null]);
}

/** Whoever becomes the primary value takes the mark from the one before (RFC 7644 §3.5.2). */
function onePrimary(values: readonly Json[], touched: ReadonlySet<string>): readonly Json[] {
  const isPrimary = (each: Json): each is JsonObject => isObject(each) && each['primary'] === true;
  const marked = values.filter((each) => isPrimary(each) && touched.has(keyOf(each)));
  if (marked.length === 0) return values;
  if (marked.length > 1) throw scimError(400, 'invalidValue', 'A list has one primary value.');
  return values.map((each) =>
    isPrimary(each) && !touched.has(keyOf(each)) ? { ...each, primary: false } : each,
  );
}
