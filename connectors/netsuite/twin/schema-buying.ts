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
  type RecordType,
} from './schema-fields.ts';

/** The letters of a purchase order (NetSuite's own). */
const PURCHASE_STATUS: Readonly<Record<string, string>> = {
  A: 'Pending Supervisor Approval',
  B: 'Pending Receipt',
  C: 'Rejected by Supervisor',
  D: 'Partially Received',
  E: 'Pending Billing/Partially Received',
  F: 'Pending Bill',
  G: 'Fully Billed',
  H: 'Closed',
};
const BILL_STATUS = { A: 'Open', B: 'Paid In Full', D: 'Pending Approval', E: 'Rejected' };
const CREDIT_STATUS = { A: 'Open', B: 'Fully Applied', V: 'Voided' };

const vendor: RecordType = {
  object: 'vendor',
  title: 'Vendor',
  fields: {
    ...STAMPS,
    entityId: text('Vendor ID'),
    companyName: text('Company Name'),
    legalName: text('Legal Name'),
    externalId: text('External ID'),
    subsidiary: refer('Primary Subsidiary', 'subsidiary'),
    currency: refer('Primary Currency', 'currency'),
    country: text('Country'),
    email: text('Email'),
    vatRegNumber: text('Tax Reg. Number'),
    isInactive: flag('Inactive'),
  },
};

const purchaseOrder: RecordType = {
  object: 'purchaseOrder',
  title: 'Purchase Order',
  transaction: { type: 'PurchOrd', prefix: 'PO', turned: false },
  fields: {
    ...DOCUMENT,
    entity: refer('Vendor', 'vendor', { required: true }),
    otherRefNum: text('Reference #'),
    department: refer('Department', 'department'),
    status: choice('Status', PURCHASE_STATUS, { readOnly: true }),
    item: ITEMS,
  },
  lines: {
    ...LINE,
    isClosed: flag('Closed'),
    quantityReceived: figure('Received', { readOnly: true }),
    quantityBilled: figure('Billed', { readOnly: true }),
    ...custom('purchaseOrder', 'column'),
  },
};

const vendorBill: RecordType = {
  object: 'vendorBill',
  title: 'Bill',
  transaction: { type: 'VendBill', prefix: 'BILL', turned: false },
  fields: {
    ...DOCUMENT,
    entity: refer('Vendor', 'vendor', { required: true }),
    otherRefNum: text('Reference No.'),
    department: refer('Department', 'department'),
    dueDate: date('Due Date'),
    createdFrom: refer('Created From', 'purchaseOrder'),
    status: choice('Status', BILL_STATUS, { readOnly: true }),
    item: ITEMS,
  },
  lines: { ...LINE, orderLine: figure('Order Line') },
};

/** A credit memo takes back what an invoice asked for: its lines stand with the other sign in the ledger. */
const creditmemo: RecordType = {
  object: 'creditmemo',
  title: 'Credit Memo',
  transaction: { type: 'CustCred', prefix: 'CM', turned: false },
  fields: {
    ...DOCUMENT,
    otherRefNum: text('PO #'),
    createdFrom: refer('Created From', 'invoice'),
    status: choice('Status', CREDIT_STATUS, { readOnly: true }),
    item: ITEMS,
  },
  lines: LINE,
};

/** What an account buys, and what it gives back. */
export const BUYING_TYPES: readonly RecordType[] = [vendor, purchaseOrder, vendorBill, creditmemo];
