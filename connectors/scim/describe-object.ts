import type { FieldDescription, ObjectDescription } from '../../src/sdk/define-connector.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { NotFoundError, RemoteRejected } from '../../src/sdk/kernel.ts';
import { readListResponse } from './list-response.ts';
import { isObject, type ScimClient } from './scim-client.ts';

const CORE_PREFIX = 'urn:ietf:params:scim:schemas:core:';

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** `id` and `externalId` belong to every resource, and no schema lists them (RFC 7643 §3.1). */
const COMMON: readonly FieldDescription[] = ['id', 'externalId', 'meta.lastModified'].map(
  (name) => ({
    name,
    label: name,
    type: name.startsWith('meta.') ? 'dateTime' : 'string',
    required: name === 'id',
    readOnly: name !== 'externalId',
    custom: false,
    key: name === 'id',
    picklist: [],
    reference: null,
  }),
);

function field(attribute: JsonObject, name: string, custom: boolean): FieldDescription {
  const references = listOf(attribute['referenceTypes'])
    .map(textOf)
    .filter((each) => each !== '');
  const type = textOf(attribute['type']) || 'string';
  return {
    name,
    label: textOf(attribute['description']) || name,
    type: attribute['multiValued'] === true ? `${type}[]` : type,
    required: attribute['required'] === true,
    readOnly: textOf(attribute['mutability']) === 'readOnly',
    custom,
    key: false,
    picklist: listOf(attribute['canonicalValues']).map(textOf),
    reference: references.length === 0 ? null : references.join(', '),
  };
}

/** An extension's attributes stand under its URN, as in `urn:…:enterprise:2.0:User:department`. */
function fieldsOf(schema: JsonObject): readonly FieldDescription[] {
  const urn = textOf(schema['id']);
  const custom = !urn.startsWith(CORE_PREFIX);
  return listOf(schema['attributes'])
    .filter(isObject)
    .flatMap((attribute) => {
      const name = `${custom ? `${urn}:` : ''}${textOf(attribute['name'])}`;
      const parts = listOf(attribute['subAttributes']).filter(isObject);
      return [
        field(attribute, name, custom),
        ...parts.map((part) => field(part, `${name}.${textOf(part['name'])}`, custom)),
      ];
    });
}

async function all(client: ScimClient, path: string): Promise<readonly JsonObject[]> {
  const body = await client.find(path);
  if (body === undefined) {
    throw new RemoteRejected(
      `The directory does not publish ${path}, so its fields cannot be shown.`,
    );
  }
  return readListResponse(body, { path, count: 1 }).rows.filter(isObject);
}

/**
 * The fields of Users or Groups, as `/ResourceTypes` and `/Schemas` of this directory say.
 * Throws NotFoundError for an object that the directory does not have.
 */
export async function describeObject(
  client: ScimClient,
  object: string,
): Promise<ObjectDescription> {
  const types = await all(client, '/ResourceTypes');
  const type = types.find((each) => textOf(each['endpoint']).replace(/^\//, '') === object);
  if (type === undefined) {
    const known = types.map((each) => textOf(each['endpoint']).replace(/^\//, '')).join(', ');
    throw new NotFoundError(`The directory has no ${object}. It has ${known}.`);
  }
  const extensions = listOf(type['schemaExtensions']).filter(isObject);
  const wanted = [textOf(type['schema']), ...extensions.map((each) => textOf(each['schema']))];
  const schemas = await all(client, '/Schemas');
  const fields = wanted.flatMap((urn) =>
    schemas.filter((schema) => textOf(schema['id']) === urn).flatMap(fieldsOf),
  );
  return { object, label: textOf(type['name']) || object, fields: [...COMMON, ...fields] };
}
