import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply } from '../../../src/sdk/twin-kit/exchange.ts';
import { Refused } from './problem.ts';
import { REST_NAMES } from './schema.ts';
import type { Fields, TwinField } from './schema-fields.ts';
import type { State } from './state.ts';

export const CATALOG_PATH = '/services/rest/record/v1/metadata-catalog';

const TYPES: Readonly<Record<string, JsonObject>> = {
  text: { type: 'string' },
  figure: { type: 'number', format: 'double' },
  flag: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  instant: { type: 'string', format: 'date-time' },
};

function property(field: TwinField, record: string): JsonObject {
  const shape: JsonObject =
    field.kind === 'lines'
      ? { $ref: `${CATALOG_PATH}/${record}-itemCollection` }
      : field.kind === 'reference'
        ? {
            $ref: `${CATALOG_PATH}/${field.to === 'item' ? 'nsResource' : (field.to ?? 'nsResource')}`,
          }
        : field.kind === 'choice'
          ? {
              type: 'object',
              properties: {
                id: { type: 'string', enum: Object.keys(field.choices ?? {}) },
                refName: { type: 'string' },
              },
            }
          : (TYPES[field.kind] ?? { type: 'string' });
  return {
    title: field.title,
    ...shape,
    nullable: field.required !== true,
    ...(field.readOnly === true ? { readOnly: true } : {}),
    ...(field.custom === true ? { 'x-ns-custom-field': true } : {}),
  };
}

function schemaOf(fields: Fields, record: string): JsonObject {
  const properties: Record<string, Json> = {
    id: { title: 'Internal ID', type: 'string', readOnly: true, nullable: true },
  };
  for (const [name, field] of Object.entries(fields)) properties[name] = property(field, record);
  return {
    type: 'object',
    properties,
    'x-ns-filterable': ['id', 'externalId', 'lastModifiedDate'],
  };
}

function find(state: State, name: string): JsonObject | null {
  const [record = '', part] = name.split('-');
  const known = Object.hasOwn(REST_NAMES, record) ? REST_NAMES[record] : undefined;
  const type = known === undefined ? undefined : state.type(known.object);
  if (type === undefined) return null;
  if (part === undefined) return schemaOf(type.fields, record);
  if (type.lines === undefined) return null;
  if (part === 'itemElement') return schemaOf(type.lines, record);
  if (part !== 'itemCollection') return null;
  return {
    type: 'object',
    properties: {
      items: { type: 'array', items: { $ref: `${CATALOG_PATH}/${record}-itemElement` } },
    },
  };
}

/** The metadata catalogue: the list of record types, or the JSON schema of one of them or of its lines. */
export function catalogReply(state: State, path: string, url: string): TwinReply {
  const name = decodeURIComponent(path.slice(CATALOG_PATH.length + 1));
  if (name === '') {
    const items = Object.keys(REST_NAMES).map((record) => ({ name: record, links: [{ rel: 'canonical', href: `${url}${CATALOG_PATH}/${record}`, mediaType: 'application/schema+json' }] })); // prettier-ignore
    return { status: 200, headers: { 'content-type': 'application/json' }, body: { items } };
  }
  const schema = find(state, name);
  if (schema === null)
    throw new Refused(404, {
      code: 'NONEXISTENT_ID',
      detail: `Record type '${name}' does not exist.`,
    });
  return { status: 200, headers: { 'content-type': 'application/schema+json' }, body: schema };
}
