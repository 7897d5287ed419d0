import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { extensionNamed, findAttribute, isObject } from './attribute-path.ts';
import { refuse } from './scim-error.ts';
import { COMMON_ATTRIBUTES, type ScimAttribute, type ScimResourceType } from './scim-schemas.ts';

function wrong(name: string, expected: string): Error {
  return refuse(400, `${name} must be ${expected}.`, 'invalidValue');
}

function readSimple(attribute: ScimAttribute, value: Json): Json {
  if (attribute.type === 'boolean') {
    if (typeof value !== 'boolean') throw wrong(attribute.name, 'true or false, not text');
    return value;
  }
  if (typeof value !== 'string') throw wrong(attribute.name, 'a string');
  if (attribute.type === 'dateTime' && Number.isNaN(Date.parse(value))) {
    throw wrong(attribute.name, 'a date and time such as 2026-03-02T08:00:00Z');
  }
  return value;
}

function readComplex(attribute: ScimAttribute, value: Json): JsonObject {
  if (!isObject(value)) throw wrong(attribute.name, 'an object');
  const read: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    const sub = findAttribute(attribute.subAttributes ?? [], key);
    if (sub === undefined) throw undeclared(`${attribute.name}.${key}`);
    const given = sub.mutability === 'readOnly' ? undefined : readValue(sub, member);
    if (given !== undefined) read[sub.name] = given;
  }
  return read;
}

/** What the client sent for one attribute, checked; undefined when null or empty, which means unassigned. */
export function readValue(attribute: ScimAttribute, value: Json): Json | undefined {
  if (value === null) return undefined;
  const one = (each: Json): Json =>
    attribute.type === 'complex' ? readComplex(attribute, each) : readSimple(attribute, each);
  if (!attribute.multiValued) return one(value);
  const list = isObject(value) || !Array.isArray(value) ? null : (value as readonly Json[]);
  if (list === null) throw wrong(attribute.name, 'an array');
  return list.length === 0 ? undefined : withOnePrimary(attribute, list.map(one));
}

/** RFC 7643 §2.4: "primary" may be true for one value at most. */
function withOnePrimary(attribute: ScimAttribute, values: readonly Json[]): readonly Json[] {
  const primaries = values.filter((each) => isObject(each) && each['primary'] === true);
  if (primaries.length > 1) throw wrong(attribute.name, 'primary in one value at most');
  return values;
}

function undeclared(name: string): Error {
  return refuse(400, `${name} is not an attribute of this schema.`, 'invalidSyntax');
}

function readMembers(
  attributes: readonly ScimAttribute[],
  body: JsonObject,
  prefix: string,
): Record<string, Json> {
  const read: Record<string, Json> = {};
  for (const [key, value] of Object.entries(body)) {
    const attribute = findAttribute(attributes, key);
    if (attribute === undefined) throw undeclared(`${prefix}${key}`);
    // RFC 7644 §3.3 and §3.5.1: what is read-only in a body is ignored; a password is taken and not kept.
    if (attribute.mutability === 'readOnly' || attribute.mutability === 'writeOnly') continue;
    const given = readValue(attribute, value);
    if (given !== undefined) read[attribute.name] = given;
  }
  return read;
}

function checkSchemas(type: ScimResourceType, body: JsonObject): void {
  const listed: unknown = body['schemas'];
  const schemas: readonly unknown[] = Array.isArray(listed) ? listed : [];
  if (!schemas.includes(type.core.id)) {
    throw refuse(400, `schemas must list ${type.core.id}.`, 'invalidSyntax');
  }
  const known = new Set([type.core.id, ...type.extensions.map((schema) => schema.id)]);
  const foreign = schemas.find((each) => typeof each !== 'string' || !known.has(each));
  if (foreign !== undefined) {
    throw refuse(400, `schemas lists a schema that ${type.name} does not have.`, 'invalidValue');
  }
}

/** Checks that what is required is there; used after a body was read and after a patch was applied. */
export function requireAttributes(type: ScimResourceType, resource: JsonObject): void {
  for (const attribute of type.core.attributes) {
    const value = resource[attribute.name];
    if (attribute.required && (value === undefined || value === '')) {
      throw refuse(400, `${attribute.name} is required.`, 'invalidValue');
    }
  }
}

/**
 * Reads the body of a POST or PUT into a resource with canonical names, without id and meta.
 * Throws refusals: invalidSyntax for what the schema does not declare, invalidValue for wrong values.
 */
export function readResource(type: ScimResourceType, body: JsonObject): JsonObject {
  checkSchemas(type, body);
  const core: Record<string, Json> = {};
  const extensions: Record<string, Json> = {};
  for (const [key, value] of Object.entries(body)) {
    const extension = extensionNamed(type, key);
    if (extension === undefined) {
      core[key] = value;
      continue;
    }
    if (!isObject(value)) throw wrong(key, 'an object');
    const members = readMembers(extension.attributes, value, `${extension.id}:`);
    if (Object.keys(members).length > 0) extensions[extension.id] = members;
  }
  const resource = {
    ...readMembers([...COMMON_ATTRIBUTES, ...type.core.attributes], core, ''),
    ...extensions,
    schemas: [type.core.id, ...Object.keys(extensions)],
  };
  requireAttributes(type, resource);
  return resource;
}
