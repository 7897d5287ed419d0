import type { FieldDescription, ObjectDescription } from '../../sdk/define-connector.ts';
import type { Attribute } from './attribute.ts';
import { COMMON, RESOURCE_TYPES, type Schema } from './schemas.ts';

/** What a landed record has of the attributes that no schema lists. */
const KEPT = new Set(['id', 'externalId', 'meta.created', 'meta.lastModified']);

function fieldOf(attribute: Attribute, name: string, custom: boolean): FieldDescription {
  const { type, multiValued, required, mutability, description } = attribute;
  return {
    name,
    label: description,
    type: multiValued ? `${type}[]` : type,
    required,
    readOnly: mutability === 'readOnly',
    custom,
    key: false,
    picklist: attribute.canonicalValues ?? [],
    reference: attribute.referenceTypes?.join(', ') ?? null,
  };
}

/** An attribute and its parts, named from the record's root. */
function fieldsBelow(
  attributes: readonly Attribute[],
  prefix: string,
  custom: boolean,
): readonly FieldDescription[] {
  return attributes.flatMap((attribute) => {
    const name = `${prefix}${attribute.name}`;
    const own = fieldOf(attribute, name, custom);
    return [own, ...fieldsBelow(attribute.subAttributes, `${name}.`, custom)];
  });
}

/** What a provider may set: the rest is derived for an answer, or forgotten, and lands nowhere. */
function isLanded({ mutability }: Attribute): boolean {
  return mutability === 'readWrite' || mutability === 'immutable';
}

function withLandedParts(attribute: Attribute): Attribute {
  return { ...attribute, subAttributes: attribute.subAttributes.filter(isLanded) };
}

function schemaFields(
  { id, attributes }: Schema,
  isExtension: boolean,
): readonly FieldDescription[] {
  const landed = attributes.filter(isLanded).map(withLandedParts);
  return fieldsBelow(landed, isExtension ? `${id}:` : '', isExtension);
}

/**
 * The fields that pushed users or groups land with, named as a directory that is read names them; null for anything
 * else. An extension that we do not know lands too, and no schema tells its fields.
 */
export function describePushed(object: string): ObjectDescription | null {
  const type = Object.values(RESOURCE_TYPES).find((each) => each.kind === object);
  if (type === undefined) return null;
  const common = fieldsBelow(COMMON, '', false)
    .filter(({ name }) => KEPT.has(name))
    .map((field) => ({ ...field, key: field.name === 'id', required: field.name === 'id' }));
  return {
    object,
    label: type.name,
    fields: [
      ...common,
      ...schemaFields(type.schema, false),
      ...type.extensions.flatMap((each) => schemaFields(each, true)),
    ],
  };
}
