import type { FieldDescription, ObjectDescription } from '../../src/sdk/define-connector.ts';
import { NotFoundError } from '../../src/sdk/kernel.ts';
import type { NetSuiteClient } from './client.ts';
import { garbled } from './errors.ts';
import { isObject, member } from './lossless-json.ts';
import { STREAM_PLANS } from './streams.ts';
import { WRITERS } from './write.ts';

const KEYS = new Set(['id', 'externalId']);

interface Described {
  readonly object: string;
  readonly title: string;
  /** The name in the metadata catalogue; null for a table that the catalogue leaves out. */
  readonly record: string | null;
  readonly columns: readonly string[];
  readonly hasLines: boolean;
}

const OBJECTS: readonly Described[] = [
  ...STREAM_PLANS.map(({ definition, record, lines, columns }) => ({
    object: definition.name,
    title: definition.title,
    record,
    columns: columns.map(({ name }) => name),
    hasLines: lines !== null,
  })),
  ...WRITERS.filter(({ object }) => STREAM_PLANS.every(({ record }) => record !== object)).map(
    ({ object, title }) => ({ object, title, record: object, columns: [], hasLines: true }),
  ),
];

async function properties(
  client: NetSuiteClient,
  name: string,
): Promise<readonly (readonly [string, unknown])[]> {
  const what = `describe ${name}`;
  const { body } = await client.call({
    method: 'GET',
    path: `/record/v1/metadata-catalog/${name}`,
    headers: { accept: 'application/schema+json' },
    what,
    read: true,
  });
  const found = member(body, 'properties');
  if (!isObject(found)) throw garbled(what, 'it holds no properties');
  return Object.entries(found);
}

function reference(schema: unknown): string | null {
  const target = member(schema, '$ref');
  return typeof target === 'string' ? (target.split('/').at(-1) ?? null) : null;
}

function choices(schema: unknown): readonly string[] {
  const values =
    member(member(member(schema, 'properties'), 'id'), 'enum') ?? member(schema, 'enum');
  return Array.isArray(values)
    ? values.filter((value): value is string => typeof value === 'string')
    : [];
}

function describeField(name: string, schema: unknown): FieldDescription {
  const title = member(schema, 'title');
  const type = member(schema, 'format') ?? member(schema, 'type');
  const to = reference(schema);
  const bare = name.split('.').at(-1) ?? name;
  return {
    name,
    label: typeof title === 'string' ? title : name,
    type: to === null ? (typeof type === 'string' ? type : 'object') : 'reference',
    required: member(schema, 'nullable') === false,
    readOnly: member(schema, 'readOnly') === true,
    custom: /^cust(?:body|col|entity|item)_/.test(bare),
    key: KEYS.has(name),
    picklist: choices(schema),
    reference: to,
  };
}

/**
 * The fields of a stream or a written object, from NetSuite's metadata catalogue, in the record service's
 * spelling; fields of a line are named `item.items.<field>`. Landed records spell the same names in lower case.
 */
export async function describeObject(
  client: NetSuiteClient,
  object: string,
): Promise<ObjectDescription> {
  const known = OBJECTS.find((one) => one.object === object);
  if (known === undefined)
    throw new NotFoundError(
      `NetSuite's ${object} is not known to Trueup. Use one of ${OBJECTS.map((one) => one.object).join(', ')}.`,
    );
  if (known.record === null)
    return {
      object,
      label: known.title,
      fields: known.columns.map((name) => describeField(name, { readOnly: true, type: 'string' })),
    };
  const body = await properties(client, known.record);
  const lines = known.hasLines ? await properties(client, `${known.record}-itemElement`) : [];
  const fields = [
    ...body
      .filter(([name]) => !(known.hasLines && name === 'item'))
      .map(([name, schema]) => describeField(name, schema)),
    ...lines.map(([name, schema]) => describeField(`item.items.${name}`, schema)),
  ];
  return { object, label: known.title, fields };
}
