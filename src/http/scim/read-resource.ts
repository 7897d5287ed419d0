import type { DirectoryDocument } from '../../app/flows/write-directory.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import { attributeNamed, type Attribute } from './attribute.ts';
import { attributesOf, canonicalUrn } from './attribute-path.ts';
import { isObject } from './match-filter.ts';
import { readAttributes, readValue } from './read-value.ts';
import type { ResourceType } from './schemas.ts';
import { scimError } from './scim-error.ts';

/** What is larger than this could not land as a record. */
const MOST_CHARACTERS = 256 * 1024;

/**
 * A user or group as a provider sends it whole (POST and PUT). Attributes that no schema knows are left out; extensions
 * that we do not know are kept as they are, for a mapping to read. Throws invalidSyntax, invalidValue.
 */
export function readResource(body: JsonObject, type: ResourceType): DirectoryDocument {
  requireSchemas(body, type);
  const core = attributesOf(type, null).filter(({ name }) => name !== 'schemas');
  const { members = [], ...attributes } = readAttributes(core, body);
  const data: Record<string, Json> = { ...attributes };
  for (const [key, value] of Object.entries(body)) {
    if (!/^urn:/i.test(key) || value === null) continue;
    const urn = canonicalUrn(key, type);
    const extension = readExtension(type, urn, value);
    if (Object.keys(extension).length > 0) data[urn] = extension;
  }
  return checked({ data, members: memberIds(members) }, type);
}

/** An extension as a whole. One that we do not know stays as it is. Throws invalidValue. */
export function readExtension(type: ResourceType, urn: string, value: Json): JsonObject {
  if (!isObject(value)) throw scimError(400, 'invalidValue', `${urn} must be an object.`);
  const attributes = attributesOf(type, urn);
  return attributes.length === 0 ? value : readAttributes(attributes, value);
}

/** The ids of members, each once, of values in the form of {@link readValue}. Throws invalidValue. */
export function memberIds(members: Json): readonly string[] {
  const list: readonly Json[] = Array.isArray(members) ? members : [members];
  const ids = list.map((each) => (isObject(each) ? each['value'] : undefined));
  if (ids.every((id) => typeof id === 'string' && id !== '')) return [...new Set(ids as string[])];
  throw scimError(400, 'invalidValue', 'Each member has the id of a user or group as its value.');
}

/** The members attribute of a value that a PATCH gives. */
export function readMembers(type: ResourceType, value: Json): readonly string[] {
  const attribute = attributeNamed(type.schema.attributes, 'members') as Attribute;
  return memberIds(readValue(attribute, value) ?? []);
}

/** Gives the document back if nothing that it must have is missing. Throws invalidValue and 413. */
export function checked(document: DirectoryDocument, type: ResourceType): DirectoryDocument {
  for (const { name, required } of type.schema.attributes) {
    const value = document.data[name];
    if (required && (typeof value !== 'string' || value.trim() === '')) {
      throw scimError(400, 'invalidValue', `A ${type.name} must have a ${name}.`);
    }
  }
  if (JSON.stringify(document.data).length > MOST_CHARACTERS) {
    throw scimError(413, null, `A ${type.name} is larger than ${MOST_CHARACTERS / 1024} KiB.`);
  }
  return document;
}

function requireSchemas({ schemas }: JsonObject, type: ResourceType): void {
  const urns = Array.isArray(schemas) ? schemas.map((each) => String(each).toLowerCase()) : null;
  if (urns?.includes(type.schema.id.toLowerCase()) === true) return;
  throw scimError(400, 'invalidSyntax', `schemas must name ${type.schema.id}.`);
}
