import { addDays, addMonths } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { lastDayOf } from './deals.ts';
import { TODAY } from './instants.ts';
import type { Login } from './logins.ts';
import type { Prng } from './prng.ts';
import { SAAS_PRODUCTS, type SaasProduct } from './saas-products.ts';

function seatsHeld(logins: readonly Login[], sku: string): number {
  return logins.filter(
    (login) => login.active && login.userType !== 'Service' && login.seats.includes(sku),
  ).length;
}

interface Part {
  readonly number: string;
  readonly quantity: number;
  readonly startsOn: string;
}

function rowOf(prng: Prng, product: SaasProduct, part: Part): JsonObject {
  return {
    agreement_number: part.number,
    publisher: product.publisher,
    sku: product.sku,
    product_name: product.name,
    metric: product.metric,
    quantity: String(part.quantity),
    unit_price: product.unitPrice,
    currency: product.currency,
    start_date: part.startsOn,
    end_date: lastDayOf(part.startsOn, 12),
    notice_days: String(prng.pick([30, 60, 90])),
    auto_renew: prng.chance(0.6) ? 'yes' : 'no',
    renewal_term_months: '12',
  };
}

function agreementsFor(prng: Prng, product: SaasProduct, at: number, held: number): JsonObject[] {
  const number = `PA-${2025000 + at * 10}`;
  // Every second term ends within the next three months, so that notice days matter.
  const startsOn = addDays(
    addMonths(TODAY, -12),
    at % 2 === 0 ? prng.int(10, 85) : prng.int(100, 300),
  );
  const bought = Math.round((held * product.boughtPercent) / 100);
  const quantity =
    product.boughtPercent < 100 ? Math.min(bought, held - 3) : Math.max(bought, held + 3);
  const earlier = {
    number: `PA-${2024000 + at * 10}`,
    quantity: Math.max(1, held - 20),
    startsOn: addMonths(startsOn, -12),
  };
  // The engineers' product was extended once: two agreements on one SKU count together.
  const split = product.departments.includes('Quality') ? Math.round(quantity / 5) : 0;
  return [
    ...(at % 3 === 0 ? [rowOf(prng, product, earlier)] : []),
    rowOf(prng, product, { number, quantity: quantity - split, startsOn }),
    ...(split === 0
      ? []
      : [
          rowOf(prng, product, {
            number: `${number}-B`,
            quantity: split,
            startsOn: addMonths(startsOn, 3),
          }),
        ]),
  ];
}

/** How much of every product a calm company bought for every hundred seats. */
const CALM_PERCENT = 150;

/** Rows of agreements.csv: what Meridian bought on paper, most of it with room to spare and, unless it is calm, one product short. */
export function agreementRows(prng: Prng, logins: readonly Login[], calm: boolean): JsonObject[] {
  return SAAS_PRODUCTS.flatMap((product, at) => {
    const bought = calm ? { ...product, boughtPercent: CALM_PERCENT } : product;
    return agreementsFor(prng, bought, at, seatsHeld(logins, product.sku));
  });
}
