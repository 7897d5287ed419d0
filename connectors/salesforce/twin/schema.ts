import { PACKAGE_FIELDS, type PackageField } from '../package-fields.ts';
import { STATUS_FIELDS } from '../status-fields.ts';

export type TwinFieldType =
  | 'id'
  | 'string'
  | 'reference'
  | 'double'
  | 'currency'
  | 'int'
  | 'date'
  | 'datetime'
  | 'boolean'
  | 'picklist'
  | 'textarea';

export interface TwinField {
  readonly name: string;
  readonly label: string;
  readonly type: TwinFieldType;
  readonly writable: boolean;
  readonly required: boolean;
  readonly length: number;
  readonly externalId: boolean;
  readonly custom: boolean;
  readonly referenceTo: string | null;
  readonly relationshipName: string | null;
  readonly picklist: readonly string[];
}

export interface TwinObject {
  readonly name: string;
  /** The first three characters of every id of this object. */
  readonly prefix: string;
  readonly fields: ReadonlyMap<string, TwinField>;
}

export type TwinSchema = ReadonlyMap<string, TwinObject>;

type Extra = Partial<TwinField>;

function field(name: string, type: TwinFieldType, extra: Extra = {}): TwinField {
  return {
    name,
    label: name.replace(/__c$/, '').replaceAll('_', ' '),
    type,
    writable: true,
    required: false,
    length: type === 'string' ? 255 : type === 'textarea' ? 32_000 : 0,
    externalId: false,
    custom: false,
    referenceTo: null,
    relationshipName: null,
    picklist: [],
    ...extra,
  };
}

const text = (name: string, extra?: Extra): TwinField => field(name, 'string', extra);
const double = (name: string, extra?: Extra): TwinField => field(name, 'double', extra);
const currency = (name: string, extra?: Extra): TwinField => field(name, 'currency', extra);
const int = (name: string, extra?: Extra): TwinField => field(name, 'int', extra);
const date = (name: string, extra?: Extra): TwinField => field(name, 'date', extra);
const flag = (name: string, extra?: Extra): TwinField => field(name, 'boolean', extra);
const choice = (name: string, picklist: readonly string[], extra?: Extra): TwinField =>
  field(name, 'picklist', { picklist, ...extra });
const to = (object: string, name: string, extra?: Extra): TwinField =>
  field(name, 'reference', {
    referenceTo: object,
    relationshipName: name.replace(/Id$/, '').replace(/__c$/, '__r'),
    ...extra,
  });

const READ_ONLY = { writable: false } as const;
const REQUIRED = { required: true } as const;
const CURRENCY = choice('CurrencyIsoCode', ['USD', 'EUR', 'JPY', 'GBP', 'CHF']);
const OWNER = field('OwnerId', 'reference', { referenceTo: 'User' });

const SYSTEM: readonly TwinField[] = [
  field('Id', 'id', READ_ONLY),
  flag('IsDeleted', READ_ONLY),
  field('CreatedDate', 'datetime', READ_ONLY),
  field('LastModifiedDate', 'datetime', READ_ONLY),
  field('SystemModstamp', 'datetime', READ_ONLY),
];

/** History rows never change; licences know no recycle bin. */
const only = (...names: readonly string[]): readonly TwinField[] =>
  SYSTEM.filter((each) => names.includes(each.name));
const HISTORY_SYSTEM = only('Id', 'IsDeleted', 'CreatedDate');
const BINLESS_SYSTEM = only('Id', 'CreatedDate', 'LastModifiedDate', 'SystemModstamp');

type Declared = readonly [
  name: string,
  prefix: string,
  fields: readonly TwinField[],
  system?: readonly TwinField[],
];

/** One row for each change of a tracked field, as the vendor keeps it. */
function historyOf(object: string): readonly TwinField[] {
  return [
    to(object, `${object}Id`, READ_ONLY),
    text('Field', READ_ONLY),
    text('DataType', READ_ONLY),
    text('OldValue', READ_ONLY),
    text('NewValue', READ_ONLY),
    to('User', 'CreatedById', READ_ONLY),
  ];
}

