/** Record types on which the package's fields stand. */
export type PackageRecord = 'salesOrder' | 'estimate' | 'purchaseOrder' | 'customer';

/** One custom field that the Trueup package installs in a NetSuite account. */
export interface PackageField {
  /** The script id: also the field's name in the record service and, in lower case, in SuiteQL. */
  readonly name: string;
  readonly label: string;
  readonly help: string;
  /** `body`: a field of the transaction. `column`: a field of each line. `entity`: a field of the customer. */
  readonly level: 'body' | 'column' | 'entity';
  readonly type: 'text' | 'date' | 'number';
  readonly records: readonly PackageRecord[];
}

/** A field that shows the licence position on the customer. */
const shown = (
  name: string,
  label: string,
  type: PackageField['type'],
  help: string,
): PackageField => ({
  name: `custentity_trueup_${name}`,
  label: `Trueup ${label}`,
  help,
  level: 'entity',
  type,
  records: ['customer'],
});

/**
 * The fields of `package/Objects`, in one list: the twin declares them, `connections check` looks for them, the
 * reader selects them, and a test holds the XML to them.
 */
export const PACKAGE_FIELDS: readonly PackageField[] = [
  {
    name: 'custbody_trueup_intent',
    label: 'Trueup intent',
    help: 'Id of the Trueup intent that last wrote this transaction. Read back after each write; do not edit.',
    level: 'body',
    type: 'text',
    records: ['salesOrder', 'estimate'],
  },
  {
    name: 'custbody_trueup_opportunity',
    label: 'Trueup CRM opportunity',
    help: 'Id of the CRM opportunity from which this transaction comes.',
    level: 'body',
    type: 'text',
    records: ['salesOrder', 'estimate'],
  },
  {
    name: 'custbody_trueup_renewal_of',
    label: 'Trueup renewal of',
    help: 'Id of the Trueup renewal that this estimate quotes.',
    level: 'body',
    type: 'text',
    records: ['estimate'],
  },
  {
    name: 'custcol_trueup_service_start',
    label: 'Trueup service start',
    help: 'First day on which the rights of this line hold.',
    level: 'column',
    type: 'date',
    records: ['salesOrder', 'estimate', 'purchaseOrder'],
  },
  {
    name: 'custcol_trueup_service_end',
    label: 'Trueup service end',
    help: 'Last day on which the rights of this line hold (inclusive).',
    level: 'column',
    type: 'date',
    records: ['salesOrder', 'estimate', 'purchaseOrder'],
  },
  {
    name: 'custcol_trueup_entitlement',
    label: 'Trueup entitlement',
    help: 'Id of the Trueup entitlement that this line backs.',
    level: 'column',
    type: 'text',
    records: ['salesOrder', 'estimate'],
  },
  shown(
    'rights_owned',
    'rights owned',
    'number',
    'Rights that the customer holds, over all products.',
  ),
  shown(
    'rights_in_use',
    'rights in use',
    'number',
    'Rights that the customer uses, over all products.',
  ),
  shown(
    'shortfall',
    'shortfall',
    'number',
    'Rights that are short, over all products; no surplus is set off.',
  ),
  shown(
    'position_status',
    'position status',
    'text',
    'The worst position of all products, in a word.',
  ),
  shown('position_as_of', 'position as of', 'date', 'The day that the position is of.'),
  shown('utilisation', 'utilisation', 'number', 'Rights in use by rights owned, per cent.'),
  shown(
    'true_up_amount',
    'true-up amount',
    'number',
    'What the shortfall costs, in the true-up currency.',
  ),
  shown(
    'true_up_currency',
    'true-up currency',
    'text',
    'The currency of the true-up amount, ISO 4217.',
  ),
  shown('next_renewal', 'next renewal', 'date', 'The first day of the next renewal term.'),
  shown(
    'notice_date',
    'notice date',
    'date',
    'The last day on which notice of that renewal is in time.',
  ),
  shown(
    'open_findings',
    'open findings',
    'number',
    'What does not agree about this customer and waits for a person.',
  ),
];

/** The package fields of one record type at one level. */
export function packageFieldsOf(
  record: string,
  level: PackageField['level'],
): readonly PackageField[] {
  return PACKAGE_FIELDS.filter(
    (field) => field.level === level && field.records.some((name) => name === record),
  );
}
