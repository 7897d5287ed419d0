import type { Json } from '../../../src/sdk/kernel.ts';
import { negated } from '../lossless-json.ts';
import { RECORD_TYPES } from './schema.ts';
import type { RecordType } from './schema-fields.ts';
import type { Line, State, Stored } from './state.ts';
import {
  cell,
  columnsOf,
  fieldCells,
  TYPE_OF,
  type ColumnType,
  type Row,
  type Source,
  type Table,
} from './table-cells.ts';
import { idOf, textOf } from './values.ts';

const TRANSACTIONS = RECORD_TYPES.filter((type) => type.transaction !== undefined);

function transactionTypes(state: State): readonly RecordType[] {
  return TRANSACTIONS.flatMap(({ object }) => state.type(object) ?? []);
}

/** All transactions, whatever they buy or sell. */
export function transactionTable(source: Source): Table {
  const types = transactionTypes(source.state);
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
  isclosed: 'flag', quantitybilled: 'number', quantityshiprecv: 'number', department: 'number', subsidiary: 'number', createdfrom: 'number', orderline: 'number',
  linelastmodifieddate: 'datetime',
}; // prettier-ignore

function inLedger(value: Json | undefined, turned: boolean): string | null {
  const text = textOf(value);
  return text === null || !turned ? text : negated(text);
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
  const {
    line: _number,
    amount: _amount,
    description,
    isclosed,
    quantityreceived,
    ...rest
  } = values;
  const turned = type.transaction?.turned === true;
  const amount = inLedger(line['amount'], turned);
  return {
    record: { object: type.object, id: record.id },
    display,
    values: {
      ...base, ...rest,
      id: number, uniquekey: `${record.id}${number.padStart(4, '0')}`, linesequencenumber: number, mainline: 'F',
      quantity: inLedger(line['quantity'], turned), foreignamount: amount, netamount: amount,
      memo: description ?? null, isclosed: isclosed ?? 'F', quantityshiprecv: quantityreceived ?? null,
    },
  }; // prettier-ignore
}

/** The lines of all transactions; line 0 of each is its main line. */
export function transactionLineTable(source: Source): Table {
  const types = transactionTypes(source.state);
  const custom = Object.assign({}, ...types.map((type) => {
    const own = Object.entries(type.lines ?? {}).filter(([, field]) => field.custom === true);
    return Object.fromEntries(own.map(([name, field]) => [name, TYPE_OF[field.kind] ?? 'text']));
  })) as Record<string, ColumnType>; // prettier-ignore
  const rows = types.flatMap((type) =>
    source.state.all(type.object).flatMap((record) => {
      const stamp = cell('instant', record.fields['lastModifiedDate'], source.zone);
      const base = {
        transaction: record.id, id: '0', uniquekey: `${record.id}0000`, linesequencenumber: '0', mainline: 'T', taxline: 'F', isclosed: 'F',
        subsidiary: idOf(record.fields['subsidiary']), createdfrom: idOf(record.fields['createdFrom']), department: idOf(record.fields['department']), linelastmodifieddate: stamp,
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
