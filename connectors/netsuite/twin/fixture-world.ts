import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinWorld } from '../../../src/sdk/define-twin.ts';

export const FIXTURE_TBA = {
  consumerKey: 'fixture-consumer',
  consumerSecret: 'fixture-consumer-secret',
  tokenId: 'fixture-token',
  tokenSecret: 'fixture-token-secret',
} as const;

const line = (
  number: number,
  item: string,
  quantity: string,
  rate: string,
  amount: string,
  more: JsonObject = {},
): JsonObject => ({
  line: number,
  item: { id: item },
  quantity,
  rate,
  amount,
  ...more,
});
const term = {
  custcol_trueup_service_start: '2026-03-01',
  custcol_trueup_service_end: '2027-02-28',
};

const order = (id: string, entity: string, stamp: string, more: JsonObject): JsonObject => ({
  id,
  tranId: `SO${id}`,
  entity: { id: entity },
  subsidiary: { id: '2' },
  currency: { id: '1' },
  tranDate: '2026-02-01',
  status: { id: 'B' },
  lastModifiedDate: stamp,
  ...more,
});

/** A handful of records with the shapes that matter: shared seconds, big figures, names that are no keys. */
export const FIXTURE_WORLD: TwinWorld = {
  settings: {
    accountId: '1234567_SB1',
    timeZone: 'America/Los_Angeles',
    dateFormat: 'M/D/YYYY',
    packages: ['trueup'],
    tba: [FIXTURE_TBA],
  },
  objects: {
    currency: [
      { id: '1', symbol: 'USD', name: 'US Dollar' },
      { id: '2', symbol: 'EUR', name: 'Euro' },
      { id: '3', symbol: 'JPY', name: 'Japanese Yen' },
    ],
    subsidiary: [
      { id: '1', name: 'Meridian Software', currency: { id: '1' }, country: 'US', isElimination: false },
      { id: '2', name: 'Meridian US', currency: { id: '1' }, country: 'US', parent: { id: '1' }, isElimination: false },
      { id: '3', name: 'Meridian DE', currency: { id: '2' }, country: 'DE', parent: { id: '1' }, isElimination: false },
    ],
    customer: [
      { id: '10', entityId: 'C10', companyName: 'Finbox', subsidiary: { id: '2' }, currency: { id: '1' }, externalId: '001A000001AbCdEIAV', country: 'US', isInactive: false, lastModifiedDate: '2026-01-05T18:00:00Z' },
      { id: '11', entityId: 'C11', companyName: 'Finbox', subsidiary: { id: '2' }, currency: { id: '1' }, parent: { id: '10' }, country: 'US', email: 'ap@finbox.example', isInactive: false, lastModifiedDate: '2026-01-05T18:00:00Z' },
      { id: '12', entityId: 'C12', companyName: 'Nordwind GmbH', subsidiary: { id: '3' }, currency: { id: '2' }, externalId: '001A000001AbCdFIAV', country: 'DE', isInactive: false, lastModifiedDate: '2026-01-06T09:30:00Z' },
    ],
    item: [
      { id: '20', itemId: 'MER-CORE', displayName: 'Meridian Core', itemType: 'NonInvtPart', isInactive: false, lastModifiedDate: '2025-12-01T00:00:00Z' },
      { id: '21', itemId: 'MER-PLUS', displayName: 'Meridian Plus', itemType: 'NonInvtPart', isInactive: false, lastModifiedDate: '2025-12-01T00:00:00Z' },
      { id: '22', itemId: 'SVC-ONB', displayName: 'Onboarding', itemType: 'Service', isInactive: false, lastModifiedDate: '2025-12-01T00:00:00Z' },
    ],
    salesOrder: [
      order('100', '10', '2026-02-01T18:11:12Z', { externalId: 'EARLIER-1', otherRefNum: 'PO-77', custbody_trueup_opportunity: '006A000001AbCdEIAV', item: { items: [line(1, '20', '25', '120.00', '3000.00', term), line(2, '22', '1', '1500', '1500')] } }),
      order('101', '10', '2026-02-01T18:11:12Z', { item: { items: [line(1, '20', '9007199254740993', '0.1', '900719925474099.3')] } }),
      order('102', '12', '2026-02-01T18:11:13Z', { subsidiary: { id: '3' }, currency: { id: '2' }, status: { id: 'G' }, item: { items: [line(1, '21', '10', '99.95', '999.50', { ...term, quantityBilled: 10 })] } }),
    ],
    vendor: [
      { id: '30', entityId: 'V30', companyName: 'Corvane Systems', legalName: 'Corvane Systems Inc.', subsidiary: { id: '2' }, currency: { id: '1' }, country: 'US', email: 'orders@corvane.example', vatRegNumber: 'US-77', isInactive: false, lastModifiedDate: '2026-01-04T18:00:00Z' },
    ],
    department: [
      { id: '40', name: 'Engineering', isInactive: false },
      { id: '41', name: 'Platform', parent: { id: '40' }, isInactive: false },
    ],
    accountingperiod: [
      { id: '50', periodName: 'FY 2026', startDate: '2026-01-01', endDate: '2026-12-31', isYear: true, isQuarter: false, isAdjust: false, closed: false },
      { id: '51', periodName: 'Jan 2026', startDate: '2026-01-01', endDate: '2026-01-31', parent: { id: '50' }, isYear: false, isQuarter: false, isAdjust: false, closed: true },
    ],
    currencyrate: [
      { id: '60', baseCurrency: { id: '1' }, transactionCurrency: { id: '2' }, exchangeRate: '1.08340000', effectiveDate: '2026-02-01', lastModifiedDate: '2026-02-01T09:00:00Z' },
    ],
    budget: [
      { id: '70', year: { id: '50' }, department: { id: '40' }, subsidiary: { id: '2' }, currency: { id: '1' }, category: 'Software', total: '250000.50' },
    ],
    purchaseOrder: [
      { id: '300', tranId: 'PO300', entity: { id: '30' }, subsidiary: { id: '2' }, department: { id: '41' }, currency: { id: '1' }, tranDate: '2026-01-15', status: { id: 'E' }, lastModifiedDate: '2026-02-10T18:00:00Z', item: { items: [line(1, '21', '10', '80', '800', { ...term, quantityReceived: '6', quantityBilled: '4', isClosed: false }), line(2, '21', '-2', '80', '-160', { quantityReceived: '-2' })] } },
    ],
    vendorBill: [
      { id: '310', tranId: 'B-9', entity: { id: '30' }, subsidiary: { id: '2' }, currency: { id: '1' }, tranDate: '2026-02-11', dueDate: '2026-03-11', createdFrom: { id: '300' }, status: { id: 'A' }, total: '320', lastModifiedDate: '2026-02-11T18:00:00Z', item: { items: [line(1, '21', '4', '80', '320', { orderLine: 1 })] } },
    ],
    creditmemo: [
      { id: '320', tranId: 'CM1', entity: { id: '12' }, subsidiary: { id: '3' }, currency: { id: '2' }, tranDate: '2026-02-20', createdFrom: { id: '200' }, status: { id: 'A' }, total: '199.90', lastModifiedDate: '2026-02-20T09:00:00Z', item: { items: [line(1, '21', '2', '99.95', '199.90')] } },
    ],
    estimate: [],
    invoice: [
      { id: '200', tranId: 'INV200', entity: { id: '12' }, subsidiary: { id: '3' }, currency: { id: '2' }, tranDate: '2026-02-03', createdFrom: { id: '102' }, status: { id: 'A' }, total: '999.50', lastModifiedDate: '2026-02-03T09:00:00Z', item: { items: [line(1, '21', '10', '99.95', '999.50', { orderLine: 1 })] } },
    ],
  },
}; // prettier-ignore
