import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import {
  extensionNamed,
  findAttribute,
  isObject,
  resolvePath,
  type AttributePath,
} from './attribute-path.ts';
import { matchElement, type Predicate } from './filter-match.ts';
import { parseFilter } from './filter-parser.ts';
import { readValue, requireAttributes } from './read-resource.ts';
import { refuse } from './scim-error.ts';
import type { ScimAttribute, ScimResourceType } from './scim-schemas.ts';

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
/** `emails[type eq "work"].value`: attribute, filter, sub-attribute. */
const VALUE_PATH = /^([^[\]]+)\[(.+)\](?:\.([A-Za-z$][\w$-]*))?$/s;

type Op = 'add' | 'replace' | 'remove';
type Draft = Record<string, Json>;

interface Target extends AttributePath {
  readonly matches: Predicate | null;
}

function parsePath(type: ScimResourceType, text: string): Target {
  const found = VALUE_PATH.exec(text);
  const unknown = refuse(400, `The path "${text}" leads to no attribute.`, 'invalidPath');
  if (found === null) {
    const path = resolvePath(type, text);
    if (path === undefined) throw unknown;
    return { ...path, matches: null };
  }
  const [, name = '', filter = '', subName] = found;
  const path = resolvePath(type, name);
  if (path === undefined || path.sub !== null || !path.attribute.multiValued) throw unknown;
  const matches = matchElement(parseFilter(filter), path.attribute);
  if (subName === undefined) return { ...path, matches };
  const sub = findAttribute(path.attribute.subAttributes ?? [], subName);
  if (sub === undefined) throw unknown;
  return { ...path, sub, matches };
}

function checkWritable(target: Target, op: Op, held: Json | undefined): void {
  const { attribute, sub } = target;
  const name = sub === null ? attribute.name : `${attribute.name}.${sub.name}`;
  if (
    [attribute, sub].some((each) => each?.mutability === 'readOnly') ||
    attribute.name === 'schemas'
  ) {
    throw refuse(400, `${name} is read-only.`, 'mutability');
  }
  if (sub?.mutability === 'immutable' && held !== undefined) {
    throw refuse(400, `${name} cannot be changed once it is set.`, 'mutability');
  }
  if (op === 'remove' && attribute.required && sub === null) {
    throw refuse(400, `${name} is required and cannot be removed.`, 'mutability');
  }
}

const listOf = (value: Json | undefined): readonly Json[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
};

function setSub(sub: ScimAttribute, element: JsonObject, value: Json | undefined): JsonObject {
  const { [sub.name]: _old, ...rest } = element;
  return value === undefined ? rest : { ...rest, [sub.name]: value };
}

/** Applies an operation to the elements that a filter selects, or to all when only a sub-attribute is named. */
function patchElements(
  target: Target,
  op: Op,
  held: readonly Json[],
  value: Json | undefined,
): readonly Json[] {
  const { attribute, sub, matches } = target;
  const selected = (each: Json): each is JsonObject => isObject(each) && (matches?.(each) ?? true);
  if (op !== 'remove' && !held.some(selected)) {
    throw refuse(400, `The path selects no value of ${attribute.name}.`, 'noTarget');
  }
  if (sub !== null) {
    const given = op === 'remove' || value === undefined ? undefined : readValue(sub, value);
    return held.map((each) => (selected(each) ? setSub(sub, each, given) : each));
  }
  if (op === 'remove') return held.filter((each) => !selected(each));
  const given = readValue({ ...attribute, multiValued: false }, value ?? null);
  if (!isObject(given)) throw refuse(400, `${attribute.name} needs a value.`, 'invalidValue');
  return held.map((each) => (selected(each) ? { ...each, ...given } : each));
}

const keyOf = (each: Json): string =>
  JSON.stringify(isObject(each) ? (each['value'] ?? each) : each);

/** A new primary value takes the mark from the old one (RFC 7644 §3.5.2). */
function appended(held: readonly Json[], added: readonly Json[]): readonly Json[] {
  const primary = added.some((each) => isObject(each) && each['primary'] === true);
  const kept = held.map((each) =>
    primary && isObject(each) && each['primary'] === true ? { ...each, primary: false } : each,
  );
  const known = new Set(kept.map(keyOf));
  return [...kept, ...added.filter((each) => !known.has(keyOf(each)))];
}

