/** A custom field that Trueup needs in the organisation; the installable package declares exactly these. */
export interface PackageField {
  readonly object: string;
  readonly name: string;
  readonly label: string;
  readonly type: 'Text' | 'Number' | 'Date';
  /** Text only: characters at most. */
  readonly length: number | null;
  /** Number only: digits after the point; 18 digits in all, as Salesforce has it. */
  readonly scale: number | null;
  /** The key of our upserts: unique, case-sensitive external id. */
  readonly externalId: boolean;
  readonly description: string;
}

type Draft = Pick<PackageField, 'name' | 'label' | 'description'> & Partial<PackageField>;

function field(object: string, type: PackageField['type'], draft: Draft): PackageField {
  return { object, type, length: null, scale: null, externalId: false, ...draft };
}

const text = (object: string, length: number, draft: Draft): PackageField =>
  field(object, 'Text', { ...draft, length });
const number = (object: string, scale: number, draft: Draft): PackageField =>
  field(object, 'Number', { ...draft, scale });
const date = (object: string, draft: Draft): PackageField => field(object, 'Date', draft);

/** The external id: whatever Trueup makes is found by it, and never made twice. */
function idOf(object: string): PackageField {
  return text(object, 255, {
    name: 'Trueup_Id__c',
    label: 'Trueup Id',
    externalId: true,
    description: 'The key under which Trueup writes this record. Never change it.',
  });
}

/** The external id and the intent id, carried by every object that Trueup writes. */
function keys(object: string): readonly PackageField[] {
  return [
    idOf(object),
    text(object, 64, {
      name: 'Trueup_Intent__c',
      label: 'Trueup Intent',
      description: 'The last write of Trueup that reached this record.',
    }),
  ];
}

const ACCOUNT = [
  ...keys('Account'),
  number('Account', 6, { name: 'Trueup_Rights_Owned__c', label: 'Rights Owned', description: 'Units of rights in force.' }),
  number('Account', 6, { name: 'Trueup_Rights_In_Use__c', label: 'Rights In Use', description: 'Units in use or assigned.' }),
  number('Account', 6, { name: 'Trueup_Shortfall__c', label: 'Shortfall', description: 'Units in use beyond the rights.' }),
  text('Account', 255, { name: 'Trueup_Position_Status__c', label: 'Position Status', description: 'The licence position in a word.' }),
  date('Account', { name: 'Trueup_Position_As_Of__c', label: 'Position As Of', description: 'The business date of the position.' }),
  date('Account', { name: 'Trueup_Next_Renewal__c', label: 'Next Renewal', description: 'The next date on which a term ends.' }),
  date('Account', { name: 'Trueup_Notice_Date__c', label: 'Notice Date', description: 'The last day on which notice of the next renewal is in time.' }),
  number('Account', 2, { name: 'Trueup_Utilisation__c', label: 'Utilisation (%)', description: 'Rights in use by rights owned, per cent.' }),
  number('Account', 2, { name: 'Trueup_True_Up_Amount__c', label: 'True-up Amount', description: 'What the shortfall costs, in the true-up currency.' }),
  text('Account', 3, { name: 'Trueup_True_Up_Currency__c', label: 'True-up Currency', description: 'The currency of the true-up amount.' }),
  number('Account', 6, { name: 'Trueup_Use_Change__c', label: 'Change of Use', description: 'Units in use more, or less, than a quarter before.' }),
  text('Account', 40, { name: 'Trueup_Expansion_Signal__c', label: 'Expansion Signal', description: 'over_rights, near_limit, growing or none.' }),
  number('Account', 0, { name: 'Trueup_Open_Findings__c', label: 'Open Findings', description: 'Findings that wait for a person.' }),
]; // prettier-ignore

const PRODUCT = [
  text('Product2', 80, { name: 'Trueup_Metric__c', label: 'Licence Metric', description: 'How the product is counted, such as named_user; empty for services.' }),
  number('Product2', 6, { name: 'Trueup_Rights_Per_Pack__c', label: 'Rights Per Pack', description: 'Units of rights that one sold unit grants.' }),
]; // prettier-ignore

const OPPORTUNITY = [
  ...keys('Opportunity'),
  text('Opportunity', 255, { name: 'Trueup_Renewal_Of__c', label: 'Renewal Of', description: 'What this opportunity renews, in Trueup.' }),
  date('Opportunity', { name: 'Trueup_Notice_Date__c', label: 'Notice Date', description: 'The last day on which notice is in time.' }),
  text('Opportunity', 80, { name: 'Trueup_PO_Number__c', label: 'PO Number', description: "The customer's purchase order number, as it stands on their order. It tells which order in the ERP belongs to the deal." }),
]; // prettier-ignore

const LINE = [
  idOf('OpportunityLineItem'),
  number('OpportunityLineItem', 0, { name: 'Trueup_Term_Months__c', label: 'Term Months', description: 'Length of the term in months.' }),
  date('OpportunityLineItem', { name: 'Trueup_End_Date__c', label: 'End Date', description: 'The last day of the term, inclusive.' }),
]; // prettier-ignore

const CONTRACT = [
  ...keys('Contract'),
  text('Contract', 18, { name: 'Trueup_Opportunity__c', label: 'Trueup Opportunity', description: 'The opportunity that this contract came from.' }),
]; // prettier-ignore

const ASSET = [
  ...keys('Asset'),
  text('Asset', 40, { name: 'Trueup_Entitlement_Status__c', label: 'Entitlement Status', description: 'draft, active or reversed.' }),
  date('Asset', { name: 'Trueup_Term_Start__c', label: 'Term Start', description: 'The first day of the right.' }),
  date('Asset', { name: 'Trueup_Term_End__c', label: 'Term End', description: 'The last day of the right, inclusive.' }),
]; // prettier-ignore

/** Every custom field of the package. The XML, `check` and the sandbox's schema all follow this list. */
export const PACKAGE_FIELDS: readonly PackageField[] = [
  ...ACCOUNT,
  ...PRODUCT,
  ...OPPORTUNITY,
  ...LINE,
  ...CONTRACT,
  ...ASSET,
];

export const EXTERNAL_ID_FIELD = 'Trueup_Id__c';
export const INTENT_FIELD = 'Trueup_Intent__c';

/** The package's fields of one object, by name. */
export function packageFieldsOf(object: string): readonly PackageField[] {
  return PACKAGE_FIELDS.filter((each) => each.object === object);
}
