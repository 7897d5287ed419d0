import type { StreamDefinition } from '../../src/sdk/define-connector.ts';
import { packageFieldsOf } from './package-fields.ts';
import { MAX_ROWS, STAMP_FORMAT } from './suiteql.ts';

/** A selected column: its SQL and the name under which it lands. */
export interface Column {
  readonly sql: string;
  readonly name: string;
  /** Installed by the field package; left out where the account does not have it. */
  readonly custom?: boolean;
}

/** How one stream is read. `t` is the alias of its table in every query. */
export interface StreamPlan {
  readonly definition: StreamDefinition;
  /** The record's name in the record service and its metadata. */
  readonly record: string;
  readonly table: string;
  readonly filter: string | null;
  readonly joins: string;
  readonly columns: readonly Column[];
  /** Columns of each line; null where the record has none. */
  readonly lines: readonly Column[] | null;
}

const plain = (...names: readonly string[]): readonly Column[] =>
  names.map((name) => ({ sql: `t.${name}`, name }));
const day = (source: string, name: string, custom = false): Column => ({
  sql: `TO_CHAR(${source}.${name}, 'YYYY-MM-DD')`,
  name,
  custom,
});
const STAMP: Column = {
  sql: `TO_CHAR(t.lastmodifieddate, '${STAMP_FORMAT}')`,
  name: 'lastmodifieddate',
};
const CURRENCY: Column = { sql: 'cur.symbol', name: 'currency' };
const CURRENCY_JOIN = 'LEFT JOIN currency cur ON cur.id = t.currency';

const TRANSACTION: readonly Column[] = [
  ...plain('id', 'tranid', 'externalid', 'entity'),
  { sql: 'c.externalid', name: 'entity_externalid' },
  CURRENCY,
  day('t', 'trandate'),
  ...plain('status'),
  { sql: 'BUILTIN.DF(t.status)', name: 'statusname' },
  { sql: 'ml.subsidiary', name: 'subsidiary' },
  ...plain('otherrefnum', 'memo'),
  STAMP,
];
/** A transaction's subsidiary and origin stand on its main line, its customer's external id on the customer. */
const TRANSACTION_JOINS = `INNER JOIN transactionline ml ON ml.transaction = t.id AND ml.mainline = 'T' LEFT JOIN customer c ON c.id = t.entity ${CURRENCY_JOIN}`;

const LINE: readonly Column[] = [
  { sql: 'tl.id', name: 'line' },
  { sql: 'tl.item', name: 'item' },
  { sql: 'i.itemid', name: 'itemid' },
  { sql: 'tl.quantity', name: 'quantity' },
  { sql: 'tl.rate', name: 'rate' },
  { sql: 'tl.foreignamount', name: 'amount' },
];

const BODY_FIELDS: readonly Column[] = packageFieldsOf('salesOrder', 'body').map(({ name }) => ({
  sql: `t.${name}`,
  name,
  custom: true,
}));
const LINE_FIELDS: readonly Column[] = packageFieldsOf('salesOrder', 'column').map((field) =>
  field.type === 'date'
    ? day('tl', field.name, true)
    : { sql: `tl.${field.name}`, name: field.name, custom: true },
);

const stream = (
  name: string,
  title: string,
  cursor: 'keyset' | 'full',
  personalData: boolean,
): StreamDefinition => ({ name, title, cursor, pageSize: MAX_ROWS, personalData });

export const STREAM_PLANS: readonly StreamPlan[] = [
  {
    definition: stream('subsidiary', 'Subsidiaries', 'full', false),
    record: 'subsidiary',
    table: 'subsidiary',
    filter: null,
    joins: CURRENCY_JOIN,
    columns: [...plain('id', 'name'), CURRENCY, ...plain('country', 'parent', 'iselimination')],
    lines: null,
  },
  {
    definition: stream('customer', 'Customers', 'keyset', true),
    record: 'customer',
    table: 'customer',
    filter: null,
    joins: `LEFT JOIN customersubsidiaryrelationship csr ON csr.entity = t.id AND csr.isprimarysub = 'T' LEFT JOIN entityaddress a ON a.nkey = t.defaultbillingaddress ${CURRENCY_JOIN}`,
    columns: [
      ...plain('id', 'entityid', 'companyname', 'externalid', 'parent', 'email'),
      { sql: 'csr.subsidiary', name: 'subsidiary' },
      CURRENCY,
      { sql: 'a.country', name: 'country' },
      ...plain('isinactive'),
      STAMP,
    ],
    lines: null,
  },
  {
    definition: stream('item', 'Items', 'keyset', false),
    record: 'nonInventorySaleItem',
    table: 'item',
    filter: null,
    joins: '',
    columns: [...plain('id', 'itemid', 'displayname', 'itemtype', 'isinactive'), STAMP],
    lines: null,
  },
  {
    definition: stream('salesOrder', 'Sales orders', 'keyset', false),
    record: 'salesOrder',
    table: 'transaction',
    filter: "t.type = 'SalesOrd'",
    joins: TRANSACTION_JOINS,
    columns: [...TRANSACTION, ...BODY_FIELDS],
    lines: [
      ...LINE,
      { sql: 'tl.isclosed', name: 'isclosed' },
      { sql: 'tl.quantitybilled', name: 'quantitybilled' },
      ...LINE_FIELDS,
    ],
  },
  {
    definition: stream('invoice', 'Invoices', 'keyset', false),
    record: 'invoice',
    table: 'transaction',
    filter: "t.type = 'CustInvc'",
    joins: TRANSACTION_JOINS,
    columns: [
      ...TRANSACTION,
      { sql: 'ml.createdfrom', name: 'createdfrom' },
      { sql: 't.foreigntotal', name: 'foreigntotal' },
    ],
    lines: LINE,
  },
];
