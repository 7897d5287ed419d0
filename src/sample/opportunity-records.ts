import { addDays } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { lineAmount } from '../kernel/money.ts';
import { isWon, type Deal, type DealLine, type StageName } from './deals.ts';
import { totalOf, vendorNumber } from './figures.ts';
import { instantsBetween, salesforceStamp, TODAY, type InstantText } from './instants.ts';
import type { Prng } from './prng.ts';
import type { Catalogue } from './products.ts';
import type { VendorIds } from './vendor-ids.ts';

interface Stage {
  readonly name: StageName;
  readonly isWon: boolean;
  readonly isClosed: boolean;
  /** Percent. */
  readonly probability: number;
}

const STAGES: readonly Stage[] = [
  { name: 'Prospecting', isWon: false, isClosed: false, probability: 10 },
  { name: 'Qualification', isWon: false, isClosed: false, probability: 20 },
  { name: 'Proposal/Price Quote', isWon: false, isClosed: false, probability: 60 },
  { name: 'Negotiation/Review', isWon: false, isClosed: false, probability: 80 },
  { name: 'Closed Won', isWon: true, isClosed: true, probability: 100 },
  { name: 'Closed Lost', isWon: false, isClosed: true, probability: 0 },
];

const SET_UP_AT = '2024-01-15T02:00:00Z';

function stageOf(name: StageName): Stage | undefined {
  return STAGES.find((stage) => stage.name === name);
}

/** OpportunityStage rows: the sales process. */
export function stageRecords(ids: VendorIds): JsonObject[] {
  return STAGES.map((stage, at) => ({
    Id: ids.salesforce('OpportunityStage'),
    ApiName: stage.name,
    MasterLabel: stage.name,
    IsWon: stage.isWon,
    IsClosed: stage.isClosed,
    SortOrder: at + 1,
    IsActive: true,
    CreatedDate: salesforceStamp(SET_UP_AT),
    LastModifiedDate: salesforceStamp(SET_UP_AT),
    SystemModstamp: salesforceStamp(SET_UP_AT),
  }));
}

/** One stage of one deal's way, and when it was entered. */
export interface StageStep {
  readonly stage: StageName;
  readonly at: InstantText;
}

const OPEN_PATH: readonly StageName[] = [
  'Prospecting',
  'Qualification',
  'Proposal/Price Quote',
  'Negotiation/Review',
];

/** The way of a deal through the stages, the last being the one it is in; early stages are skipped at times. */
export function stagePathOf(prng: Prng, deal: Deal): StageStep[] {
  const reached = OPEN_PATH.indexOf(deal.stage);
  const open = reached === -1 ? OPEN_PATH : OPEN_PATH.slice(0, reached);
  const lostAfter = deal.stage === 'Closed Lost' ? prng.int(1, OPEN_PATH.length) : OPEN_PATH.length;
  const passed = open.slice(0, lostAfter).filter((_, at) => at === 0 || prng.chance(0.9));
  const path = [...passed, deal.stage];
  const lastAt =
    deal.closedAt ?? instantsBetween(prng, deal.createdAt, `${addDays(TODAY, -1)}T18:00:00Z`, 3)[1];
  const times = instantsBetween(prng, deal.createdAt, lastAt ?? deal.createdAt, path.length);
  return path.map((stage, at) => ({ stage, at: times[at] ?? deal.createdAt }));
}

/** A deal with its way through the stages: the last step is the deal's last change. */
export interface TracedDeal {
  readonly deal: Deal;
  readonly steps: readonly StageStep[];
}

function lastChange({ deal, steps }: TracedDeal): string {
  return salesforceStamp(steps.at(-1)?.at ?? deal.createdAt);
}

/** Opportunity rows of the Salesforce world, with the fields that the server derives. */
export function opportunityRecords(
  traced: readonly TracedDeal[],
  catalogue: Catalogue,
): JsonObject[] {
  return traced.map((each) => ({
    Id: each.deal.opportunityId,
    Name: each.deal.name,
    AccountId: each.deal.account.id,
    StageName: each.deal.stage,
    IsWon: stageOf(each.deal.stage)?.isWon ?? false,
    IsClosed: stageOf(each.deal.stage)?.isClosed ?? false,
    CloseDate: each.deal.closeDate,
    Amount: vendorNumber(totalOf(each.deal.lines, each.deal.currency).amount),
    CurrencyIsoCode: each.deal.currency,
    Type: each.deal.type,
    ContractId: isWon(each.deal) ? (each.deal.contract?.contractId ?? null) : null,
    Pricebook2Id: catalogue.pricebookId,
    OwnerId: each.deal.ownerId,
    IsDeleted: false,
    CreatedDate: salesforceStamp(each.deal.createdAt),
    LastModifiedDate: lastChange(each),
    SystemModstamp: lastChange(each),
  }));
}

function lineRecord(deal: Deal, line: DealLine, at: number): JsonObject {
  const stamp = salesforceStamp(deal.createdAt);
  return {
    Id: line.lineId,
    OpportunityId: deal.opportunityId,
    Product2Id: line.product.productId,
    PricebookEntryId: line.product.priceEntryIds[deal.currency],
    ProductCode: line.product.code,
    Quantity: vendorNumber(line.quantity),
    UnitPrice: vendorNumber(line.unitPrice),
    TotalPrice: vendorNumber(lineAmount(line.quantity, line.unitPrice, deal.currency).amount),
    ServiceDate: line.serviceFrom,
    SortOrder: at + 1,
    Trueup_Term_Months__c: line.termMonths,
    Trueup_End_Date__c: line.serviceTo,
    IsDeleted: false,
    CreatedDate: stamp,
    LastModifiedDate: stamp,
    SystemModstamp: stamp,
  };
}

/** OpportunityLineItem rows; the lines of a deal share the second in which they were saved. */
export function lineItemRecords(deals: readonly Deal[]): JsonObject[] {
  return deals.flatMap((deal) => deal.lines.map((line, at) => lineRecord(deal, line, at)));
}

/** OpportunityHistory rows: one a step; the amount is known from the second step, when the lines are in. */
export function historyRecords(traced: readonly TracedDeal[], ids: VendorIds): JsonObject[] {
  return traced.flatMap(({ deal, steps }) =>
    steps.map((step, at) => ({
      Id: ids.salesforce('OpportunityHistory'),
      OpportunityId: deal.opportunityId,
      StageName: step.stage,
      Amount: at === 0 ? null : vendorNumber(totalOf(deal.lines, deal.currency).amount),
      CloseDate: deal.closeDate,
      Probability: stageOf(step.stage)?.probability ?? 0,
      CreatedDate: salesforceStamp(step.at),
      CreatedById: deal.ownerId,
      IsDeleted: false,
      SystemModstamp: salesforceStamp(step.at),
    })),
  );
}
