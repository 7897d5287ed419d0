import type { Json } from '../../../src/sdk/kernel.ts';
import { negated } from '../lossless-json.ts';
import type { Fields, RecordType } from './schema.ts';
import type { Line, State, Stored } from './state.ts';
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

export interface Tables {
  get(name: string): Table | undefined;
}

const TYPE_OF: Readonly<Record<string, ColumnType>> = {
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
};

function columnsOf(type: RecordType): Record<string, ColumnType> {
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

function cell(
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

interface Source {
  readonly state: State;
  readonly zone: (instant: Date) => string;
}

function fieldCells(
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

function entityTable(object: string, source: Source): Table {
  const type = source.state.type(object);
  if (type === undefined) return { columns: {}, rows: [] };
  const rows = source.state.all(object).map((record) => {
    const cells = fieldCells(type.fields, record.fields, source);
    const address = object === 'customer' ? { defaultbillingaddress: record.id } : {};
    return {
      record: { object, id: record.id },
      values: { id: record.id, ...cells.values, ...address },
      display: cells.display,
    };
  });
  const columns = {
    ...columnsOf(type),
    ...(object === 'customer' ? { defaultbillingaddress: 'number' as const } : {}),
  };
  return { columns, rows };
}

/** A customer's address and subsidiary live in tables of their own. */
function customerSideTable(
  kind: 'entityaddress' | 'customersubsidiaryrelationship',
  source: Source,
): Table {
  const rows = source.state.all('customer').map((record) => ({
    record: { object: 'customer', id: record.id },
    display: {},
    values:
      kind === 'entityaddress'
        ? { nkey: record.id, country: textOf(record.fields['country']) }
        : {
            id: record.id,
            entity: record.id,
            subsidiary: idOf(record.fields['subsidiary']),
            isprimarysub: 'T',
          },
  }));
  const columns: Table['columns'] =
    kind === 'entityaddress'
      ? { nkey: 'number', country: 'text' }
      : { id: 'number', entity: 'number', subsidiary: 'number', isprimarysub: 'flag' };
  return { columns, rows };
}

const SALES = ['salesOrder', 'estimate', 'invoice'];

function salesTypes(state: State): readonly RecordType[] {
  return SALES.flatMap((object) => state.type(object) ?? []);
}

function transactionTable(source: Source): Table {
  const types = salesTypes(source.state);
  const columns = Object.assign(
    { type: 'text', foreigntotal: 'number' },
    ...types.map(columnsOf),
  ) as Record<string, ColumnType>;
  const rows = types.flatMap((type) =>
    source.state.all(type.object).map((record) => {
      const { values, display } = fieldCells(type.fields, record.fields, source);
      const status =
        display['status'] === undefined ? {} : { status: `${type.title} : ${display['status']}` };
      return {
        record: { object: type.object, id: record.id },
        values: {
          ...values,
          id: record.id,
          type: type.transaction?.type ?? null,
          foreigntotal: textOf(record.fields['total']),
        },
        display: { ...display, ...status, type: type.title },
      };
    }),
  );
  return { columns, rows };
}

const LINE_COLUMNS: Readonly<Record<string, ColumnType>> = {
  transaction: 'number', id: 'number', uniquekey: 'number', linesequencenumber: 'number', mainline: 'flag', taxline: 'flag',
  item: 'number', quantity: 'number', rate: 'number', foreignamount: 'number', netamount: 'number', memo: 'text',
  isclosed: 'flag', quantitybilled: 'number', subsidiary: 'number', createdfrom: 'number', orderline: 'number',
  linelastmodifieddate: 'datetime',
}; // prettier-ignore

function minus(value: Json | undefined): string | null {
  const text = textOf(value);
  return text === null ? null : negated(text);
}

/** Sales lines carry their quantity and amount with the sign turned, as the vendor's ledger does. */
function lineRow(
  type: RecordType,
  record: Stored,
  line: Line,
  base: Row['values'],
  source: Source,
): Row {
  const { values, display } = fieldCells(type.lines ?? {}, line, source);
  const number = textOf(line['line']) ?? '0';
  const { line: _number, amount: _amount, description, isclosed, ...rest } = values;
  return {
    record: { object: type.object, id: record.id },
    display,
    values: {
      ...base, ...rest,
      id: number, uniquekey: `${record.id}${number.padStart(4, '0')}`, linesequencenumber: number, mainline: 'F',
      quantity: minus(line['quantity']), foreignamount: minus(line['amount']), netamount: minus(line['amount']),
      memo: description ?? null, isclosed: isclosed ?? 'F',
    },
  }; // prettier-ignore
}

function transactionLineTable(source: Source): Table {
  const types = salesTypes(source.state);
  const custom = Object.assign({}, ...types.map((type) => {
    const own = Object.entries(type.lines ?? {}).filter(([, field]) => field.custom === true);
    return Object.fromEntries(own.map(([name, field]) => [name, TYPE_OF[field.kind] ?? 'text']));
  })) as Record<string, ColumnType>; // prettier-ignore
  const rows = types.flatMap((type) =>
    source.state.all(type.object).flatMap((record) => {
      const stamp = cell('instant', record.fields['lastModifiedDate'], source.zone);
      const base = {
        transaction: record.id, id: '0', uniquekey: `${record.id}0000`, linesequencenumber: '0', mainline: 'T', taxline: 'F', isclosed: 'F',
        subsidiary: idOf(record.fields['subsidiary']), createdfrom: idOf(record.fields['createdFrom']), linelastmodifieddate: stamp,
      }; // prettier-ignore
      const main: Row = {
        record: { object: type.object, id: record.id },
        display: {},
        values: {
          ...base,
          foreignamount: textOf(record.fields['total']),
          netamount: textOf(record.fields['total']),
        },
      };
      return [main, ...record.lines.map((line) => lineRow(type, record, line, base, source))];
    }),
  );
  return { columns: { ...LINE_COLUMNS, ...custom }, rows };
}

/**
 * The SuiteQL tables of the state, built when asked for and kept until the state moves.
 * `zone` gives the account's wall-clock text of an instant.
 */
export function createTables(state: State, zone: (instant: Date) => string): Tables {
  const source: Source = { state, zone };
  const build: Readonly<Record<string, () => Table>> = {
    dual: () => ({ columns: { dummy: 'text' }, rows: [{ record: { object: 'dual', id: 'X' }, values: { dummy: 'X' }, display: {} }] }),
    ...Object.fromEntries(['subsidiary', 'currency', 'customer', 'item'].map((object) => [object, () => entityTable(object, source)])),
    entityaddress: () => customerSideTable('entityaddress', source),
    customersubsidiaryrelationship: () => customerSideTable('customersubsidiaryrelationship', source),
    transaction: () => transactionTable(source),
    transactionline: () => transactionLineTable(source),
  }; // prettier-ignore
  let built = new Map<string, Table>();
  let version = -1;
  return {
    get: (name) => {
      if (version !== state.version()) {
        built = new Map();
        version = state.version();
      }
      const make = Object.hasOwn(build, name) ? build[name] : undefined;
      if (make === undefined) return undefined;
      const table = built.get(name) ?? make();
      built.set(name, table);
      return table;
    },
  };
}
