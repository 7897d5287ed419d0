import { addDays, addMonths, endInclusive, type LocalDate } from '../kernel/dates.ts';
import type { CompanyAccount } from './accounts.ts';
import { changedPrice, termPrice, type SalesCurrency } from './figures.ts';
import { officeInstant, TODAY, type InstantText } from './instants.ts';
import type { Prng } from './prng.ts';
import type { Catalogue, Product } from './products.ts';
import type { VendorIds } from './vendor-ids.ts';

export type DealType = 'New Business' | 'Add-On' | 'Renewal';
export type StageName =
  | 'Prospecting' | 'Qualification' | 'Proposal/Price Quote' | 'Negotiation/Review' | 'Closed Won' | 'Closed Lost'; // prettier-ignore

/** One product of a deal; the service period runs from `serviceFrom` to `serviceTo`, both included. */
export interface DealLine {
  readonly lineId: string;
  readonly product: Product;
  readonly quantity: string;
  /** The price of one unit for the whole service period. */
  readonly unitPrice: string;
  readonly serviceFrom: LocalDate;
  readonly serviceTo: LocalDate;
  readonly termMonths: number;
}

/** The CRM contract that a won deal made or, for an add-on, extended. */
export interface ContractTerm {
  readonly contractId: string;
  readonly account: CompanyAccount;
  readonly start: LocalDate;
  readonly months: number;
}

export interface Deal {
  readonly opportunityId: string;
  readonly account: CompanyAccount;
  readonly name: string;
  readonly type: DealType;
  readonly stage: StageName;
  readonly createdAt: InstantText;
  /** When it was won or lost; null while it is open. */
  readonly closedAt: InstantText | null;
  readonly closeDate: LocalDate;
  readonly currency: SalesCurrency;
  readonly lines: readonly DealLine[];
  readonly contract: ContractTerm | null;
  /** The deal says what happens to the same product in consecutive years on two lines. */
  readonly ramped: boolean;
  readonly ownerId: string;
}

/** What every generator of deals needs. */
export interface DealDesk {
  readonly prng: Prng;
  readonly ids: VendorIds;
  readonly catalogue: Catalogue;
  readonly owners: readonly string[];
}

/** The last day of a term of whole months. */
export function lastDayOf(start: LocalDate, months: number): LocalDate {
  return endInclusive(addMonths(start, months));
}

export interface LineWish {
  readonly product: Product;
  readonly quantity: number;
  readonly start: LocalDate;
  readonly months: number;
  readonly currency: SalesCurrency;
  readonly discount: number;
}

/** A line priced from the list for its term; services have one price, whatever their length. */
export function createLine(desk: DealDesk, wish: LineWish): DealLine {
  const { product, months, currency, discount } = wish;
  const pricedMonths = product.metric === null ? 12 : months;
  return {
    lineId: desk.ids.salesforce('OpportunityLineItem'),
    product,
    quantity: String(wish.quantity),
    unitPrice: termPrice(product.annualList[currency], pricedMonths, discount, currency),
    serviceFrom: wish.start,
    serviceTo: lastDayOf(wish.start, months),
    termMonths: months,
  };
}

/** How much of a product a customer buys: packs in smaller numbers. */
export function quantityFor(prng: Prng, product: Product): number {
  if (product.metric === null) return prng.int(1, 4);
  if (product.rightsPerPack > 1) return prng.int(1, 12);
  return prng.pick([prng.int(5, 24), prng.int(10, 60), prng.int(25, 150)]);
}

/** A made-up count near another, at least one. */
export function countNear(quantity: string, percent: number): number {
  return Math.max(1, Math.round((Number(quantity) * percent) / 100));
}

/** The same product in the term of `months` that follows the line: other quantity, price raised by the uplift. */
export function renewedLine(
  desk: DealDesk,
  line: DealLine,
  months: number,
  currency: SalesCurrency,
): DealLine {
  const { prng } = desk;
  const start = addDays(line.serviceTo, 1);
  const uplifted = changedPrice(line.unitPrice, prng.pick([0, 3, 5, 7]), currency);
  return {
    ...line,
    lineId: desk.ids.salesforce('OpportunityLineItem'),
    quantity: String(countNear(line.quantity, prng.pick([80, 90, 100, 100, 100, 110, 125, 140]))),
    unitPrice: changedPrice(uplifted, (months / line.termMonths - 1) * 100, currency),
    serviceFrom: start,
    serviceTo: lastDayOf(start, months),
    termMonths: months,
  };
}

export interface DealWish {
  readonly account: CompanyAccount;
  readonly type: DealType;
  readonly stage: StageName;
  readonly closeDate: LocalDate;
  readonly lines: readonly DealLine[];
  readonly contract?: ContractTerm;
  readonly ramped?: boolean;
}

/** A deal with its dates: worked on for one to five months before it closed, or before today. */
export function createDeal(desk: DealDesk, wish: DealWish): Deal {
  const { prng, ids, owners } = desk;
  const closed = wish.stage === 'Closed Won' || wish.stage === 'Closed Lost';
  const lastDay = closed ? wish.closeDate : addDays(TODAY, -prng.int(1, 20));
  const what = wish.lines[0]?.product.name ?? 'Enquiry';
  return {
    opportunityId: ids.salesforce('Opportunity'),
    account: wish.account,
    name: `${wish.account.name} - ${what} ${wish.type} ${wish.closeDate.slice(0, 7)}`,
    type: wish.type,
    stage: wish.stage,
    createdAt: officeInstant(prng, addDays(lastDay, -prng.int(20, 150))),
    closedAt: closed ? officeInstant(prng, wish.closeDate) : null,
    closeDate: wish.closeDate,
    currency: wish.account.currency,
    lines: wish.lines,
    contract: wish.contract ?? null,
    ramped: wish.ramped ?? false,
    ownerId: prng.pick(owners),
  };
}

/** True if the deal was won. */
export function isWon(deal: Deal): boolean {
  return deal.stage === 'Closed Won';
}

/** Every product that a customer's deals name, whatever became of them. */
export function productsOf(deals: readonly Deal[], account: CompanyAccount): Set<string> {
  const own = deals.filter((deal) => deal.account.id === account.id);
  return new Set(own.flatMap((deal) => deal.lines.map((line) => line.product.code)));
}
