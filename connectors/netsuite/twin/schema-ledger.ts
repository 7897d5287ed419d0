import {
  choice,
  date,
  figure,
  flag,
  refer,
  STAMPS,
  text,
  type RecordType,
} from './schema-fields.ts';

const department: RecordType = {
  object: 'department',
  title: 'Department',
  fields: {
    ...STAMPS,
    name: text('Name', { required: true }),
    externalId: text('External ID'),
    parent: refer('Subdepartment of', 'department'),
    isInactive: flag('Inactive'),
  },
};

const accountingperiod: RecordType = {
  object: 'accountingperiod',
  title: 'Accounting Period',
  fields: {
    ...STAMPS,
    periodName: text('Period Name', { required: true }),
    startDate: date('Start Date'),
    endDate: date('End Date'),
    parent: refer('Sub-Period of', 'accountingperiod'),
    isYear: flag('Year'),
    isQuarter: flag('Quarter'),
    isAdjust: flag('Adjustment'),
    closed: flag('Closed'),
  },
};

const currencyrate: RecordType = {
  object: 'currencyrate',
  title: 'Currency Exchange Rate',
  fields: {
    ...STAMPS,
    baseCurrency: refer('Base Currency', 'currency'),
    transactionCurrency: refer('Source Currency', 'currency'),
    exchangeRate: figure('Exchange Rate'),
    effectiveDate: date('Effective Date'),
  },
};

/** One row for each department and year; accounts without budgeting do not have the table. */
const budget: RecordType = {
  object: 'budget',
  title: 'Budget',
  fields: {
    ...STAMPS,
    year: refer('Year', 'accountingperiod'),
    department: refer('Department', 'department'),
    subsidiary: refer('Subsidiary', 'subsidiary'),
    currency: refer('Currency', 'currency'),
    category: text('Category'),
    total: figure('Total'),
  },
};

const employee: RecordType = {
  object: 'employee',
  title: 'Employee',
  fields: { ...STAMPS, entityId: text('Name', { required: true }), email: text('Email') },
};

/** The kinds of change that a system note tells of. */
const NOTE_TYPES = { '1': 'Unset', '2': 'Create', '3': 'Delete', '4': 'Change', '5': 'Set' };

/** Who changed what: `name` is the person, `recordId` the changed record within its `recordTypeId`. */
const systemnote: RecordType = {
  object: 'systemnote',
  title: 'System Note',
  fields: {
    date: { kind: 'instant', title: 'Date' },
    name: refer('Set by', 'employee'),
    recordId: figure('Record ID'),
    recordTypeId: figure('Record Type'),
    record: text('Record'),
    field: text('Field'),
    lineId: figure('Line ID'),
    type: choice('Type', NOTE_TYPES),
    oldValue: text('Old Value'),
    newValue: text('New Value'),
    context: text('Context'),
  },
};

/** How an account is set up, and who changed it. */
export const LEDGER_TYPES: readonly RecordType[] = [
  department,
  accountingperiod,
  currencyrate,
  budget,
  employee,
  systemnote,
];
