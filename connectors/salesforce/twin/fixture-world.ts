import type { TwinWorld } from '../../../src/sdk/define-twin.ts';
import type { JsonObject } from '../../../src/sdk/kernel.ts';
import { longId } from '../record-id.ts';

/** Ids of the small world, in the spelling that the API shows. */
export const FIXTURE_IDS = {
  parentAccount: longId('001Fx0000000001'),
  account: longId('001Fx0000000002'),
  product: longId('01tFx0000000001'),
  service: longId('01tFx0000000002'),
  pricebook: longId('01sFx0000000001'),
  entryUsd: longId('01uFx0000000001'),
  entryEur: longId('01uFx0000000002'),
  serviceUsd: longId('01uFx0000000003'),
  opportunity: longId('006Fx0000000001'),
  line: longId('00kFx0000000001'),
  contract: longId('800Fx0000000001'),
  order: longId('801Fx0000000001'),
  orderItem: longId('802Fx0000000001'),
  asset: longId('02iFx0000000001'),
} as const;

const STAMP = '2026-02-20T10:11:12.000+0000';

const record = (Id: string, fields: JsonObject): JsonObject => ({
  Id,
  IsDeleted: false,
  CreatedDate: STAMP,
  LastModifiedDate: STAMP,
  SystemModstamp: STAMP,
  ...fields,
});

function stage(n: number, label: string, IsClosed: boolean, IsWon: boolean): JsonObject {
  const Id = longId(`01JFx000000000${n}`);
  return record(Id, { ApiName: label, MasterLabel: label, IsClosed, IsWon, SortOrder: n, IsActive: true }); // prettier-ignore
}

/** A small hand-made organisation: one customer below a parent, one open deal of 25 seats, one contract. */
export function fixtureWorld(settings: JsonObject = {}): TwinWorld {
  const ids = FIXTURE_IDS;
  return {
    settings: { orgId: '00DFx0000000001', packages: ['trueup'], multiCurrency: true, ...settings },
    objects: {
      Account: [
        record(ids.parentAccount, { Name: 'Nordlicht Holding', Type: 'Customer', BillingCountryCode: 'DE', CurrencyIsoCode: 'EUR', ParentId: null }),
        record(ids.account, { Name: 'Nordlicht US', Type: 'Customer', BillingCountryCode: 'US', CurrencyIsoCode: 'USD', ParentId: ids.parentAccount }),
      ],
      Product2: [
        record(ids.product, { Name: 'Atlas Suite', ProductCode: 'ATL-USER', IsActive: true, Family: 'Subscription', Trueup_Metric__c: 'named_user', Trueup_Rights_Per_Pack__c: 1 }),
        record(ids.service, { Name: 'Onboarding', ProductCode: 'SVC-ONB', IsActive: true, Family: 'Services' }),
      ],
      PricebookEntry: [
        record(ids.entryUsd, { Pricebook2Id: ids.pricebook, Product2Id: ids.product, UnitPrice: 120, CurrencyIsoCode: 'USD', IsActive: true }),
        record(ids.entryEur, { Pricebook2Id: ids.pricebook, Product2Id: ids.product, UnitPrice: 110, CurrencyIsoCode: 'EUR', IsActive: true }),
        record(ids.serviceUsd, { Pricebook2Id: ids.pricebook, Product2Id: ids.service, UnitPrice: 1500, CurrencyIsoCode: 'USD', IsActive: true }),
      ],
      OpportunityStage: [
        stage(1, 'Qualification', false, false),
        stage(2, 'Negotiation', false, false),
        stage(3, 'Closed Won', true, true),
        stage(4, 'Closed Lost', true, false),
      ],
      Opportunity: [
        record(ids.opportunity, { Name: 'Nordlicht US - Atlas', AccountId: ids.account, StageName: 'Negotiation', CloseDate: '2026-03-15', CurrencyIsoCode: 'USD', Type: 'New Business', Pricebook2Id: ids.pricebook }),
      ],
      OpportunityLineItem: [
        record(ids.line, { OpportunityId: ids.opportunity, Product2Id: ids.product, PricebookEntryId: ids.entryUsd, Quantity: 25, UnitPrice: 120, ServiceDate: '2026-04-01', SortOrder: 1, Trueup_Term_Months__c: 12, Trueup_End_Date__c: '2027-03-31' }),
      ],
      Contract: [
        record(ids.contract, { AccountId: ids.account, StartDate: '2025-03-01', ContractTerm: 12, Status: 'Activated', ContractNumber: '00000100', OwnerExpirationNotice: '60', CurrencyIsoCode: 'USD' }),
      ],
      Order: [
        record(ids.order, { AccountId: ids.account, ContractId: ids.contract, EffectiveDate: '2025-03-01', EndDate: '2026-02-28', Status: 'Activated', OrderNumber: '00000100', CurrencyIsoCode: 'USD' }),
      ],
      OrderItem: [
        record(ids.orderItem, { OrderId: ids.order, Product2Id: ids.product, PricebookEntryId: ids.entryUsd, Quantity: 10, UnitPrice: 118.5, ServiceDate: '2025-03-01', EndDate: '2026-02-28', OrderItemNumber: '0000000001' }),
      ],
      Asset: [
        record(ids.asset, { Name: 'Atlas Suite (10)', AccountId: ids.account, Product2Id: ids.product, Quantity: 10, Status: 'Installed', InstallDate: '2025-03-01', UsageEndDate: '2026-02-28' }),
      ],
    },
  }; // prettier-ignore
}
