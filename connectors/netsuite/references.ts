import { RemoteRejected, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import type { NetSuiteClient } from './client.ts';
import { isObject, member } from './lossless-json.ts';
import { querySuiteql, quoted } from './suiteql.ts';

/** Turns the names that people use into NetSuite's ids, and back: currency symbols and item part numbers. */
export interface References {
  /** The fields with `currency: { symbol }` and `item: { itemId }` replaced by ids. Throws RemoteRejected naming the field. */
  resolve(fields: JsonObject): Promise<JsonObject>;
  /** The fields with the symbol and the part number put beside the id. */
  name(fields: JsonObject): Promise<JsonObject>;
}

interface Directory {
  idOf(name: string): Promise<string | null>;
  nameOf(id: string): Promise<string | null>;
  /** Looks up everything that is not known yet in as few queries as there are thousands. */
  learn(by: 'id' | 'name', keys: readonly string[]): Promise<void>;
}

function createDirectory(client: NetSuiteClient, table: string, column: string): Directory {
  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  const learn = async (by: 'id' | 'name', keys: readonly string[]): Promise<void> => {
    const known = by === 'id' ? names : ids;
    const wanted = [...new Set(keys)].filter((key) => !known.has(key)).slice(0, 1000);
    if (wanted.length === 0) return;
    const list = wanted
      .map((key) => (by === 'id' && /^-?\d+$/.test(key) ? key : quoted(key)))
      .join(', ');
    const sql = `SELECT t.id, t.${column} FROM ${table} t WHERE t.${by === 'id' ? 'id' : column} IN (${list})`;
    const { rows } = await querySuiteql(
      client,
      sql,
      `look up ${table} by ${by === 'id' ? 'id' : column}`,
    );
    for (const row of rows) {
      const [id, name] = [row['id'], row[column]];
      if (id === undefined || name === undefined) continue;
      ids.set(name, id);
      names.set(id, name);
    }
  };
  return {
    learn,
    idOf: async (name) => {
      await learn('name', [name]);
      return ids.get(name) ?? null;
    },
    nameOf: async (id) => {
      await learn('id', [id]);
      return names.get(id) ?? null;
    },
  };
}

/** The lines of `item`, given as `{ items: [] }`. */
export function linesOf(fields: JsonObject): readonly JsonObject[] {
  const items = member(fields['item'], 'items');
  return Array.isArray(items) ? (items as readonly Json[]).filter(isObject) : [];
}

const textAt = (value: Json | undefined, name: string): string | null => {
  const text = member(value, name);
  return typeof text === 'string' ? text : null;
};

function missing(what: string, name: string, field: string): RemoteRejected {
  return new RemoteRejected(
    `NetSuite has no ${what} "${name}". Create it there, or correct the mapping that names it.`,
    { field, details: { vendorCode: 'unknown_reference' } },
  );
}

/** References of one session; what was looked up once is kept. */
export function createReferences(client: NetSuiteClient): References {
  const items = createDirectory(client, 'item', 'itemid');
  const currencies = createDirectory(client, 'currency', 'symbol');

  const resolveLine = async (line: JsonObject, at: number): Promise<JsonObject> => {
    const itemId = textAt(line['item'], 'itemId');
    if (itemId === null || textAt(line['item'], 'id') !== null) return line;
    const id = await items.idOf(itemId);
    if (id === null) throw missing('item with part number', itemId, `item.items[${at}].item`);
    return { ...line, item: { id } };
  };
  const nameLine = async (line: JsonObject): Promise<JsonObject> => {
    const id = textAt(line['item'], 'id');
    const itemId = id === null ? null : await items.nameOf(id);
    return itemId === null ? line : { ...line, item: { ...(line['item'] as JsonObject), itemId } };
  };
  return {
    resolve: async (fields) => {
      const lines = linesOf(fields);
      await items.learn(
        'name',
        lines.flatMap((line) => textAt(line['item'], 'itemId') ?? []),
      );
      const symbol =
        textAt(fields['currency'], 'id') === null ? textAt(fields['currency'], 'symbol') : null;
      const currencyId = symbol === null ? null : await currencies.idOf(symbol);
      if (symbol !== null && currencyId === null) throw missing('currency', symbol, 'currency');
      return {
        ...fields,
        ...(currencyId === null ? {} : { currency: { id: currencyId } }),
        ...(isObject(fields['item'])
          ? { item: { items: await Promise.all(lines.map(resolveLine)) } }
          : {}),
      };
    },
    name: async (fields) => {
      const lines = linesOf(fields);
      await items.learn(
        'id',
        lines.flatMap((line) => textAt(line['item'], 'id') ?? []),
      );
      const id = textAt(fields['currency'], 'id');
      const symbol = id === null ? null : await currencies.nameOf(id);
      return {
        ...fields,
        ...(symbol === null ? {} : { currency: { ...(fields['currency'] as JsonObject), symbol } }),
        ...(isObject(fields['item'])
          ? { item: { items: await Promise.all(lines.map(nameLine)) } }
          : {}),
      };
    },
  };
}