function nextValue(
  target: Target,
  op: Op,
  held: Json | undefined,
  value: Json | undefined,
): Json | undefined {
  const { attribute, sub, matches } = target;
  if (attribute.multiValued && (matches !== null || sub !== null)) {
    const left = patchElements(target, op, listOf(held), value);
    return left.length === 0 ? undefined : left;
  }
  if (sub !== null) {
    const given = op === 'remove' || value === undefined ? undefined : readValue(sub, value);
    const left = setSub(sub, isObject(held) ? held : {}, given);
    return Object.keys(left).length === 0 ? undefined : left;
  }
  if (op === 'remove') return undefined;
  // RFC 7644 §3.5.2.1: one element may be added without its array.
  const wrapped = attribute.multiValued && op === 'add' && isObject(value) ? [value] : value;
  const given = readValue(attribute, wrapped ?? null);
  if (attribute.multiValued && op === 'add') return appended(listOf(held), listOf(given));
  return isObject(given) && isObject(held) ? { ...held, ...given } : given;
}

function applyAt(draft: Draft, target: Target, op: Op, value: Json | undefined): void {
  const { extension, attribute } = target;
  const owner =
    extension === null ? draft : { ...(isObject(draft[extension]) ? draft[extension] : {}) };
  const held = owner[attribute.name];
  const { sub } = target;
  const heldSub = sub !== null && isObject(held) ? held[sub.name] : undefined;
  checkWritable(target, op, sub !== null && attribute.multiValued ? held : heldSub);
  // A password is taken and never kept.
  if (attribute.mutability === 'writeOnly') return;
  const next = nextValue(target, op, held, value);
  if (next === undefined) delete owner[attribute.name];
  else owner[attribute.name] = next;
  if (extension === null) return;
  if (Object.keys(owner).length === 0) delete draft[extension];
  else draft[extension] = owner;
}

/** An operation without a path: its value is a partial resource, extensions under their URN. */
function applyWhole(type: ScimResourceType, draft: Draft, op: Op, value: Json | undefined): void {
  if (op === 'remove') throw refuse(400, 'A remove needs a path.', 'noTarget');
  if (!isObject(value))
    throw refuse(400, 'Without a path the value must be an object.', 'invalidValue');
  for (const [key, member] of Object.entries(value)) {
    const extension = extensionNamed(type, key);
    if (extension === undefined) {
      applyAt(draft, parsePath(type, key), op, member);
      continue;
    }
    if (!isObject(member)) throw refuse(400, `${key} must be an object.`, 'invalidValue');
    for (const [name, each] of Object.entries(member)) {
      applyAt(draft, parsePath(type, `${extension.id}:${name}`), op, each);
    }
  }
}

function readOperation(operation: Json): {
  op: Op;
  path: string | undefined;
  value: Json | undefined;
} {
  const { op, path, value } = isObject(operation) ? operation : {};
  const known = (['add', 'replace', 'remove'] as const).find((each) => each === op);
  if (known === undefined) {
    throw refuse(400, 'op must be add, replace or remove, in lower case.', 'invalidSyntax');
  }
  if (path !== undefined && typeof path !== 'string') {
    throw refuse(400, 'path must be a string.', 'invalidPath');
  }
  return { op: known, path, value };
}

/**
 * Applies a PatchOp body (RFC 7644 §3.5.2) to a copy of the resource: all operations or none.
 * Throws refusals: invalidSyntax, invalidPath, noTarget, mutability, invalidValue.
 */
export function patchResource(
  type: ScimResourceType,
  resource: JsonObject,
  body: JsonObject,
): JsonObject {
  const { schemas, Operations: operations } = body;
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_SCHEMA)) {
    throw refuse(400, `schemas must list ${PATCH_SCHEMA}.`, 'invalidSyntax');
  }
  if (!Array.isArray(operations) || operations.length === 0) {
    throw refuse(400, 'Operations must hold at least one operation.', 'invalidSyntax');
  }
  const draft: Draft = structuredClone(resource);
  for (const each of operations as readonly Json[]) {
    const { op, path, value } = readOperation(each);
    if (path === undefined) applyWhole(type, draft, op, value);
    else if (extensionNamed(type, path) !== undefined) applyExtension(type, draft, op, path, value);
    else applyAt(draft, parsePath(type, path), op, value);
  }
  requireAttributes(type, draft);
  const extensions = type.extensions.map(({ id }) => id).filter((id) => draft[id] !== undefined);
  return { ...draft, schemas: [type.core.id, ...extensions] };
}

function applyExtension(
  type: ScimResourceType,
  draft: Draft,
  op: Op,
  path: string,
  value: Json | undefined,
): void {
  const urn = extensionNamed(type, path)?.id ?? path;
  if (op === 'remove') delete draft[urn];
  else applyWhole(type, draft, op, { [urn]: value ?? null });
}
