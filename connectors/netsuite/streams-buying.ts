import {
  BILLED,
  CLOSED,
  CURRENCY,
  CURRENCY_JOIN,
  day,
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

const JOINS = `${MAIN_LINE} ${CURRENCY_JOIN}`;
const DEPARTMENT = { sql: 'ml.department', name: 'department' };

/** What is bought, and from whom. Purchase lines keep their sign in the ledger. */
export const BUYING: readonly StreamPlan[] = [
  plan('vendor', 'Vendors', 'keyset', {
    personalData: true,
    table: 'vendor',
    joins: `LEFT JOIN vendorsubsidiaryrelationship vsr ON vsr.entity = t.id AND vsr.isprimarysub = 'T' LEFT JOIN entityaddress a ON a.nkey = t.defaultbillingaddress ${CURRENCY_JOIN}`,
    columns: [
      ...plain('id', 'entityid', 'companyname', 'legalname', 'externalid', 'email'),
      // Only accounts that register for VAT have it.
      { sql: 't.vatregnumber', name: 'vatregnumber', custom: true },
      { sql: 'vsr.subsidiary', name: 'subsidiary' },
      CURRENCY,
      { sql: 'a.country', name: 'country' },
      ...plain('isinactive'),
      STAMP,
    ],
    deletedAs: ['vendor', 'entity'],
    permission: 'Lists > Vendors',
  }),
  plan('purchaseOrder', 'Purchase orders', 'keyset', {
    table: 'transaction',
    filter: "t.type = 'PurchOrd'",
    joins: JOINS,
    columns: [...TRANSACTION, DEPARTMENT, TOTAL],
    lines: [
      ...LINE,
      CLOSED,
      { sql: 'tl.quantityshiprecv', name: 'quantityreceived' },
      BILLED,
      ...lineFields('purchaseOrder'),
    ],
    deletedAs: ['purchaseorder', 'purchase order', 'transaction'],
    permission: 'Transactions > Purchase Order',
  }),
  plan('vendorBill', 'Vendor bills', 'keyset', {
    table: 'transaction',
    filter: "t.type = 'VendBill'",
    joins: JOINS,
    columns: [...TRANSACTION, day('t', 'duedate'), DEPARTMENT, ORIGIN, TOTAL],
    lines: LINE,
    deletedAs: ['vendorbill', 'bill', 'transaction'],
    permission: 'Transactions > Bills',
  }),
];
