import type { JsonObject } from '../../src/kernel/hash.ts';
import type { SampleCompany } from '../../src/sample/company.ts';
import type { TwinWorld } from '../../src/sdk/define-twin.ts';
import { seatKeyText } from '../../src/sdk/seat-key.ts';

/** What the contract suite needs to know of one connector beyond its manifest. */
export interface ConnectorCase {
  /** An id of the vendor's own form that no record has. */
  readonly unknownId: string;
  /** The files to lay out for a connector that reads files; such a connector has no twin. */
  readonly files?: (company: SampleCompany) => Readonly<Record<string, string>>;
  /** Settings beside the directory of those files, or beside those that the twin names. */
  readonly config?: JsonObject;
  /** The company's world with what the sample company has none of: optional objects of the vendor. */
  readonly world?: (world: TwinWorld) => TwinWorld;
  /** Fields of one record per written object, as an outbound mapping would give them. */
  readonly writes: (company: SampleCompany) => Readonly<Record<string, WriteCase>>;
}

export interface WriteCase {
  /** The vendor's id of a record that is there already, for objects that are never created by us. */
  readonly vendorId: string | null;
  readonly fields: JsonObject;
}

/** An organisation that makes quotes, has CPQ and Revenue Cloud, and lets us read its own licences. */
function salesforceWithQuotes({ settings, objects }: TwinWorld): TwinWorld {
  const first = (object: string) => objects[object]?.[0]?.['Id'] ?? null;
  const [AccountId, OpportunityId, Product2Id, AssetId] = ['Account', 'Opportunity', 'Product2', 'Asset'].map(first);
  const at = { SystemModstamp: '2026-02-20T10:11:12.000+0000' };
  const quote = { Id: '0Q0Fx0000000001AAA', SBQQ: 'a0qFx0000000001AAA' };
  return {
    settings: { ...settings, packages: ['trueup', 'sbqq', 'revenue-cloud'] },
    objects: {
      ...objects,
      Quote: [{ ...at, Id: quote.Id, Name: 'Offer', OpportunityId, Status: 'Draft' }],
      QuoteLineItem: [{ ...at, Id: '0QLFx0000000001AAA', QuoteId: quote.Id, Product2Id, Quantity: 5, UnitPrice: 9 }],
      SBQQ__Quote__c: [{ ...at, Id: quote.SBQQ, Name: 'Q-00001', SBQQ__Account__c: AccountId, SBQQ__Status__c: 'Draft' }],
      SBQQ__QuoteLine__c: [{ ...at, Id: 'a0lFx0000000001AAA', SBQQ__Quote__c: quote.SBQQ, SBQQ__Product__c: Product2Id, SBQQ__Quantity__c: 5, SBQQ__NetPrice__c: 9 }],
      SBQQ__Subscription__c: [{ ...at, Id: 'a0sFx0000000001AAA', Name: 'SUB-1', SBQQ__Account__c: AccountId, SBQQ__Product__c: Product2Id }],
      AssetStatePeriod: [{ ...at, Id: '0WAFx0000000001AAA', AssetStatePeriodNumber: 'ASP-1', AssetId, StartDate: '2026-04-01T00:00:00.000+0000', EndDate: '2027-03-31T23:59:59.000+0000', Quantity: 25, Amount: 11400, Mrr: 950 }],
      AssetAction: [{ ...at, Id: '0WBFx0000000001AAA', AssetActionNumber: 'AA-1', AssetId, ActionDate: '2026-03-02T09:00:00.000+0000', CategoryEnum: 'Initial Sale', QuantityChange: 25, MrrChange: 950, Amount: 11400 }],
    },
  } as TwinWorld;
} // prettier-ignore

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
    customer: {
      vendorId: customerId,
      fields: {
        custentity_trueup_rights_owned: 40,
        custentity_trueup_position_status: 'compliant',
      },
    },
  };
}