const DECLARED: readonly Declared[] = [
  ['Account', '001', [text('Name', REQUIRED), to('Account', 'ParentId'), to('Account', 'MasterRecordId', READ_ONLY), choice('Type', ['Customer', 'Prospect', 'Reseller']), text('BillingCountryCode', { length: 10 }), text('AccountNumber', { length: 40 }), CURRENCY, OWNER, field('Description', 'textarea')]],
  ['Product2', '01t', [text('Name', REQUIRED), text('ProductCode'), text('StockKeepingUnit', { length: 180 }), flag('IsActive'), choice('Family', ['Subscription', 'Services', 'Hardware']), choice('QuantityUnitOfMeasure', []), CURRENCY]],
  ['PricebookEntry', '01u', [field('Pricebook2Id', 'reference', { referenceTo: 'Pricebook2', ...REQUIRED }), to('Product2', 'Product2Id', REQUIRED), currency('UnitPrice', REQUIRED), flag('IsActive'), CURRENCY]],
  ['OpportunityStage', '01J', [text('ApiName', READ_ONLY), text('MasterLabel', READ_ONLY), flag('IsWon', READ_ONLY), flag('IsClosed', READ_ONLY), int('SortOrder', READ_ONLY), flag('IsActive', READ_ONLY)], BINLESS_SYSTEM],
  ['Opportunity', '006', [text('Name', { length: 120, ...REQUIRED }), to('Account', 'AccountId'), choice('StageName', [], REQUIRED), flag('IsWon', READ_ONLY), flag('IsClosed', READ_ONLY), date('CloseDate', REQUIRED), currency('Amount'), CURRENCY, choice('Type', ['New Business', 'Add-On', 'Renewal']), to('Contract', 'ContractId'), field('Pricebook2Id', 'reference', { referenceTo: 'Pricebook2' }), OWNER, field('Description', 'textarea')]],
  ['OpportunityLineItem', '00k', [to('Opportunity', 'OpportunityId', REQUIRED), to('Product2', 'Product2Id'), to('PricebookEntry', 'PricebookEntryId'), text('ProductCode', READ_ONLY), double('Quantity', REQUIRED), currency('UnitPrice'), currency('TotalPrice', READ_ONLY), date('ServiceDate'), int('SortOrder'), choice('CurrencyIsoCode', [], READ_ONLY), text('Description')]],
  ['OpportunityHistory', '008', [to('Opportunity', 'OpportunityId', READ_ONLY), choice('StageName', [], READ_ONLY), currency('Amount', READ_ONLY), date('CloseDate', READ_ONLY), double('Probability', READ_ONLY), choice('CurrencyIsoCode', [], READ_ONLY), field('CreatedById', 'reference', { referenceTo: 'User', ...READ_ONLY })]],
  ['OpportunityFieldHistory', '017', historyOf('Opportunity'), HISTORY_SYSTEM],
  ['ContractHistory', '019', historyOf('Contract'), HISTORY_SYSTEM],
  ['User', '005', [text('Name', READ_ONLY), text('Username', READ_ONLY), flag('IsActive', READ_ONLY)], BINLESS_SYSTEM],
  ['Quote', '0Q0', [text('Name', REQUIRED), text('QuoteNumber', READ_ONLY), to('Opportunity', 'OpportunityId', REQUIRED), to('Account', 'AccountId', READ_ONLY), choice('Status', ['Draft', 'Needs Review', 'In Review', 'Approved', 'Rejected', 'Presented', 'Accepted', 'Denied']), date('ExpirationDate'), currency('GrandTotal', READ_ONLY), field('Pricebook2Id', 'reference', { referenceTo: 'Pricebook2' }), CURRENCY]],
  ['QuoteLineItem', '0QL', [to('Quote', 'QuoteId', REQUIRED), text('LineNumber', READ_ONLY), to('Product2', 'Product2Id'), to('PricebookEntry', 'PricebookEntryId', REQUIRED), double('Quantity', REQUIRED), currency('UnitPrice', REQUIRED), date('ServiceDate')]],
  ['UserLicense', '100', [text('Name', READ_ONLY), text('MasterLabel', READ_ONLY), text('LicenseDefinitionKey', READ_ONLY), choice('Status', ['Active', 'Disabled'], READ_ONLY), int('TotalLicenses', READ_ONLY), int('UsedLicenses', READ_ONLY)], BINLESS_SYSTEM],
  ['PermissionSetLicense', '0PL', [text('DeveloperName', READ_ONLY), text('MasterLabel', READ_ONLY), text('PermissionSetLicenseKey', READ_ONLY), choice('Status', ['Active', 'Disabled'], READ_ONLY), date('ExpirationDate', READ_ONLY), int('TotalLicenses', READ_ONLY), int('UsedLicenses', READ_ONLY)]],
  ['Contract', '800', [to('Account', 'AccountId', REQUIRED), text('Name', { length: 80 }), date('StartDate'), int('ContractTerm'), date('EndDate', READ_ONLY), choice('Status', ['Draft', 'In Approval Process', 'Activated']), text('ContractNumber', READ_ONLY), choice('OwnerExpirationNotice', ['15', '30', '45', '60', '90', '120']), CURRENCY, OWNER, field('Description', 'textarea')]],
  ['Order', '801', [to('Account', 'AccountId', REQUIRED), to('Contract', 'ContractId'), date('EffectiveDate', REQUIRED), date('EndDate'), choice('Status', ['Draft', 'Activated'], REQUIRED), text('OrderNumber', READ_ONLY), to('Opportunity', 'OpportunityId'), field('Pricebook2Id', 'reference', { referenceTo: 'Pricebook2' }), CURRENCY, currency('TotalAmount', READ_ONLY), text('PoNumber', { length: 80 }), OWNER]],
  ['OrderItem', '802', [to('Order', 'OrderId', REQUIRED), to('Product2', 'Product2Id'), to('PricebookEntry', 'PricebookEntryId'), double('Quantity', REQUIRED), currency('UnitPrice'), date('ServiceDate'), date('EndDate'), to('OrderItem', 'OriginalOrderItemId'), text('OrderItemNumber', READ_ONLY)]],
  ['Asset', '02i', [text('Name', REQUIRED), to('Account', 'AccountId'), to('Product2', 'Product2Id'), text('ProductCode', READ_ONLY), double('Quantity'), choice('Status', ['Shipped', 'Installed', 'Registered', 'Obsolete', 'Purchased']), date('InstallDate'), date('UsageEndDate'), date('PurchaseDate'), currency('Price'), text('SerialNumber', { length: 80 }), CURRENCY, OWNER]],
]; // prettier-ignore

