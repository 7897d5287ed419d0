import type { WriterDefinition } from '../../src/sdk/define-connector.ts';
import { EXTERNAL_ID_FIELD, INTENT_FIELD } from './package-fields.ts';

/** A collection holds at most 200 records. */
export const BATCH = 200;

/** Salesforce locks the account along with what belongs to it. */
function writer(object: string, title: string, money: boolean): WriterDefinition {
  return { object, title, externalIdField: EXTERNAL_ID_FIELD, intentField: INTENT_FIELD, batch: BATCH, money, parentField: object === 'Account' ? 'Id' : 'AccountId' }; // prettier-ignore
}

export const WRITERS: readonly WriterDefinition[] = [
  { ...writer('Contract', 'Contracts', true), cancel: 'set to the status for cancelled contracts' },
  { ...writer('Asset', 'Entitlements, as assets', true), cancel: 'set to obsolete' },
  {
    ...writer('Opportunity', 'Renewal opportunities with their lines', true),
    partFields: ['lines'],
    cancel: 'closed as lost',
  },
  writer('Account', 'Licence position on the account', false),
];

/** What a written field holds: Salesforce takes figures as JSON numbers only. */
export type FieldForm = 'text' | 'figure' | 'integer';

type Forms = Readonly<Record<string, FieldForm>>;

const text = (...names: readonly string[]): Forms => Object.fromEntries(names.map((name) => [name, 'text' as const])); // prettier-ignore
const figure = (...names: readonly string[]): Forms => Object.fromEntries(names.map((name) => [name, 'figure' as const])); // prettier-ignore

/** The fields that are written and read back, by object. */
export const WRITTEN_FIELDS: Readonly<Record<string, Forms>> = {
  Contract: {
    ...text('AccountId', 'Name', 'StartDate', 'Status', 'OwnerExpirationNotice', 'Description', 'CurrencyIsoCode', 'Trueup_Opportunity__c'),
    ContractTerm: 'integer',
  },
  Asset: {
    ...text('Name', 'AccountId', 'Product2Id', 'Status', 'InstallDate', 'UsageEndDate', 'PurchaseDate', 'CurrencyIsoCode', 'Trueup_Entitlement_Status__c', 'Trueup_Term_Start__c', 'Trueup_Term_End__c'),
    ...figure('Quantity', 'Price'),
  },
  Opportunity: {
    ...text('Name', 'AccountId', 'StageName', 'CloseDate', 'CurrencyIsoCode', 'Type', 'ContractId', 'Pricebook2Id', 'OwnerId', 'Description', 'Trueup_Renewal_Of__c', 'Trueup_Notice_Date__c'),
    ...figure('Amount'),
  },
  Account: {
    ...text('Trueup_Position_Status__c', 'Trueup_Position_As_Of__c', 'Trueup_Next_Renewal__c', 'Trueup_Notice_Date__c', 'Trueup_True_Up_Currency__c', 'Trueup_Expansion_Signal__c'),
    ...figure('Trueup_Rights_Owned__c', 'Trueup_Rights_In_Use__c', 'Trueup_Shortfall__c', 'Trueup_Utilisation__c', 'Trueup_True_Up_Amount__c', 'Trueup_Use_Change__c'),
    Trueup_Open_Findings__c: 'integer',
  },
}; // prettier-ignore

/** A line of an opportunity, in the order of `lines` in the request. */
export const LINE_FIELDS: Forms = {
  ...text('ProductCode', 'ServiceDate', 'Trueup_End_Date__c'),
  ...figure('Quantity', 'UnitPrice'),
  Trueup_Term_Months__c: 'integer',
};
