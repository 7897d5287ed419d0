import type { StreamDefinition } from '../../src/sdk/define-connector.ts';
import { packageFieldsOf } from './package-fields.ts';

/** Salesforce gives at most 2,000 rows a page. */
export const PAGE_SIZE = 2000;

/** The limit of a page's query: one row more than a page holds, so that a full page says whether it is the last. */
export const ASKED_FOR = PAGE_SIZE + 1;

const SYSTEM_FIELDS = ['Id', 'IsDeleted', 'CreatedDate', 'LastModifiedDate', 'SystemModstamp'];

/** The standard fields of each stream; the package's fields come on top. `Product2.ProductCode` lands nested. */
const STANDARD_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Account: ['Name', 'ParentId', 'Type', 'BillingCountryCode', 'CurrencyIsoCode', 'AccountNumber'],
  Product2: ['Name', 'ProductCode', 'StockKeepingUnit', 'IsActive', 'Family', 'QuantityUnitOfMeasure'],
  OpportunityStage: ['ApiName', 'MasterLabel', 'IsWon', 'IsClosed', 'SortOrder', 'IsActive'],
  Opportunity: ['Name', 'AccountId', 'StageName', 'IsWon', 'IsClosed', 'CloseDate', 'Amount', 'CurrencyIsoCode', 'Type', 'ContractId', 'Pricebook2Id', 'OwnerId'],
  OpportunityLineItem: ['OpportunityId', 'Product2Id', 'PricebookEntryId', 'ProductCode', 'Quantity', 'UnitPrice', 'TotalPrice', 'ServiceDate', 'SortOrder'],
  OpportunityHistory: ['OpportunityId', 'StageName', 'Amount', 'CloseDate', 'Probability', 'CreatedById'],
  Contract: ['AccountId', 'Name', 'StartDate', 'ContractTerm', 'EndDate', 'Status', 'ContractNumber', 'OwnerExpirationNotice', 'CurrencyIsoCode', 'Description'],
  Order: ['AccountId', 'ContractId', 'EffectiveDate', 'EndDate', 'Status', 'OrderNumber', 'OpportunityId', 'CurrencyIsoCode', 'TotalAmount'],
  OrderItem: ['OrderId', 'Product2Id', 'PricebookEntryId', 'Product2.ProductCode', 'Quantity', 'UnitPrice', 'ServiceDate', 'EndDate', 'OriginalOrderItemId', 'OrderItemNumber'],
  Asset: ['Name', 'AccountId', 'Product2Id', 'ProductCode', 'Quantity', 'Status', 'InstallDate', 'UsageEndDate', 'PurchaseDate', 'Price', 'CurrencyIsoCode'],
}; // prettier-ignore

/** Fields that an organisation may rightly lack: it has one currency, or lets a contract have no name. */
const OPTIONAL_STANDARD = new Set(['CurrencyIsoCode', 'Contract.Name']);

function stream(name: string, title: string, related: readonly string[] = []): StreamDefinition {
  return { name, title, cursor: 'keyset', pageSize: PAGE_SIZE, personalData: false, related };
}

export const STREAMS: readonly StreamDefinition[] = [
  stream('Account', 'Accounts'),
  stream('Product2', 'Products'),
  stream('OpportunityStage', 'Opportunity stages'),
  stream('Opportunity', 'Opportunities', ['OpportunityLineItem', 'OpportunityHistory']),
  stream('OpportunityLineItem', 'Opportunity lines'),
  stream('OpportunityHistory', 'Opportunity history'),
  stream('Contract', 'Contracts'),
  stream('Order', 'Orders', ['OrderItem']),
  stream('OrderItem', 'Order products'),
  stream('Asset', 'Assets'),
];

/** Everything that a stream reads from an organisation that has it all. */
export function fieldsOf(object: string): readonly string[] {
  const packaged = packageFieldsOf(object).map((field) => field.name);
  return [...SYSTEM_FIELDS, ...(STANDARD_FIELDS[object] ?? []), ...packaged];
}

/** True if a stream may be read without this field. `connections check` still names a missing package field. */
export function isOptional(object: string, field: string): boolean {
  if (OPTIONAL_STANDARD.has(field) || OPTIONAL_STANDARD.has(`${object}.${field}`)) return true;
  return packageFieldsOf(object).some((each) => each.name === field);
}