function scimWrites({ worlds }: SampleCompany): Record<string, WriteCase> {
  const idOf = (object: string): string => {
    const id = worlds.scim.objects[object]?.[0]?.['id'];
    return typeof id === 'string' ? id : '';
  };
  const user = idOf('Users');
  return {
    UserLogins: { vendorId: seatKeyText({ user }), fields: { active: false } },
    UserEntitlements: { vendorId: seatKeyText({ user, value: 'CONTRACT' }), fields: { assigned: true, type: 'license' } },
    UserRoles: { vendorId: seatKeyText({ user, value: 'contract' }), fields: { assigned: true } },
    GroupMembers: { vendorId: seatKeyText({ group: idOf('Groups'), user }), fields: { assigned: true } },
  };
} // prettier-ignore

/** A small inventory: one row or two of each kind. */
function inventoryFiles(): Record<string, string> {
  return {
    'devices.csv': 'device_id,name,serial_number,kind\nD-1,LT-1,SN-1,laptop\nD-2,LT-2,SN-2,desktop\n',
    'hosts.csv': 'host_id,name,cluster,cores_per_socket\nH-1,db1,C-1,16\n',
    'vms.csv': 'vm_id,name,vcpus,cluster\nV-1,app1,8,C-1\n',
    'clusters.csv': 'cluster_id,name\nC-1,prod-a\n',
    'installs.csv': 'install_id,sku,host\nI-1,DBK-CORE,H-1\n',
    'activations.csv': 'activation_id,sku,activated_at\nA-1,MER-CORE,2026-01-05T10:00:00Z\n',
  };
} // prettier-ignore

/** A morning at a licence server, long enough for two pages. */
function licenceServerFiles(): Record<string, string> {
  const held = Array.from({ length: 1200 }, (_, at) => `9:00:00 (cad) OUT: "cad" u${at}@h1`);
  const log = ['0:00:00 (lmgrd) TIMESTAMP 3/2/2026', ...held, '9:05:00 (cad) DENIED: "cad" late@h1 (Licensed number of users already reached. (-4,342))']; // prettier-ignore
  const lmstat = ['Flexible License Manager status on Mon 3/2/2026 09:10', 'Users of cad:  (Total of 1200 licenses issued;  Total of 1200 licenses in use)']; // prettier-ignore
  return { 'lmgrd.log': `${log.join('\n')}\n`, 'lmstat.txt': `${lmstat.join('\n')}\n` };
}

/** One entry per folder of `connectors/`; a folder without one fails the suite. */
export const CONNECTOR_CASES: Readonly<Record<string, ConnectorCase>> = {
  salesforce: {
    unknownId: '001Dn00000zzzzzIAA',
    config: { quotes: true, cpq: true, assetLifecycle: true, licences: true },
    world: salesforceWithQuotes,
    writes: salesforceWrites,
  },
  netsuite: { unknownId: '999999999', writes: netsuiteWrites },
  scim: { unknownId: '00000000-0000-4000-8000-000000000000', writes: scimWrites },
  'github-copilot': {
    unknownId: '999999999',
    writes: () => ({
      userSeats: {
        vendorId: seatKeyText({ user: '10000', login: 'octo-0' }),
        fields: { assigned: false },
      },
    }),
  },
  'microsoft-graph': {
    unknownId: '00000000-0000-4000-8000-ffffffffffff',
    writes: () => ({
      userLicenses: {
        vendorId: seatKeyText({
          user: '00000000-0000-4000-8000-000000000001',
          sku: 'ENTERPRISEPACK',
        }),
        fields: { assigned: true, enabled: true },
      },
    }),
  },
  'snipe-it': { unknownId: '999999999', writes: () => ({}) },
  flexnet: {
    unknownId: 'lic1|cad|cad||nobody@h1|2020-01-01T00:00:00.000Z',
    config: { server: 'lic1', timeZone: 'UTC', streams: 'checkouts,denials,features' },
    files: licenceServerFiles,
    writes: () => ({}),
  },
  file: {
    unknownId: 'nobody/2020-01-01',
    config: {
      streams: 'employment,agreements,named-users,devices,hosts,vms,clusters,installs,activations',
    },
    files: ({ files }) => ({ ...files, ...inventoryFiles() }),
    writes: () => ({}),
  },
};