/** The objects of Salesforce CPQ, there only where its package is installed. */
const CPQ_DECLARED: readonly Declared[] = [
  ['SBQQ__Quote__c', 'a0q', [text('Name', READ_ONLY), to('Account', 'SBQQ__Account__c'), to('Opportunity', 'SBQQ__Opportunity2__c'), choice('SBQQ__Status__c', ['Draft', 'In Review', 'Approved', 'Denied', 'Presented', 'Accepted', 'Rejected']), date('SBQQ__StartDate__c'), date('SBQQ__EndDate__c'), date('SBQQ__ExpirationDate__c'), currency('SBQQ__NetAmount__c'), flag('SBQQ__Primary__c'), CURRENCY]],
  ['SBQQ__QuoteLine__c', 'a0l', [to('SBQQ__Quote__c', 'SBQQ__Quote__c', REQUIRED), double('SBQQ__Number__c'), to('Product2', 'SBQQ__Product__c', REQUIRED), text('SBQQ__ProductCode__c'), double('SBQQ__Quantity__c'), currency('SBQQ__NetPrice__c'), date('SBQQ__EffectiveStartDate__c'), date('SBQQ__EffectiveEndDate__c'), CURRENCY]],
  ['SBQQ__Subscription__c', 'a0s', [text('Name', READ_ONLY), to('Account', 'SBQQ__Account__c'), to('Contract', 'SBQQ__Contract__c'), to('Product2', 'SBQQ__Product__c'), double('SBQQ__Quantity__c'), currency('SBQQ__NetPrice__c'), date('SBQQ__StartDate__c'), date('SBQQ__EndDate__c'), date('SBQQ__TerminatedDate__c'), text('SBQQ__RootId__c'), choice('SBQQ__BillingFrequency__c', ['Monthly', 'Quarterly', 'Annual']), CURRENCY]],
]; // prettier-ignore

