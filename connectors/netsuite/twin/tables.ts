import type { State } from './state.ts';
import { columnsOf, fieldCells, type Source, type Table } from './table-cells.ts';
import { transactionLineTable, transactionTable } from './transaction-tables.ts';
import { idOf, textOf } from './values.ts';

/** Objects whose SuiteQL table has their own name. */
const OWN_TABLES = [
  'subsidiary',
  'currency',
  'customer',
  'item',
  'vendor',
  'department',
  'accountingperiod',
  'currencyrate',
  'employee',
  'systemnote',
];

export interface Tables {
  get(name: string): Table | undefined;
}

function entityTable(object: string, source: Source): Table {
  const type = source.state.type(object);
  if (type === undefined) return { columns: {}, rows: [] };
  const rows = source.state.all(object).map((record) => {
    const cells = fieldCells(type.fields, record.fields, source);
    const address = ENTITIES.includes(object)
      ? { defaultbillingaddress: addressKey(object, record.id) }
      : {};
    return {
      record: { object, id: record.id },
      values: { id: record.id, ...cells.values, ...address },
      display: cells.display,
    };
  });
  const columns = {
    ...columnsOf(type),
    ...(ENTITIES.includes(object) ? { defaultbillingaddress: 'number' as const } : {}),
  };
  return { columns, rows };
}

/** Customers and vendors keep their address and their subsidiaries in tables of their own. */
const ENTITIES = ['customer', 'vendor'];

/** The key of an entity's address; ids of customers and vendors may be alike. */
const addressKey = (object: string, id: string): string =>
  object === 'vendor' ? `7000000${id}` : id;

function addressTable({ state }: Source): Table {
  const rows = ENTITIES.flatMap((object) =>
    state.all(object).map(({ id, fields }) => ({
      record: { object, id },
      display: {},
      values: { nkey: addressKey(object, id), country: textOf(fields['country']) },
    })),
  );
  return { columns: { nkey: 'number', country: 'text' }, rows };
}

function relationshipTable(object: string, { state }: Source): Table {
  const rows = state.all(object).map(({ id, fields }) => ({
    record: { object, id },
    display: {},
    values: { id, entity: id, subsidiary: idOf(fields['subsidiary']), isprimarysub: 'T' },
  }));
  return {
    columns: { id: 'number', entity: 'number', subsidiary: 'number', isprimarysub: 'flag' },
    rows,
  };
}

/** What was deleted, and when: the only trace that a deletion leaves for SuiteQL. */
function deletedTable({ state, zone }: Source): Table {
  const rows = state.deletions().map(({ object, id, name, at }) => ({
    record: { object: 'deletedrecord', id: `${object} ${id}` },
    display: {},
    values: { recordid: id, type: object.toLowerCase(), name, deleteddate: zone(new Date(at)) },
  }));
  return {
    columns: { recordid: 'number', type: 'text', name: 'text', deleteddate: 'datetime' },
    rows,
  };
}

/**
 * The SuiteQL tables of the state, built when asked for and kept until the state moves.
 * `zone` gives the account's wall-clock text of an instant.
 */
export function createTables(state: State, zone: (instant: Date) => string): Tables {
  const source: Source = { state, zone };
  const build: Readonly<Record<string, () => Table>> = {
    dual: () => ({ columns: { dummy: 'text' }, rows: [{ record: { object: 'dual', id: 'X' }, values: { dummy: 'X' }, display: {} }] }),
    ...Object.fromEntries(OWN_TABLES.map((object) => [object, () => entityTable(object, source)])),
    budgets: () => entityTable('budget', source),
    entityaddress: () => addressTable(source),
    customersubsidiaryrelationship: () => relationshipTable('customer', source),
    vendorsubsidiaryrelationship: () => relationshipTable('vendor', source),
    deletedrecord: () => deletedTable(source),
    transaction: () => transactionTable(source),
    transactionline: () => transactionLineTable(source),
  }; // prettier-ignore
  let built = new Map<string, Table>();
  let version = '';
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
