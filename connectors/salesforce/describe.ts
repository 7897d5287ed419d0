import type { FieldDescription, ObjectDescription } from '../../src/sdk/define-connector.ts';
import type { SalesforceClient } from './client.ts';
import { DescribedObject, type DescribedField } from './schema.ts';

function toField(field: DescribedField): FieldDescription {
  return {
    name: field.name,
    label: field.label,
    type: field.type,
    required: field.createable && !field.nillable && !field.defaultedOnCreate,
    readOnly: !field.createable && !field.updateable,
    custom: field.custom,
    key: field.externalId || field.type === 'id',
    picklist: field.picklistValues.filter((each) => each.active).map((each) => each.value),
    reference: field.referenceTo[0] ?? null,
  };
}

/** What the integration user can see of an object. A field hidden by field-level security is not in it. */
export async function describeRaw(
  client: SalesforceClient,
  object: string,
): Promise<DescribedObject> {
  const path = `/sobjects/${encodeURIComponent(object)}/describe`;
  return await client.call(DescribedObject, { what: `describing ${object}`, method: 'GET', path });
}

export async function describeObject(
  client: SalesforceClient,
  object: string,
): Promise<ObjectDescription> {
  const { name, label, fields } = await describeRaw(client, object);
  return { object: name, label, fields: fields.map(toField) };
}