/** Lifecycle-managed assets, there only where Revenue Cloud is. They are read only; their id prefixes are ours. */
const REVENUE_CLOUD_DECLARED: readonly Declared[] = [
  ['AssetStatePeriod', '0WA', [text('AssetStatePeriodNumber', READ_ONLY), to('Asset', 'AssetId', READ_ONLY), field('StartDate', 'datetime', READ_ONLY), field('EndDate', 'datetime', READ_ONLY), double('Quantity', READ_ONLY), currency('Amount', READ_ONLY), currency('Mrr', READ_ONLY), choice('CurrencyIsoCode', [], READ_ONLY)]],
  ['AssetAction', '0WB', [text('AssetActionNumber', READ_ONLY), to('Asset', 'AssetId', READ_ONLY), field('ActionDate', 'datetime', READ_ONLY), choice('CategoryEnum', ['Initial Sale', 'Renewals', 'Upsells', 'Downsells', 'Cross-Sells', 'Terms And Conditions Changes', 'Cancellations', 'Other'], READ_ONLY), double('QuantityChange', READ_ONLY), currency('MrrChange', READ_ONLY), currency('Amount', READ_ONLY), choice('CurrencyIsoCode', [], READ_ONLY)]],
]; // prettier-ignore

/** Objects that are there only where their product is installed. */
const PACKAGED: Readonly<Record<string, readonly Declared[]>> = {
  sbqq: CPQ_DECLARED,
  'revenue-cloud': REVENUE_CLOUD_DECLARED,
};

const PACKAGE_TYPE = { Text: 'string', Number: 'double', Date: 'date' } as const;

function packageField(declared: PackageField): TwinField {
  return field(declared.name, PACKAGE_TYPE[declared.type], {
    label: declared.label,
    length: declared.length ?? 0,
    externalId: declared.externalId,
    custom: true,
  });
}

/**
 * The objects and fields that this organisation declares. Anything else is refused, as the vendor does.
 * The packages' fields exist only where `trueup` and `trueup-status` are installed, CPQ's objects where `sbqq` is, lifecycle-managed assets
 * where `revenue-cloud` is; a single-currency organisation has no CurrencyIsoCode.
 */
export function buildSchema(settings: {
  readonly packages: readonly string[];
  readonly multiCurrency: boolean;
}): TwinSchema {
  const installed = [
    ...(settings.packages.includes('trueup') ? PACKAGE_FIELDS : []),
    ...(settings.packages.includes('trueup-status') ? STATUS_FIELDS : []),
  ];
  const packaged = settings.packages.flatMap((name) => PACKAGED[name] ?? []);
  return new Map(
    [...DECLARED, ...packaged].map(([name, prefix, own, system = SYSTEM]) => {
      const standard = [...system, ...own].filter(
        (each) => settings.multiCurrency || each.name !== 'CurrencyIsoCode',
      );
      const extra = installed.filter((each) => each.object === name).map(packageField);
      const fields = new Map([...standard, ...extra].map((each) => [each.name, each]));
      return [name, { name, prefix, fields }];
    }),
  );
}
