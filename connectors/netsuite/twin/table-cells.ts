import type { Json } from '../../../src/sdk/kernel.ts';
import type { Fields, RecordType } from './schema-fields.ts';
import type { State, Stored } from './state.ts';
import { idOf, textOf } from './values.ts';

/** How SuiteQL compares and prints a column. Values are text in all of them; flags are T and F. */
export type ColumnType = 'text' | 'number' | 'flag' | 'date' | 'datetime';

export interface Row {
  /** The record behind the row, for the fault that drops one. */
  readonly record: { readonly object: string; readonly id: string };
  readonly values: Readonly<Record<string, string | null>>;
  /** What BUILTIN.DF shows for a column. */
  readonly display: Readonly<Record<string, string>>;
}

export interface Table {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly rows: readonly Row[];
}

/** How SuiteQL sees a kind of field. */
export const TYPE_OF: Readonly<Record<string, ColumnType>> = {
  text: 'text',
  figure: 'number',
  flag: 'flag',
  date: 'date',
  instant: 'datetime',
  reference: 'number',
  choice: 'text',
};

/** Columns that another table holds, as in NetSuite: a transaction's subsidiary is on its main line. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  customer: ['subsidiary', 'country'],
  salesOrder: ['subsidiary', 'orderStatus', 'total'],
  estimate: ['subsidiary', 'total'],
  invoice: ['subsidiary', 'createdFrom', 'total'],
  purchaseOrder: ['subsidiary', 'department', 'total'],
  vendor: ['subsidiary', 'country'],
  vendorBill: ['subsidiary', 'department', 'createdFrom', 'total'],
  creditmemo: ['subsidiary', 'createdFrom', 'total'],
};

/** The columns of an object's own table. */
export function columnsOf(type: RecordType): Record<string, ColumnType> {
  const hidden = new Set(ELSEWHERE[type.object] ?? []);
  const own = Object.entries(type.fields).filter(
    ([name, field]) => field.kind !== 'lines' && !hidden.has(name),
  );
  return {
    id: 'number',
    ...Object.fromEntries(
      own.map(([name, field]) => [name.toLowerCase(), TYPE_OF[field.kind] ?? 'text']),
    ),
  };
}

/** One kept value as SuiteQL holds it. */
export function cell(
  kind: string,
  value: Json | undefined,
  zone: (instant: Date) => string,
): string | null {
  if (value === undefined || value === null) return null;
  if (kind === 'flag') return value === true ? 'T' : 'F';
  if (kind === 'reference' || kind === 'choice') return idOf(value);
  const text = textOf(value);
  return kind === 'instant' && text !== null ? zone(new Date(text)) : text;
}

function nameOf(record: Stored | undefined): string | null {
  const { fields } = record ?? {};
  return (
    textOf(fields?.['entityId']) ??
    textOf(fields?.['itemId']) ??
    textOf(fields?.['tranId']) ??
    textOf(fields?.['name'])
  );
}

/** The state, and the account's wall-clock text of an instant. */
export interface Source {
  readonly state: State;
  readonly zone: (instant: Date) => string;
}

/** The cells of a record or a line, and what BUILTIN.DF shows for them. */
export function fieldCells(
  fields: Fields,
  kept: Readonly<Record<string, Json>>,
  source: Source,
): Pick<Row, 'values' | 'display'> {
  const values: Record<string, string | null> = {};
  const display: Record<string, string> = {};
  for (const [name, field] of Object.entries(fields)) {
    const column = name.toLowerCase();
    values[column] = cell(field.kind, kept[name], source.zone);
    const shown =
      field.kind === 'choice'
        ? field.choices?.[values[column] ?? '']
        : field.kind === 'reference' && values[column] !== null
          ? nameOf(source.state.get(field.to ?? '', values[column] ?? ''))
          : null;
    if (shown !== undefined && shown !== null) display[column] = shown;
  }
  return { values, display };
}
