import type { JsonObject } from '../../src/kernel/hash.ts';
import type { SampleCompany } from '../../src/sample/company.ts';

/** What the contract suite needs to know of one connector beyond its manifest. */
export interface ConnectorCase {
  /** An id of the vendor's own form that no record has. */
  readonly unknownId: string;
  /** Fields of one record per written object, as an outbound mapping would give them. */
  readonly writes: (company: SampleCompany) => Readonly<Record<string, WriteCase>>;
}

export interface WriteCase {
  /** The vendor's id of a record that is there already, for objects that are never created by us. */
  readonly vendorId: string | null;
  readonly fields: JsonObject;
}

const START = '2026-04-01';
const LAST_DAY = '2027-03-31';

function salesforceWrites({ deals, worlds }: SampleCompany): Record<string, WriteCase> {
  const { accountId, currency, opportunityId, lines } = deals.toClose;
  const [product] = worlds.salesforce.objects['Product2'] ?? [];
  const line = { ProductCode: lines[0]?.sku ?? '', Quantity: 3, UnitPrice: 12.5, ServiceDate: START, Trueup_End_Date__c: LAST_DAY }; // prettier-ignore
  return {
    Contract: {
      vendorId: null,
      fields: { AccountId: accountId, StartDate: START, ContractTerm: 12, Status: 'Draft', Trueup_Opportunity__c: opportunityId },
    },
    Asset: {
      vendorId: null,
      fields: { AccountId: accountId, Name: 'Rights', Product2Id: product?.['Id'] ?? '', Quantity: 25, Status: 'Purchased', Trueup_Term_Start__c: START },
    },
    Opportunity: {
      vendorId: null,
      fields: { AccountId: accountId, Name: 'Renewal', StageName: 'Prospecting', CloseDate: START, CurrencyIsoCode: currency, Type: 'Renewal', lines: [line] },
    },
    Account: { vendorId: accountId, fields: { Trueup_Rights_Owned__c: 40, Trueup_Position_Status__c: 'compliant' } },
  };
} // prettier-ignore

function netsuiteWrites({ deals, worlds }: SampleCompany): Record<string, WriteCase> {
  const { customerId, currency, opportunityId, lines } = deals.toClose;
  const customer = worlds.netsuite.objects['customer']?.find((each) => each['id'] === customerId);
  const header = {
    entity: { id: customerId },
    subsidiary: customer?.['subsidiary'] ?? null,
    currency: { symbol: currency },
    custbody_trueup_opportunity: opportunityId,
  };
  const item = {
    items: [
      {
        item: { itemId: lines[0]?.sku ?? '' },
        quantity: 25,
        rate: 120.5,
        custcol_trueup_service_start: START,
        custcol_trueup_service_end: LAST_DAY,
      },
    ],
  };
  const { custbody_trueup_opportunity: _, ...plain } = header;
  return {
    salesOrder: {
      vendorId: null,
      fields: { ...header, tranDate: '2026-03-02', memo: 'Deal', item },
    },
    estimate: { vendorId: null, fields: { ...plain, title: 'Renewal', item } },
  };
}

/** One entry per folder of `connectors/`; a folder without one fails the suite. */
export const CONNECTOR_CASES: Readonly<Record<string, ConnectorCase>> = {
  salesforce: { unknownId: '001Dn00000zzzzzIAA', writes: salesforceWrites },
  netsuite: { unknownId: '999999999', writes: netsuiteWrites },
  scim: { unknownId: '00000000-0000-4000-8000-000000000000', writes: () => ({}) },
  file: { unknownId: 'nobody/2020-01-01', writes: () => ({}) },
};
