import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { Fields, TwinField } from './schema-fields.ts';
import type { Line, State, Stored } from './state.ts';
import { rawNumber } from '../lossless-json.ts';
import { idOf, textOf } from './values.ts';

/** The vendor prints whole figures with a decimal point: 25 is `25.0`. */
function figure(text: string, whole: boolean): Json {
  return rawNumber(whole || text.includes('.') ? text : `${text}.0`);
}

/** What a person reads in place of an id. */
function refName(state: State, to: string, id: string): string {
  const fields = state.get(to, id)?.fields ?? {};
  const names = ['companyName', 'itemId', 'name', 'tranId'].map((name) => textOf(fields[name]));
  return names.find((name) => name !== null) ?? id;
}

function present(state: State, root: string, name: string, field: TwinField, value: Json): Json {
  const id = idOf(value);
  if (field.kind === 'choice' && id !== null) return { id, refName: field.choices?.[id] ?? id };
  if (field.kind === 'reference' && id !== null) {
    const to = field.to ?? '';
    return {
      links: [{ rel: 'self', href: `${root}/${to}/${id}` }],
      id,
      refName: refName(state, to, id),
    };
  }
  return field.kind === 'figure' && typeof value === 'string'
    ? figure(value, name === 'line' || name === 'orderLine')
    : value;
}

function presentFields(
  state: State,
  root: string,
  fields: Fields,
  kept: Readonly<Record<string, Json>>,
): Record<string, Json> {
  const body: Record<string, Json> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = kept[name] ?? null;
    if (value !== null) body[name] = present(state, root, name, field, value);
  }
  return body;
}

function presentLines(
  state: State,
  root: string,
  self: string,
  fields: Fields,
  lines: readonly Line[],
): JsonObject {
  const items = lines.map((line) => ({
    links: [{ rel: 'self', href: `${self}/item/${textOf(line['line'])}` }],
    ...presentFields(state, root, fields, line),
  }));
  return {
    links: [{ rel: 'self', href: `${self}/item` }],
    count: items.length,
    hasMore: false,
    items,
    offset: 0,
    totalResults: items.length,
  };
}

/** One record as the record service shows it. Lines are a link unless sub-resources are expanded. */
export function presentRecord(
  state: State,
  collection: string,
  record: Stored,
  expand: boolean,
): JsonObject {
  const type = state.type(record.object);
  if (type === undefined) return { id: record.id };
  const root = collection.slice(0, collection.lastIndexOf('/'));
  const self = `${collection}/${record.id}`;
  const lines =
    type.lines === undefined
      ? {}
      : {
          item: expand
            ? presentLines(state, root, self, type.lines, record.lines)
            : { links: [{ rel: 'self', href: `${self}/item` }] },
        };
  return {
    links: [{ rel: 'self', href: self }],
    id: record.id,
    ...presentFields(state, root, type.fields, record.fields),
    ...lines,
  };
}
