import type { ChangeLog } from '../../src/sdk/change-log.ts';
import type { StreamDefinition } from '../../src/sdk/define-connector.ts';
import { packageFieldsOf } from './package-fields.ts';
import type { SalesforceConfig } from './settings.ts';

/** Salesforce gives at most 2,000 rows a page. */
export const PAGE_SIZE = 2000;

/** The limit of a page's query: one row more than a page holds, so that a full page says whether it is the last. */
export const ASKED_FOR = PAGE_SIZE + 1;

/** What this connector knows of a stream beyond its definition. */
interface Declared {
  readonly title: string;
  readonly fields: readonly string[];
  readonly related?: readonly string[];
  /** The setting that turns the stream on; absent: it is always read. */
  readonly onlyWith?: 'fieldHistory' | 'quotes' | 'cpq' | 'assetLifecycle' | 'licences';
  /** The field by which rows are ordered in time. History rows never change, so they carry no change stamp. */
  readonly stamp?: 'CreatedDate';
  /** `full`: figures in it change without a change stamp, so it is read whole each time. */
  readonly cursor?: 'full';
  /** The object has no recycle bin, hence no IsDeleted and no log of deletions. */
  readonly undeletable?: true;
  /** The vendor keeps no log of deletions for it (`getDeleted`), though rows may leave. */
  readonly unlogged?: true;
  readonly personalData?: true;
  readonly raw?: true;
}

const STREAM_LIST = {
  Account: { title: 'Accounts', fields: ['Name', 'ParentId', 'MasterRecordId', 'Type', 'BillingCountryCode', 'CurrencyIsoCode', 'AccountNumber'] },
  Product2: { title: 'Products', fields: ['Name', 'ProductCode', 'StockKeepingUnit', 'IsActive', 'Family', 'QuantityUnitOfMeasure'] },
  OpportunityStage: { title: 'Opportunity stages', undeletable: true, fields: ['ApiName', 'MasterLabel', 'IsWon', 'IsClosed', 'SortOrder', 'IsActive'] },
  Opportunity: { title: 'Opportunities', related: ['OpportunityLineItem', 'OpportunityHistory', 'OpportunityFieldHistory'], fields: ['Name', 'AccountId', 'StageName', 'IsWon', 'IsClosed', 'CloseDate', 'Amount', 'CurrencyIsoCode', 'Type', 'ContractId', 'Pricebook2Id', 'OwnerId'] },
  OpportunityLineItem: { title: 'Opportunity lines', fields: ['OpportunityId', 'Product2Id', 'PricebookEntryId', 'ProductCode', 'Quantity', 'UnitPrice', 'TotalPrice', 'ServiceDate', 'SortOrder'] },
  OpportunityHistory: { title: 'Opportunity history', unlogged: true, fields: ['OpportunityId', 'StageName', 'Amount', 'CloseDate', 'Probability', 'CreatedById'] },
  OpportunityFieldHistory: { title: 'Who changed what in opportunities', onlyWith: 'fieldHistory', stamp: 'CreatedDate', personalData: true, raw: true, fields: ['OpportunityId', 'Field', 'DataType', 'OldValue', 'NewValue', 'CreatedById', 'CreatedBy.Name'] },
  ContractHistory: { title: 'Who changed what in contracts', onlyWith: 'fieldHistory', stamp: 'CreatedDate', personalData: true, raw: true, fields: ['ContractId', 'Field', 'DataType', 'OldValue', 'NewValue', 'CreatedById', 'CreatedBy.Name'] },
  Contract: { title: 'Contracts', related: ['ContractHistory'], fields: ['AccountId', 'Name', 'StartDate', 'ContractTerm', 'EndDate', 'Status', 'ContractNumber', 'OwnerExpirationNotice', 'CurrencyIsoCode', 'Description'] },
  Order: { title: 'Orders', related: ['OrderItem'], fields: ['AccountId', 'ContractId', 'EffectiveDate', 'EndDate', 'Status', 'OrderNumber', 'OpportunityId', 'CurrencyIsoCode', 'TotalAmount', 'PoNumber'] },
  OrderItem: { title: 'Order products', fields: ['OrderId', 'Product2Id', 'PricebookEntryId', 'Product2.ProductCode', 'Quantity', 'UnitPrice', 'ServiceDate', 'EndDate', 'OriginalOrderItemId', 'OrderItemNumber'] },
  Asset: { title: 'Assets', fields: ['Name', 'AccountId', 'Product2Id', 'ProductCode', 'Quantity', 'Status', 'InstallDate', 'UsageEndDate', 'PurchaseDate', 'Price', 'CurrencyIsoCode'] },
  Quote: { title: 'Quotes', onlyWith: 'quotes', related: ['QuoteLineItem'], fields: ['Name', 'QuoteNumber', 'OpportunityId', 'AccountId', 'Status', 'ExpirationDate', 'GrandTotal', 'CurrencyIsoCode'] },
  QuoteLineItem: { title: 'Quote lines', onlyWith: 'quotes', fields: ['QuoteId', 'LineNumber', 'Product2Id', 'Product2.ProductCode', 'Quantity', 'UnitPrice', 'ServiceDate'] },
  SBQQ__Quote__c: { title: 'CPQ quotes', onlyWith: 'cpq', related: ['SBQQ__QuoteLine__c'], fields: ['Name', 'SBQQ__Account__c', 'SBQQ__Opportunity2__c', 'SBQQ__Status__c', 'SBQQ__StartDate__c', 'SBQQ__EndDate__c', 'SBQQ__ExpirationDate__c', 'SBQQ__NetAmount__c', 'SBQQ__Primary__c', 'CurrencyIsoCode'] },
  SBQQ__QuoteLine__c: { title: 'CPQ quote lines', onlyWith: 'cpq', fields: ['SBQQ__Quote__c', 'SBQQ__Number__c', 'SBQQ__Product__c', 'SBQQ__ProductCode__c', 'SBQQ__Quantity__c', 'SBQQ__NetPrice__c', 'SBQQ__EffectiveStartDate__c', 'SBQQ__EffectiveEndDate__c', 'CurrencyIsoCode'] },
  SBQQ__Subscription__c: { title: 'CPQ subscriptions', onlyWith: 'cpq', fields: ['Name', 'SBQQ__Account__c', 'SBQQ__Contract__c', 'SBQQ__Product__c', 'SBQQ__Product__r.ProductCode', 'SBQQ__Quantity__c', 'SBQQ__NetPrice__c', 'SBQQ__StartDate__c', 'SBQQ__EndDate__c', 'SBQQ__TerminatedDate__c', 'SBQQ__RootId__c', 'SBQQ__BillingFrequency__c', 'CurrencyIsoCode'] },
  AssetStatePeriod: { title: 'What an asset was, from when to when', onlyWith: 'assetLifecycle', fields: ['AssetStatePeriodNumber', 'AssetId', 'StartDate', 'EndDate', 'Quantity', 'Amount', 'Mrr', 'CurrencyIsoCode'] },
  AssetAction: { title: 'What was done to an asset', onlyWith: 'assetLifecycle', raw: true, fields: ['AssetActionNumber', 'AssetId', 'ActionDate', 'CategoryEnum', 'QuantityChange', 'MrrChange', 'Amount', 'CurrencyIsoCode'] },
  UserLicense: { title: 'User licences of the organisation', onlyWith: 'licences', cursor: 'full', undeletable: true, fields: ['Name', 'MasterLabel', 'LicenseDefinitionKey', 'Status', 'TotalLicenses', 'UsedLicenses'] },
  PermissionSetLicense: { title: 'Permission set licences of the organisation', onlyWith: 'licences', cursor: 'full', fields: ['DeveloperName', 'MasterLabel', 'PermissionSetLicenseKey', 'Status', 'ExpirationDate', 'TotalLicenses', 'UsedLicenses'] },
} as const satisfies Readonly<Record<string, Declared>>; // prettier-ignore

