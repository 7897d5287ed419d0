import { parse } from 'csv-parse/sync';
import { RemoteUnavailable, type Json } from '../../src/sdk/kernel.ts';
import type { SalesforceClient } from './client.ts';
import { describeRaw } from './describe.ts';
import type { DescribedField } from './schema.ts';

/** Field types whose values a table of texts cannot carry as REST does. */
const NO_TABLE_TYPES = new Set(['address', 'location', 'anyType', 'complexvalue', 'base64']);
const NUMBERS = new Set(['double', 'currency', 'percent', 'int', 'long']);

/** How to turn the columns of one object's rows back into the JSON that REST gives for the same record. */
export interface RowForm {
  /** What to select: the wanted fields, and the id of every related record, which tells "no record" from "no value". */
  readonly columns: readonly string[];
  /** One row's texts, in the order of `columns`. Throws RemoteUnavailable on a figure that is none. */
  read(texts: readonly string[]): Readonly<Record<string, Json>>;
}

type Types = ReadonlyMap<string, DescribedField>;

async function typesOf(client: SalesforceClient, object: string): Promise<Types> {
  const { fields } = await describeRaw(client, object);
  return new Map(fields.map((field) => [field.name, field]));
}

/** `Product2` is reached by `Product2Id`, `Parent__r` by `Parent__c`. */
function referenceOf(relation: string): string {
  return relation.endsWith('__r') ? `${relation.slice(0, -1)}c` : `${relation}Id`;
}

/** The type of each field path; undefined where the object's description does not tell it. */
async function pathTypes(
  client: SalesforceClient,
  object: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const own = await typesOf(client, object);
  const related = new Map<string, Types>();
  for (const relation of relationsOf(paths)) {
    const target = own.get(referenceOf(relation))?.referenceTo[0];
    if (target !== undefined) related.set(relation, await typesOf(client, target));
  }
  return new Map(
    paths.map((path) => {
      const [first = '', second] = path.split('.');
      const field = second === undefined ? own.get(first) : related.get(first)?.get(second);
      return [path, field?.type];
    }),
  );
}

function relationsOf(paths: readonly string[]): readonly string[] {
  const related = paths.filter((path) => path.includes('.'));
  return [...new Set(related.map((path) => path.split('.')[0] ?? ''))];
}

/** Empty is null: Salesforce keeps no empty text. Date-times get the spelling that REST has for them. */
function valueOf(type: string | undefined, text: string, column: string): Json {
  if (text === '') return null;
  if (type === 'boolean') return text === 'true';
  if (type === 'datetime') return text.replace(/Z$/, '+0000');
  if (type === undefined || !NUMBERS.has(type)) return text;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new RemoteUnavailable(
    `The column ${column} of a bulk result holds text that is no figure, though its field is one. Try again; if it stays, read the object without Bulk (a higher bulkFrom).`,
  );
}

/**
 * Prepares the rows of an object for reading by Bulk; null if one of the fields has values that a table cannot carry
 * exactly, such as the old and new value in a field history.
 */
export async function createRowForm(
  client: SalesforceClient,
  object: string,
  fields: readonly string[],
): Promise<RowForm | null> {
  const types = await pathTypes(client, object, fields);
  if ([...types.values()].some((type) => NO_TABLE_TYPES.has(type ?? ''))) return null;
  const relations = relationsOf(fields);
  const helpers = relations.map((relation) => `${relation}.Id`).filter((path) => !types.has(path));
  const columns = [...fields, ...helpers];
  return {
    columns,
    read: (texts) => {
      const cells = new Map(columns.map((column, at) => [column, texts[at] ?? '']));
      const row: Record<string, Json> = {};
      for (const relation of relations)
        row[relation] = cells.get(`${relation}.Id`) === '' ? null : {};
      for (const path of fields) {
        const value = valueOf(types.get(path), cells.get(path) ?? '', path);
        const [first = '', second] = path.split('.');
        if (second === undefined) row[first] = value;
        else if (row[first] !== null) row[first] = { ...(row[first] as object), [second]: value };
      }
      return row;
    },
  };
}

/**
 * The rows of one result page. Values may hold line feeds, quotes and commas, and the page may start with a byte order
 * mark (F-41). Throws RemoteUnavailable when the columns are not those asked for or a row was cut.
 */
export function parseBulkPage(
  body: string,
  columns: readonly string[],
  what: string,
): readonly (readonly string[])[] {
  const [header = [], ...rows] = parsed(body, what);
  if (header.length === columns.length && header.every((name, at) => name === columns[at]))
    return rows;
  throw new RemoteUnavailable(
    `Salesforce answered other columns than were asked for while ${what}. Try again.`,
  );
}

function parsed(body: string, what: string): readonly string[][] {
  try {
    return parse(body, { bom: true }) as string[][];
  } catch (error) {
    throw new RemoteUnavailable(`Salesforce answered a broken table while ${what}. Try again.`, {
      cause: error,
    });
  }
}
