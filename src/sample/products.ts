import type { JsonObject } from '../kernel/hash.ts';
import { vendorNumber, type SalesCurrency } from './figures.ts';
import { salesforceStamp } from './instants.ts';
import type { VendorIds } from './vendor-ids.ts';

/** One of Meridian's own products, as CRM and ERP both know it by its part number. */
export interface Product {
  readonly code: string;
  readonly name: string;
  readonly erpName: string;
  readonly family: 'Subscription' | 'Services';
  /** Null for what carries no rights, such as services. */
  readonly metric: 'user_subscription' | 'named_user' | null;
  readonly rightsPerPack: number;
  readonly unitOfMeasure: string;
  /** List price of one unit for twelve months (for services: for the whole engagement). */
  readonly annualList: Readonly<Record<SalesCurrency, string>>;
  readonly productId: string;
  readonly itemId: string;
  readonly priceEntryIds: Readonly<Record<SalesCurrency, string>>;
}

export interface Catalogue {
  readonly pricebookId: string;
  readonly licensed: readonly Product[];
  readonly services: readonly Product[];
}

/** When the catalogue was loaded into both systems: one second for all of it. */
const CATALOGUE_LOADED = '2024-01-15T03:00:00Z';
const CURRENCIES: readonly SalesCurrency[] = ['USD', 'EUR', 'JPY'];

type Row = readonly [
  code: string,
  name: string,
  metric: Product['metric'],
  pack: number,
  usd: string,
  eur: string,
  jpy: string,
];

const LICENSED: readonly Row[] = [
  ['MER-CORE-STD', 'Meridian Core Standard', 'user_subscription', 1, '240.00', '228.00', '36000'],
  ['MER-CORE-ENT', 'Meridian Core Enterprise', 'user_subscription', 1, '480.00', '456.00', '72000'],
  ['MER-PLAN-STD', 'Meridian Planning Standard', 'user_subscription', 1, '300.00', '285.00', '45000'],
  ['MER-PLAN-ENT', 'Meridian Planning Enterprise', 'user_subscription', 1, '624.00', '594.00', '93600'],
  ['MER-INSIGHT', 'Meridian Insight Author', 'named_user', 1, '720.00', '684.00', '108000'],
  ['MER-INSIGHT-V10', 'Meridian Insight Viewer, pack of 10', 'named_user', 10, '900.00', '855.00', '135000'],
  ['MER-FLOW', 'Meridian Flow', 'user_subscription', 1, '180.00', '171.00', '27000'],
  ['MER-FLOW-PRO', 'Meridian Flow Pro', 'user_subscription', 1, '360.00', '342.00', '54000'],
  ['MER-VAULT', 'Meridian Vault', 'named_user', 1, '420.00', '399.00', '63000'],
  ['MER-ATLAS', 'Meridian Atlas', 'named_user', 1, '960.00', '912.00', '144000'],
  ['MER-PULSE', 'Meridian Pulse', 'user_subscription', 1, '96.00', '91.20', '14400'],
  ['MER-PULSE-P5', 'Meridian Pulse, pack of 5', 'user_subscription', 5, '432.00', '410.40', '64800'],
  ['MER-LINK', 'Meridian Link', 'named_user', 1, '144.00', '136.80', '21600'],
  ['MER-STUDIO', 'Meridian Studio', 'named_user', 1, '1200.00', '1140.00', '180000'],
  ['MER-SENTRY', 'Meridian Sentry', 'user_subscription', 1, '264.00', '250.80', '39600'],
  ['MER-RELAY', 'Meridian Relay', 'user_subscription', 1, '156.00', '148.20', '23400'],
]; // prettier-ignore

const SERVICES: readonly Row[] = [
  ['SVC-LAUNCH', 'Launch Service', null, 1, '4800.00', '4560.00', '720000'],
  ['SVC-MIGRATE', 'Data Migration Service', null, 1, '9600.00', '9120.00', '1440000'],
  ['SVC-TRAIN', 'Training Day', null, 1, '1800.00', '1710.00', '270000'],
  ['SVC-ADVISE', 'Advisory Block', null, 1, '6000.00', '5700.00', '900000'],
];

function productOf(ids: VendorIds, [code, name, metric, pack, usd, eur, jpy]: Row): Product {
  return {
    code,
    name,
    erpName: name.replace('Meridian ', '').toUpperCase(),
    family: metric === null ? 'Services' : 'Subscription',
    metric,
    rightsPerPack: pack,
    unitOfMeasure: metric === null ? 'Each' : pack > 1 ? 'Pack' : 'User',
    annualList: { USD: usd, EUR: eur, JPY: jpy },
    productId: ids.salesforce('Product2'),
    itemId: ids.netsuite('item'),
    priceEntryIds: {
      USD: ids.salesforce('PricebookEntry'),
      EUR: ids.salesforce('PricebookEntry'),
      JPY: ids.salesforce('PricebookEntry'),
    },
  };
}

/** Meridian's price list: sixteen licensed products and four services. */
export function createCatalogue(ids: VendorIds): Catalogue {
  return {
    pricebookId: ids.salesforce('Pricebook2'),
    licensed: LICENSED.map((row) => productOf(ids, row)),
    services: SERVICES.map((row) => productOf(ids, row)),
  };
}

const stamps = {
  IsDeleted: false,
  CreatedDate: salesforceStamp(CATALOGUE_LOADED),
  LastModifiedDate: salesforceStamp(CATALOGUE_LOADED),
  SystemModstamp: salesforceStamp(CATALOGUE_LOADED),
};

/** Product2 rows of the Salesforce world. */
export function productRecords(catalogue: Catalogue): JsonObject[] {
  return [...catalogue.licensed, ...catalogue.services].map((product) => ({
    Id: product.productId,
    Name: product.name,
    ProductCode: product.code,
    StockKeepingUnit: product.code,
    IsActive: true,
    Family: product.family,
    QuantityUnitOfMeasure: product.unitOfMeasure,
    Trueup_Metric__c: product.metric,
    Trueup_Rights_Per_Pack__c: product.metric === null ? null : product.rightsPerPack,
    ...stamps,
  }));
}

/** PricebookEntry rows: one a product and currency. */
export function priceEntryRecords(catalogue: Catalogue): JsonObject[] {
  return [...catalogue.licensed, ...catalogue.services].flatMap((product) =>
    CURRENCIES.map((currency) => ({
      Id: product.priceEntryIds[currency],
      Pricebook2Id: catalogue.pricebookId,
      Product2Id: product.productId,
      UnitPrice: vendorNumber(product.annualList[currency]),
      CurrencyIsoCode: currency,
      IsActive: true,
      ...stamps,
    })),
  );
}

/** Item rows of the NetSuite world. */
export function itemRecords(catalogue: Catalogue): JsonObject[] {
  return [...catalogue.licensed, ...catalogue.services].map((product) => ({
    id: product.itemId,
    itemId: product.code,
    displayName: product.erpName,
    itemType: product.family === 'Services' ? 'Service' : 'NonInvtPart',
    isInactive: false,
    lastModifiedDate: CATALOGUE_LOADED,
  }));
}