const DECLARED: Readonly<Record<string, Declared>> = STREAM_LIST;

/** Fields that an organisation may rightly lack: it has one currency, lets a contract have no name, hides order numbers. */
const OPTIONAL_STANDARD = new Set(['CurrencyIsoCode', 'Contract.Name', 'Order.PoNumber']);

/** Field histories, with the object whose changes they hold; each names it by `<object>Id`. */
const CHANGE_LOGS: Readonly<Record<string, string>> = {
  OpportunityFieldHistory: 'Opportunity',
  ContractHistory: 'Contract',
};

function changeLog(object: string): ChangeLog {
  return {
    of: { [object]: null },
    record: `${object}Id`,
    field: 'Field',
    before: 'OldValue',
    after: 'NewValue',
    by: ['CreatedBy.Name', 'CreatedById'],
    at: 'CreatedDate',
  };
}

function definitionOf([name, declared]: [string, Declared]): StreamDefinition {
  const { title, cursor = 'keyset', personalData = false, related = [], raw = false } = declared;
  const changed = CHANGE_LOGS[name];
  return {
    name,
    title,
    cursor,
    pageSize: PAGE_SIZE,
    personalData,
    related,
    raw,
    ...(changed === undefined ? {} : { changeLog: changeLog(changed) }),
  };
}

export const STREAMS: readonly StreamDefinition[] = Object.entries(DECLARED).map(definitionOf);

/** The streams that a connection with these settings reads. An organisation without CPQ or quotes lacks their objects. */
export function streamsOf(config: SalesforceConfig): readonly string[] {
  return Object.entries(DECLARED)
    .filter(([, { onlyWith }]) => onlyWith === undefined || config[onlyWith])
    .map(([name]) => name);
}

function systemFieldsOf(object: string): readonly string[] {
  const { stamp, undeletable = false } = DECLARED[object] ?? {};
  const stamps = stamp === undefined ? ['CreatedDate', 'LastModifiedDate', 'SystemModstamp'] : [stamp]; // prettier-ignore
  return ['Id', ...(undeletable ? [] : ['IsDeleted']), ...stamps];
}

/** Everything that a stream reads from an organisation that has it all. */
export function fieldsOf(object: string): readonly string[] {
  const packaged = packageFieldsOf(object).map((field) => field.name);
  return [...systemFieldsOf(object), ...(DECLARED[object]?.fields ?? []), ...packaged];
}

export type StampField = 'SystemModstamp' | 'CreatedDate';

/** The field whose order is the order in which rows of this object came to be what they are. */
export function stampFieldOf(object: string): StampField {
  return DECLARED[object]?.stamp ?? 'SystemModstamp';
}

/** True for an object that is read whole each time. */
export function isReadWhole(object: string): boolean {
  return DECLARED[object]?.cursor === 'full';
}

/** True if the vendor keeps a log of deletions of this object, which outlives its recycle bin. */
export function hasDeletionLog(object: string): boolean {
  const { undeletable, unlogged, cursor } = DECLARED[object] ?? {};
  return undeletable !== true && unlogged !== true && cursor !== 'full';
}

/** True if a stream may be read without this field. `connections check` still names a missing package field. */
export function isOptional(object: string, field: string): boolean {
  if (OPTIONAL_STANDARD.has(field) || OPTIONAL_STANDARD.has(`${object}.${field}`)) return true;
  return packageFieldsOf(object).some((each) => each.name === field);
}
