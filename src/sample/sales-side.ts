import type { JsonObject } from '../kernel/hash.ts';
import type { PlantedDrift, TwinWorld } from '../sdk/define-twin.ts';
import { accountRecords, createAccounts, type CompanyAccount } from './accounts.ts';
import {
  assetRecords,
  contractRecords,
  createCrmOrders,
  crmOrderRecords,
  orderItemRecords,
} from './contract-records.ts';
import { isWon, type Deal, type DealDesk } from './deals.ts';
import { plantOverlaps, type OverlapCase } from './drift-terms.ts';
import {
  historyRecords,
  lineItemRecords,
  opportunityRecords,
  stagePathOf,
  stageRecords,
} from './opportunity-records.ts';
import {
  createLostDeals,
  createOpenDeals,
  createRehearsalDeals,
  type RehearsalDeals,
} from './pipeline.ts';
import { createCatalogue, priceEntryRecords, productRecords, type Catalogue } from './products.ts';
import type { Prng } from './prng.ts';
import { withThirds } from './rounding.ts';
import { salesforceSettings } from './settings.ts';
import type { VendorIds } from './vendor-ids.ts';
import { createCustomerDeals } from './won-deals.ts';

/** How many of each the sales side holds. */
export interface SalesSizes {
  readonly accounts: number;
  readonly opportunities: number;
  readonly open: number;
  readonly overlaps: number;
}

/** What sales did over two years, before it is written down in the vendors' records. */
export interface SalesSide {
  readonly catalogue: Catalogue;
  readonly accounts: readonly CompanyAccount[];
  readonly deals: readonly Deal[];
  readonly rehearsal: RehearsalDeals;
  readonly overlaps: readonly OverlapCase[];
  readonly planted: readonly PlantedDrift[];
}

/** The night in which a price book migration touched many lines within one second. */
const MIGRATED_AT = '2025-11-15T03:00:00.000+0000';

/** Accounts, deals and the customers who bought one thing twice. */
export function createSalesSide(prng: Prng, ids: VendorIds, sizes: SalesSizes): SalesSide {
  const catalogue = createCatalogue(ids);
  const accounts = createAccounts(prng.fork('accounts'), ids, sizes.accounts);
  const owners = Array.from({ length: 12 }, () => ids.salesforce('User'));
  const desk = (topic: string): DealDesk => ({ prng: prng.fork(topic), ids, catalogue, owners });
  const bought = withThirds(desk('thirds'), createCustomerDeals(desk('bought'), accounts));
  const rehearsal = createRehearsalDeals(desk('rehearsal'), accounts, bought);
  const near = [rehearsal.toClose, rehearsal.toReopen];
  const kept = new Set(near.map((deal) => deal.account.id));
  const overlaps = plantOverlaps(desk('overlaps'), [...bought, ...near], sizes.overlaps, kept);
  const settled = [...bought, ...near, ...overlaps.map(({ second }) => second)];
  const open = createOpenDeals(desk('open'), accounts, sizes.open);
  const lost = createLostDeals(
    desk('lost'),
    accounts,
    sizes.opportunities - settled.length - open.length,
  );
  return {
    catalogue,
    accounts,
    deals: [...settled, ...open, ...lost],
    rehearsal,
    overlaps,
    planted: overlaps.map(({ planted }) => planted),
  };
}

/** Lines that were there in that night carry its second as the system's stamp, whatever their last edit. */
function afterMigration(prng: Prng, lines: readonly JsonObject[]): JsonObject[] {
  return lines.map((line) => {
    const created = line['CreatedDate'];
    const touched = typeof created === 'string' && created < MIGRATED_AT && prng.chance(0.35);
    return touched ? { ...line, SystemModstamp: MIGRATED_AT } : line;
  });
}

/** The Salesforce world: the sales side in the vendor's records. */
export function salesforceWorld(prng: Prng, ids: VendorIds, side: SalesSide): TwinWorld {
  const { catalogue, accounts, deals } = side;
  const traces = prng.fork('stages');
  const traced = deals.map((deal) => ({ deal, steps: stagePathOf(traces, deal) }));
  const won = deals.filter(isWon);
  const orders = createCrmOrders(ids, won);
  return {
    objects: {
      Account: accountRecords(accounts),
      Product2: productRecords(catalogue),
      PricebookEntry: priceEntryRecords(catalogue),
      OpportunityStage: stageRecords(ids),
      Opportunity: opportunityRecords(traced, catalogue),
      OpportunityLineItem: afterMigration(prng.fork('migration'), lineItemRecords(deals)),
      OpportunityHistory: historyRecords(traced, ids),
      Contract: contractRecords(prng.fork('contracts'), won),
      Order: crmOrderRecords(orders),
      OrderItem: orderItemRecords(orders),
      Asset: assetRecords(prng.fork('assets'), ids, orders),
    },
    settings: salesforceSettings(prng.fork('settings'), ids),
  };
}
