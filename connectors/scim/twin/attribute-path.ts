import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import {
  COMMON_ATTRIBUTES,
  type ScimAttribute,
  type ScimResourceType,
  type ScimSchema,
} from './scim-schemas.ts';

/** Where an attribute name leads: `extension` is null for core and common attributes. */
export interface AttributePath {
  readonly extension: string | null;
  readonly attribute: ScimAttribute;
  readonly sub: ScimAttribute | null;
}

/** True for a JSON object; arrays and null are not objects. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string as it is; empty text for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An attribute by its name. Names are compared without regard to case (RFC 7643 §2.1). */
export function findAttribute(
  attributes: readonly ScimAttribute[],
  name: string,
): ScimAttribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find((each) => each.name.toLowerCase() === wanted);
}

function schemaOf(type: ScimResourceType, text: string): ScimSchema | undefined {
  const lower = text.toLowerCase();
  return [type.core, ...type.extensions].find((schema) => {
    const urn = schema.id.toLowerCase();
    return lower === urn || lower.startsWith(`${urn}:`);
  });
}

/** The extension that the text names as a whole, such as `urn:…:enterprise:2.0:User`; undefined if none. */
export function extensionNamed(type: ScimResourceType, text: string): ScimSchema | undefined {
  return type.extensions.find((schema) => schema.id.toLowerCase() === text.toLowerCase());
}

/**
 * Resolves `userName`, `name.givenName` or `urn:…:enterprise:2.0:User:department` against a resource type.
 * Undefined when the type has no such attribute.
 */
export function resolvePath(type: ScimResourceType, text: string): AttributePath | undefined {
  const schema = schemaOf(type, text);
  const names = (schema === undefined ? text : text.slice(schema.id.length + 1)).split('.');
  const [head = '', sub, ...rest] = names;
  if (rest.length > 0) return undefined;
  const attribute =
    findAttribute((schema ?? type.core).attributes, head) ??
    (schema === undefined || schema === type.core
      ? findAttribute(COMMON_ATTRIBUTES, head)
      : undefined);
  if (attribute === undefined) return undefined;
  const extension = schema === undefined || schema === type.core ? null : schema.id;
  if (sub === undefined) return { extension, attribute, sub: null };
  const found = findAttribute(attribute.subAttributes ?? [], sub);
  return found === undefined ? undefined : { extension, attribute, sub: found };
}

/** The values that a resource holds at a path: none when unassigned, one each for a multi-valued attribute. */
export function valuesAt(resource: JsonObject, path: AttributePath): readonly Json[] {
  const container = path.extension === null ? resource : resource[path.extension];
  const value = isObject(container) ? container[path.attribute.name] : undefined;
  const values =
    value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  const { sub } = path;
  if (sub === null) return values;
  return values.flatMap((each: Json) => (isObject(each) ? [each[sub.name] ?? null] : []));
}
