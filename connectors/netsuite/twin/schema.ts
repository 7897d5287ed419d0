import { STATUS_FIELDS } from '../status-fields.ts';
import { BUYING_TYPES } from './schema-buying.ts';
import { LEDGER_TYPES } from './schema-ledger.ts';
import {
  choice,
  custom,
  date,
  DOCUMENT,
  figure,
  flag,
  ITEMS,
  LINE,
  refer,
  STAMPS,
  text,
  type Fields,
  type RecordType,
} from './schema-fields.ts';

export const ORDER_STATUS: Readonly<Record<string, string>> = {
  A: 'Pending Approval',
  B: 'Pending Fulfillment',
  C: 'Cancelled',
  D: 'Partially Fulfilled',
  E: 'Pending Billing/Partially Fulfilled',
  F: 'Pending Billing',
  G: 'Billed',
  H: 'Closed',
};
/** The sales statuses that an account has from the start; 14 closes an estimate. */
const ENTITY_STATUS = { 10: 'Proposal', 11: 'In Negotiation', 12: 'Purchasing', 14: 'Closed Lost' };
const ESTIMATE_STATUS = { A: 'Open', B: 'Processed', C: 'Closed', V: 'Voided', X: 'Expired' };
const INVOICE_STATUS = { A: 'Open', B: 'Paid In Full', V: 'Voided' };

/** Declared only where `trueup-status` is installed. */
const STATUS: Fields = Object.fromEntries(
  STATUS_FIELDS.map(({ name, label }) => [name, { kind: 'text', title: label, custom: true }]),
);

const salesOrder: RecordType = {
  object: 'salesOrder',
  title: 'Sales Order',
  transaction: { type: 'SalesOrd', prefix: 'SO', turned: true },
  fields: {
    ...DOCUMENT,
    otherRefNum: text('PO #'),
    status: choice('Status', ORDER_STATUS, { readOnly: true }),
    orderStatus: choice('Order Status', ORDER_STATUS),
    item: ITEMS,
    ...custom('salesOrder', 'body'),
    ...STATUS,
  },
  lines: {
    ...LINE,
    isClosed: flag('Closed'),
    quantityBilled: figure('Quantity Billed', { readOnly: true }),
    ...custom('salesOrder', 'column'),
  },
};

const estimate: RecordType = {
  object: 'estimate',
  title: 'Estimate',
  transaction: { type: 'Estimate', prefix: 'EST', turned: true },
  fields: {
    ...DOCUMENT,
    otherRefNum: text('PO #'),
    title: text('Title'),
    expectedCloseDate: date('Expected Close'),
    dueDate: date('Expires'),
    status: choice('Status', ESTIMATE_STATUS, { readOnly: true }),
    entityStatus: choice('Sales Status', ENTITY_STATUS),
    item: ITEMS,
    ...custom('estimate', 'body'),
  },
  lines: { ...LINE, ...custom('estimate', 'column') },
};

const invoice: RecordType = {
  object: 'invoice',
  title: 'Invoice',
  transaction: { type: 'CustInvc', prefix: 'INV', turned: true },
  fields: {
    ...DOCUMENT,
    otherRefNum: text('PO #'),
    createdFrom: refer('Created From', 'salesOrder'),
    status: choice('Status', INVOICE_STATUS, { readOnly: true }),
    item: ITEMS,
  },
  lines: { ...LINE, orderLine: figure('Order Line') },
};

const customer: RecordType = {
  object: 'customer',
  title: 'Customer',
  fields: {
    ...STAMPS,
    entityId: text('Customer ID'),
    companyName: text('Company Name', { required: true }),
    externalId: text('External ID'),
    subsidiary: refer('Primary Subsidiary', 'subsidiary', { required: true }),
    currency: refer('Primary Currency', 'currency'),
    parent: refer('Child Of', 'customer'),
    country: text('Country'),
    email: text('Email'),
    isInactive: flag('Inactive'),
    ...custom('customer', 'entity'),
  },
};

const item: RecordType = {
  object: 'item',
  title: 'Item',
  fields: {
    ...STAMPS,
    itemId: text('Item Name/Number', { required: true }),
    displayName: text('Display Name'),
    externalId: text('External ID'),
    itemType: text('Type'),
    isInactive: flag('Inactive'),
  },
};

const subsidiary: RecordType = {
  object: 'subsidiary',
  title: 'Subsidiary',
  fields: {
    ...STAMPS,
    name: text('Name', { required: true }),
    externalId: text('External ID'),
    currency: refer('Currency', 'currency'),
    country: text('Country'),
    parent: refer('Subsidiary of', 'subsidiary'),
    isElimination: flag('Elimination'),
    isInactive: flag('Inactive'),
  },
};

const currency: RecordType = {
  object: 'currency',
  title: 'Currency',
  fields: {
    ...STAMPS,
    name: text('Name', { required: true }),
    symbol: text('ISO Code', { required: true }),
    externalId: text('External ID'),
  },
};

/** Every object that the twin holds. */
export const RECORD_TYPES: readonly RecordType[] = [
  subsidiary,
  currency,
  customer,
  item,
  salesOrder,
  estimate,
  invoice,
  ...BUYING_TYPES,
  ...LEDGER_TYPES,
];

/** Objects that the record service names otherwise, or does not have. */
const RENAMED = new Set([
  'item',
  'creditmemo',
  'accountingperiod',
  'currencyrate',
  'systemnote',
  'budget',
]);

/** Names of the record service that differ from the object's: an item's type decides its path. */
export const REST_NAMES: Readonly<Record<string, { readonly object: string; readonly itemType?: string }>> = {
  ...Object.fromEntries(RECORD_TYPES.filter((type) => !RENAMED.has(type.object)).map((type) => [type.object, { object: type.object }])),
  creditMemo: { object: 'creditmemo' },
  accountingPeriod: { object: 'accountingperiod' },
  nonInventorySaleItem: { object: 'item', itemType: 'NonInvtPart' },
  serviceSaleItem: { object: 'item', itemType: 'Service' },
}; // prettier-ignore

/** The declared type of an object, with the package's fields only where the package is installed. */
export function recordType(object: string, withPackage: boolean): RecordType | undefined {
  const type = RECORD_TYPES.find((known) => known.object === object);
  if (type === undefined || withPackage) return type;
  const plain = (fields: Fields): Fields =>
    Object.fromEntries(Object.entries(fields).filter(([, field]) => field.custom !== true));
  return {
    ...type,
    fields: plain(type.fields),
    ...(type.lines === undefined ? {} : { lines: plain(type.lines) }),
  };
}
