import { addDays, type LocalDate } from '../kernel/dates.ts';
import { addQuantity } from '../kernel/quantity.ts';
import { add, parseDecimal, toFixed } from '../kernel/rational.ts';
import { exponentOf } from '../kernel/money.ts';
import type { PlantedDrift } from '../sdk/define-twin.ts';
import { isWon, type Deal, type DealLine } from './deals.ts';
import { changedPrice, type SalesCurrency } from './figures.ts';
import { TODAY } from './instants.ts';
import type { Prng } from './prng.ts';
import type { Product } from './products.ts';
import { isRoundedByErp } from './rounding.ts';

/** What the ERP's order says differently from the deal, or that there is none. */
export type OrderDrift = { readonly deal: Deal; readonly planted: PlantedDrift } & (
  | { readonly kind: 'missing_in_erp' }
  | { readonly kind: 'sku_mismatch'; readonly lineId: string; readonly product: Product }
  | { readonly kind: 'quantity_mismatch'; readonly lineId: string; readonly quantity: string }
  | { readonly kind: 'price_mismatch'; readonly lineId: string; readonly rate: string }
);

/** How many cases of each kind to plant. */
export interface OrderDriftCounts {
  readonly missing: number;
  readonly sku: number;
  readonly quantity: number;
  readonly price: number;
}

/** How many days the ERP has before an order is missing. */
const ERP_DAYS = 7;

function planted(
  kind: string,
  deal: Deal,
  sku: string | null,
  note: string,
  since: LocalDate = deal.closeDate,
): PlantedDrift {
  return { kind, subject: { type: 'Opportunity', id: deal.opportunityId }, sku, note, since };
}

function licensedLine(prng: Prng, deal: Deal): DealLine {
  return prng.pick(
    deal.lines.filter((line) => line.product.metric !== null && !isRoundedByErp(line)),
  );
}

function anotherSku(prng: Prng, deal: Deal, licensed: readonly Product[]): OrderDrift {
  const line = licensedLine(prng, deal);
  const sold = new Set(deal.lines.map((each) => each.product.code));
  const product = prng.pick(licensed.filter((each) => !sold.has(each.code)));
  const note = `The order has ${product.code} where the deal has ${line.product.code}.`;
  return {
    kind: 'sku_mismatch',
    deal,
    lineId: line.lineId,
    product,
    planted: planted('sku_mismatch', deal, line.product.code, note),
  };
}

function anotherQuantity(prng: Prng, deal: Deal): OrderDrift {
  const line = licensedLine(prng, deal);
  const fewer = Number(line.quantity) > 8 && prng.chance(0.5);
  const quantity = addQuantity(line.quantity, String(fewer ? -prng.int(1, 5) : prng.int(1, 20)));
  const note = `The order has ${quantity} of ${line.product.code} where the deal has ${line.quantity}.`;
  return {
    kind: 'quantity_mismatch',
    deal,
    lineId: line.lineId,
    quantity,
    planted: planted('quantity_mismatch', deal, line.product.code, note),
  };
}

/** One minor unit dearer a piece: on two pieces or more that is beyond rounding. */
function oneUnitDearer(unitPrice: string, currency: SalesCurrency): string {
  const exponent = exponentOf(currency);
  const unit = parseDecimal(exponent === 0 ? '1' : '0.01');
  return toFixed(add(parseDecimal(unitPrice), unit), exponent);
}

function anotherPrice(prng: Prng, deal: Deal): OrderDrift {
  const line = licensedLine(prng, deal);
  const subtle = Number(line.quantity) >= 3 && prng.chance(0.3);
  const rate = subtle
    ? oneUnitDearer(line.unitPrice, deal.currency)
    : changedPrice(line.unitPrice, prng.pick([-12, -5, 4, 10]), deal.currency);
  const note = `The order has ${line.product.code} at ${rate} where the deal has ${line.unitPrice} ${deal.currency}.`;
  return {
    kind: 'price_mismatch',
    deal,
    lineId: line.lineId,
    rate,
    planted: planted('price_mismatch', deal, line.product.code, note),
  };
}

function missing(deal: Deal): OrderDrift {
  const note = `The deal was won on ${deal.closeDate} and has no sales order.`;
  const since = addDays(deal.closeDate, ERP_DAYS);
  return {
    kind: 'missing_in_erp',
    deal,
    planted: planted('missing_in_erp', deal, null, note, since),
  };
}

/** Deals that were won long enough ago and that no other case touches. */
function candidatesFor(deals: readonly Deal[], avoid: ReadonlySet<string>): Deal[] {
  const settledBy = addDays(TODAY, -10);
  return deals.filter(
    (deal) =>
      isWon(deal) &&
      !deal.ramped &&
      deal.closeDate <= settledBy &&
      !avoid.has(deal.opportunityId) &&
      deal.lines.some((line) => line.product.metric !== null && !isRoundedByErp(line)),
  );
}

/** Plants what goes wrong between a won deal and its order; a deal carries one case at most. */
export function plantOrderDrift(
  prng: Prng,
  deals: readonly Deal[],
  licensed: readonly Product[],
  counts: OrderDriftCounts,
  avoid: ReadonlySet<string>,
): OrderDrift[] {
  const queue = prng.shuffle(candidatesFor(deals, avoid));
  const take = (count: number): Deal[] => queue.splice(0, count);
  return [
    ...take(counts.missing).map(missing),
    ...take(counts.sku).map((deal) => anotherSku(prng, deal, licensed)),
    ...take(counts.quantity).map((deal) => anotherQuantity(prng, deal)),
    ...take(counts.price).map((deal) => anotherPrice(prng, deal)),
  ];
}
