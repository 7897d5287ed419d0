/** Record types on which the package's fields stand. */
export type PackageRecord = 'salesOrder' | 'estimate' | 'purchaseOrder';

/** One custom field that the Trueup package installs in a NetSuite account. */
export interface PackageField {
  /** The script id: also the field's name in the record service and, in lower case, in SuiteQL. */
  readonly name: string;
  readonly label: string;
  readonly help: string;
  /** `body`: a field of the transaction. `column`: a field of each line. */
  readonly level: 'body' | 'column';
  readonly type: 'text' | 'date';
  readonly records: readonly PackageRecord[];
}

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
