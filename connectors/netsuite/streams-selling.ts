import {
  BILLED,
  bodyFields,
  CLOSED,
  CURRENCY,
  CURRENCY_JOIN,
  LINE,
  lineFields,
  MAIN_LINE,
  ORIGIN,
  plain,
  plan,
  STAMP,
  TOTAL,
  TRANSACTION,
  type StreamPlan,
} from './stream-plan.ts';

/** A customer's external id stands on the customer, who may be unknown to the role. */
const JOINS = `${MAIN_LINE} LEFT JOIN customer c ON c.id = t.entity ${CURRENCY_JOIN}`;
const SALE = [
  ...TRANSACTION.slice(0, 4),
  { sql: 'c.externalid', name: 'entity_externalid' },
  ...TRANSACTION.slice(4),
];

/** What is sold, and to whom. */
export const SELLING: readonly StreamPlan[] = [
  plan('customer', 'Customers', 'keyset', {
    personalData: true,
    table: 'customer',
    joins: `LEFT JOIN customersubsidiaryrelationship csr ON csr.entity = t.id AND csr.isprimarysub = 'T' LEFT JOIN entityaddress a ON a.nkey = t.defaultbillingaddress ${CURRENCY_JOIN}`,
    columns: [
      ...plain('id', 'entityid', 'companyname', 'externalid', 'parent', 'email'),
      { sql: 'csr.subsidiary', name: 'subsidiary' },
      CURRENCY,
      { sql: 'a.country', name: 'country' },
      ...plain('isinactive'),
      STAMP,
    ],
    deletedAs: ['customer', 'entity'],
    permission: 'Lists > Customers',
  }),
  plan('item', 'Items', 'keyset', {
    record: 'nonInventorySaleItem',
    table: 'item',
    columns: [...plain('id', 'itemid', 'displayname', 'itemtype', 'isinactive'), STAMP],
    deletedAs: [
      'item',
      'noninventoryitem',
      'noninventorysaleitem',
      'serviceitem',
      'servicesaleitem',
      'inventoryitem',
    ],
    permission: 'Lists > Items',
  }),
  plan('salesOrder', 'Sales orders', 'keyset', {
    table: 'transaction',
    filter: "t.type = 'SalesOrd'",
    joins: JOINS,
    columns: [...SALE, ...bodyFields('salesOrder')],
    lines: [...LINE, CLOSED, BILLED, ...lineFields('salesOrder')],
    turned: true,
    deletedAs: ['salesorder', 'sales order', 'transaction'],
    permission: 'Transactions > Sales Order',
  }),
  plan('invoice', 'Invoices', 'keyset', {
    table: 'transaction',
    filter: "t.type = 'CustInvc'",
    joins: JOINS,
    columns: [...SALE, ORIGIN, TOTAL],
    lines: LINE,
    turned: true,
    deletedAs: ['invoice', 'transaction'],
    permission: 'Transactions > Invoice',
  }),
  // A credit memo takes back: its lines are not turned in the ledger, and land as a person sees them.
  plan('creditmemo', 'Credit memos', 'keyset', {
    record: 'creditMemo',
    table: 'transaction',
    filter: "t.type = 'CustCred'",
    joins: JOINS,
    columns: [...SALE, ORIGIN, TOTAL],
    lines: LINE,
    deletedAs: ['creditmemo', 'credit memo', 'transaction'],
    permission: 'Transactions > Credit Memo',
  }),
];
