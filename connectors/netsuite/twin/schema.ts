import { PACKAGE_FIELDS } from '../package-fields.ts';

/** How a field is kept: figures as decimal strings, instants as UTC text, references and choices as `{ id }`. */
export type FieldKind =
  | 'text'
  | 'figure'
  | 'flag'
  | 'date'
  | 'instant'
  | 'reference'
  | 'choice'
  | 'lines';

export interface TwinField {
  readonly kind: FieldKind;
  readonly title: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  /** Declared only while the Trueup field package is installed. */
  readonly custom?: boolean;
  /** The object that a reference points at. */
  readonly to?: string;
  readonly choices?: Readonly<Record<string, string>>;
}

export type Fields = Readonly<Record<string, TwinField>>;

export interface RecordType {
  /** The twin's own name, that of the world and of the streams. */
  readonly object: string;
  readonly title: string;
  readonly fields: Fields;
  /** Fields of each element of `item.items`; absent for records without lines. */
  readonly lines?: Fields;
  /** The SuiteQL `type` and the document number prefix of a transaction. */
  readonly transaction?: { readonly type: string; readonly prefix: string };
}

const text = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'text',
  title,
  ...more,
});
const figure = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'figure',
  title,
  ...more,
});
const flag = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'flag',
  title,
  ...more,
});
const date = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'date',
  title,
  ...more,
});
const refer = (title: string, to: string, more: Partial<TwinField> = {}): TwinField => ({ kind: 'reference', title, to, ...more }); // prettier-ignore
const choice = (title: string, choices: Readonly<Record<string, string>>, more: Partial<TwinField> = {}): TwinField => ({ kind: 'choice', title, choices, ...more }); // prettier-ignore

const STAMPS: Fields = {
  createdDate: { kind: 'instant', title: 'Date Created', readOnly: true },
  lastModifiedDate: { kind: 'instant', title: 'Last Modified Date', readOnly: true },
};

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
const ESTIMATE_STATUS = { A: 'Open', B: 'Processed', C: 'Closed', V: 'Voided', X: 'Expired' };
const INVOICE_STATUS = { A: 'Open', B: 'Paid In Full', V: 'Voided' };

function custom(record: 'salesOrder' | 'estimate', level: 'body' | 'column'): Fields {
  const mine = PACKAGE_FIELDS.filter(
    (field) => field.level === level && field.records.includes(record),
  );
  return Object.fromEntries(
    mine.map((field) => [
      field.name,
      { kind: field.type, title: field.label, custom: true } satisfies TwinField,
    ]),
  );
}

const LINE: Fields = {
  line: figure('Line', {}),
  item: refer('Item', 'item', { required: true }),
  quantity: figure('Quantity'),
  rate: figure('Rate'),
  amount: figure('Amount'),
  description: text('Description'),
};
const DOCUMENT: Fields = {
  ...STAMPS,
  tranId: text('Document Number'),
  externalId: text('External ID'),
  entity: refer('Customer', 'customer', { required: true }),
  subsidiary: refer('Subsidiary', 'subsidiary'),
  currency: refer('Currency', 'currency'),
  tranDate: date('Date'),
  memo: text('Memo'),
  total: figure('Total', { readOnly: true }),
};
const ITEMS: TwinField = { kind: 'lines', title: 'Items', required: true };

const salesOrder: RecordType = {
  object: 'salesOrder',
  title: 'Sales Order',
  transaction: { type: 'SalesOrd', prefix: 'SO' },
  fields: {
    ...DOCUMENT,
    otherRefNum: text('PO #'),
    status: choice('Status', ORDER_STATUS, { readOnly: true }),
    orderStatus: choice('Order Status', ORDER_STATUS),
    item: ITEMS,
    ...custom('salesOrder', 'body'),
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
  transaction: { type: 'Estimate', prefix: 'EST' },
  fields: {
    ...DOCUMENT,
    otherRefNum: text('PO #'),
    title: text('Title'),
    expectedCloseDate: date('Expected Close'),
    dueDate: date('Expires'),
    status: choice('Status', ESTIMATE_STATUS, { readOnly: true }),
    item: ITEMS,
    ...custom('estimate', 'body'),
  },
  lines: { ...LINE, ...custom('estimate', 'column') },
};

const invoice: RecordType = {
  object: 'invoice',
  title: 'Invoice',
  transaction: { type: 'CustInvc', prefix: 'INV' },
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
];

/** Names of the record service that differ from the object's: an item's type decides its path. */
export const REST_NAMES: Readonly<Record<string, { readonly object: string; readonly itemType?: string }>> = {
  ...Object.fromEntries(RECORD_TYPES.filter((type) => type.object !== 'item').map((type) => [type.object, { object: type.object }])),
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
