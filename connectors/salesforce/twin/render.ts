import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinField } from './schema.ts';
import type { Aggregate, SoqlQuery } from './soql-parse.ts';
import { resolvePath, valueAt, type ResolvedPath } from './soql-run.ts';
import type { TwinRecord, TwinState } from './state.ts';

/** A stored value as REST shows it: date-times without milliseconds and with a zone of four digits. */
export function renderValue(field: TwinField, value: Json | undefined): Json {
  if (value === undefined) return null;
  if (field.type === 'string' && typeof value === 'number') return String(value);
  if (field.type !== 'datetime' || typeof value !== 'number') return value;
  return `${new Date(value).toISOString().slice(0, 19)}.000+0000`;
}

function attributes(version: string, object: string, id: string): JsonObject {
  return { type: object, url: `/services/data/${version}/sobjects/${object}/${id}` };
}

/** Prepares the select list once; the returned function renders each record of a page. */
export function rowRenderer(
  state: TwinState,
  version: string,
  objectName: string,
  fields: readonly string[],
): (record: TwinRecord) => JsonObject {
  const object = state.object(objectName);
  const paths = fields.map((path) => resolvePath(state, object, path));
  return (record) => {
    const row: Record<string, Json> = { attributes: attributes(version, objectName, record.id) };
    for (const path of paths) {
      if (path.via === null)
        row[path.field.name] = renderValue(path.field, record.values.get(path.field.name));
      else addRelated(state, version, row, record, path, path.via);
    }
    return row;
  };
}

function addRelated(
  state: TwinState,
  version: string,
  row: Record<string, Json>,
  record: TwinRecord,
  path: ResolvedPath,
  via: TwinField,
): void {
  const relation = via.relationshipName ?? via.name;
  const id = record.values.get(via.name);
  const target = typeof id === 'string' ? state.get(via.referenceTo ?? '', id) : undefined;
  if (target === undefined) {
    row[relation] = null;
    return;
  }
  const before = row[relation];
  const known =
    typeof before === 'object' && before !== null
      ? (before as JsonObject)
      : { attributes: attributes(version, target.object.name, target.id) };
  row[relation] = {
    ...known,
    [path.field.name]: renderValue(path.field, valueAt(state, record, path)),
  };
}

/** Every field of a record, as `GET /sobjects/{type}/{id}` shows it. */
export function renderWhole(state: TwinState, version: string, record: TwinRecord): JsonObject {
  const { name, fields } = state.object(record.object.name);
  return rowRenderer(state, version, name, [...fields.keys()])(record);
}

function figureOf(
  state: TwinState,
  query: SoqlQuery,
  { of, path }: Aggregate,
  records: readonly TwinRecord[],
): Json {
  const resolved = resolvePath(state, state.object(query.object), path);
  const values = records
    .map((record) => valueAt(state, record, resolved))
    .filter((value) => value !== null);
  if (of === 'COUNT') return values.length;
  const isBetter = (value: Json, than: Json): boolean =>
    of === 'MAX' ? Number(value) > Number(than) : Number(value) < Number(than);
  const best = values.reduce<Json>(
    (held, value) => (held === null || isBetter(value, held) ? value : held),
    null,
  );
  return renderValue(resolved.field, best);
}

/** The one row of a query for figures over all its rows. */
export function renderAggregates(
  state: TwinState,
  query: SoqlQuery,
  records: readonly TwinRecord[],
): JsonObject {
  const figures = query.aggregates.map((each): [string, Json] => [
    each.alias,
    figureOf(state, query, each, records),
  ]);
  return { attributes: { type: 'AggregateResult' }, ...Object.fromEntries(figures) };
}
