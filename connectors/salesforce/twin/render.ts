import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinField } from './schema.ts';
import { resolvePath, valueAt, type ResolvedPath } from './soql-run.ts';
import type { TwinRecord, TwinState } from './state.ts';

/** A stored value as REST shows it: date-times without milliseconds and with a zone of four digits. */
export function renderValue(field: TwinField, value: Json | undefined): Json {
  if (value === undefined) return null;
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
  return rowRenderer(state, version, record.object.name, [...record.object.fields.keys()])(record);
}
