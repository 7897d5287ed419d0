import {
  CURRENCY,
  CURRENCY_JOIN,
  day,
  instant,
  plain,
  plan,
  STAMP,
  type StreamPlan,
} from './stream-plan.ts';

/**
 * Record types whose system notes are read: customer, vendor, item, transaction. An account notes far more than that
 * (logins, saved searches, scripts), and none of it is ours.
 */
const NOTED = { customer: '-2', vendor: '-3', item: '-10', transaction: '-30' } as const;
const TRANSACTIONS = [
  'salesOrder',
  'estimate',
  'invoice',
  'creditmemo',
  'purchaseOrder',
  'vendorBill',
];

/** How the account is set up, and who changed what in it. */
export const LEDGER: readonly StreamPlan[] = [
  plan('subsidiary', 'Subsidiaries', 'full', {
    table: 'subsidiary',
    joins: CURRENCY_JOIN,
    columns: [...plain('id', 'name'), CURRENCY, ...plain('country', 'parent', 'iselimination')],
    permission: 'Lists > Subsidiaries',
  }),
  plan('department', 'Departments', 'full', {
    table: 'department',
    columns: plain('id', 'name', 'externalid', 'parent', 'isinactive'),
    permission: 'Lists > Departments',
  }),
  plan('accountingperiod', 'Accounting periods', 'full', {
    raw: true,
    record: 'accountingPeriod',
    table: 'accountingperiod',
    columns: [
      ...plain('id', 'periodname', 'parent'),
      day('t', 'startdate'),
      day('t', 'enddate'),
      ...plain('isyear', 'isquarter', 'isadjust', 'closed'),
    ],
    permission: 'Setup > Manage Accounting Periods',
  }),
  plan('currencyrate', 'Currency exchange rates', 'keyset', {
    raw: true,
    record: null,
    table: 'currencyrate',
    joins:
      'LEFT JOIN currency cb ON cb.id = t.basecurrency LEFT JOIN currency ct ON ct.id = t.transactioncurrency',
    columns: [
      ...plain('id', 'exchangerate'),
      { sql: 'cb.symbol', name: 'basecurrency' },
      { sql: 'ct.symbol', name: 'transactioncurrency' },
      day('t', 'effectivedate'),
      STAMP,
    ],
    deletedAs: ['currencyrate'],
    permission: 'Lists > Currency',
  }),
  // What a budget gives to each period stands in budgetsmachine; its total and its period of a year stand here.
  plan('budget', 'Budgets', 'full', {
    record: null,
    table: 'budgets',
    joins: `${CURRENCY_JOIN} LEFT JOIN accountingperiod p ON p.id = t.year LEFT JOIN department d ON d.id = t.department`,
    columns: [
      ...plain('id', 'year', 'department', 'subsidiary'),
      { sql: 'BUILTIN.DF(t.category)', name: 'category' },
      { sql: 't.total', name: 'amount' },
      CURRENCY,
      { sql: 'd.name', name: 'departmentname' },
      { sql: 'p.periodname', name: 'yearname' },
      { sql: "TO_CHAR(p.startdate, 'YYYY-MM-DD')", name: 'startdate' },
      { sql: "TO_CHAR(p.enddate, 'YYYY-MM-DD')", name: 'enddate' },
    ],
    permission: 'Transactions > Set Up Budgets',
  }),
  plan('systemnote', 'System notes', 'keyset', {
    personalData: true,
    record: null,
    table: 'systemnote',
    filter: `t.recordtypeid IN (${Object.values(NOTED).join(', ')})`,
    columns: [
      ...plain('id', 'recordtypeid', 'recordid', 'record', 'field', 'lineid'),
      { sql: 'BUILTIN.DF(t.type)', name: 'type' },
      ...plain('oldvalue', 'newvalue', 'name'),
      { sql: 'BUILTIN.DF(t.name)', name: 'author' },
      ...plain('context'),
      instant('date'),
    ],
    raw: true,
    changeLog: {
      of: {
        customer: NOTED.customer,
        vendor: NOTED.vendor,
        item: NOTED.item,
        ...Object.fromEntries(TRANSACTIONS.map((name) => [name, NOTED.transaction])),
      },
      kind: 'recordtypeid',
      record: 'recordid',
      field: 'field',
      action: 'type',
      before: 'oldvalue',
      after: 'newvalue',
      by: ['author', 'name'],
      at: 'date',
    },
    stamp: 'date',
    isLog: true,
    permission: 'Lists > Notes Tab',
  }),
];
