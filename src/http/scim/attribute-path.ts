import { attributeNamed, type Attribute } from './attribute.ts';
import { COMMON, type ResourceType } from './schemas.ts';

/** An attribute of a resource, or a part of one, in its canonical spelling. */
export interface AttributePath {
  /** The extension that it belongs to; null for the core schema. */
  readonly extension: string | null;
  /** Null for the extension as a whole. */
  readonly name: string | null;
  readonly sub: string | null;
  /** What the schema says of it, of the sub-attribute where there is one; null where no schema knows it. */
  readonly attribute: Attribute | null;
  /** What the schema says of the attribute that holds the sub-attribute. */
  readonly parent: Attribute | null;
}

/** No attribute is named as a member of every object is. */
const NAME = /^(?!constructor$|prototype$)(?:[A-Za-z][\w-]*|\$ref)$/i;
const URN = /^urn:[A-Za-z0-9][\w.:-]*$/i;

/**
 * Reads `name.givenName`, `urn:…:User:department` or a URN alone (RFC 7644 §3.10). Null if it is no attribute path at
 * all; a path that no schema knows is read all the same, and has no `attribute`.
 */
export function readAttributePath(text: string, type: ResourceType): AttributePath | null {
  const { urn, rest } = splitUrn(text, type);
  if (urn !== null && rest === '') {
    const known = urn !== type.schema.id;
    return known ? { extension: urn, name: null, sub: null, attribute: null, parent: null } : null;
  }
  const [name = '', sub, ...more] = rest.split('.');
  if (!NAME.test(name) || more.length > 0 || (sub !== undefined && !NAME.test(sub))) return null;
  const extension = urn === null || urn === type.schema.id ? null : urn;
  const attributes = attributesOf(type, extension);
  const parent = attributeNamed(attributes, name) ?? null;
  if (sub === undefined) {
    return { extension, name: parent?.name ?? name, sub: null, attribute: parent, parent: null };
  }
  const inner = attributeNamed(parent?.subAttributes ?? [], sub) ?? null;
  return {
    extension,
    name: parent?.name ?? name,
    sub: inner?.name ?? sub,
    attribute: inner,
    parent,
  };
}

/** The attributes of the core schema, or of an extension; none of an extension that we do not know. */
export function attributesOf(type: ResourceType, extension: string | null): readonly Attribute[] {
  if (extension === null) return [...COMMON, ...type.schema.attributes];
  return type.extensions.find(({ id }) => id === extension)?.attributes ?? [];
}

/** The extension of that URN as we spell it, known or not. */
export function canonicalUrn(urn: string, type: ResourceType): string {
  const known = [type.schema, ...type.extensions].find(
    ({ id }) => id.toLowerCase() === urn.toLowerCase(),
  );
  return known?.id ?? urn;
}

/** A URN ends at its last colon, unless it is one that we know; a name with colons would be ambiguous (RFC 7644 §3.10). */
function splitUrn(
  text: string,
  type: ResourceType,
): { readonly urn: string | null; readonly rest: string } {
  if (!/^urn:/i.test(text)) return { urn: null, rest: text };
  const lower = text.toLowerCase();
  for (const { id } of [type.schema, ...type.extensions]) {
    if (lower === id.toLowerCase()) return { urn: id, rest: '' };
    if (lower.startsWith(`${id.toLowerCase()}:`))
      return { urn: id, rest: text.slice(id.length + 1) };
  }
  const at = text.lastIndexOf(':');
  const urn = text.slice(0, at);
  return URN.test(urn) ? { urn, rest: text.slice(at + 1) } : { urn: null, rest: text };
}
