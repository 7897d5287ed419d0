import { moneyOf, type Money } from '../kernel/money.ts';
import { ceilQuantity, compareQuantity, scaleQuantity, type Quantity } from '../kernel/quantity.ts';
import {
  add,
  divide,
  multiply,
  parseDecimal,
  rational,
  toPlain,
  type Rational,
} from '../kernel/rational.ts';
import type { CountedEntitlement } from './rights.ts';

/** The price of one right. */
export interface RightPrice {
  readonly value: Rational;
  readonly currency: string;
  readonly basis: 'weighted_average';
}

export type PriceResult =
  | { readonly kind: 'priced'; readonly price: RightPrice }
  | { readonly kind: 'no_price' }
  | { readonly kind: 'mixed_currencies' };

/**
 * What one right of the pool costs: the average of its entitlements in force, weighted by their rights (G-66).
 * A price is never invented: without a priced entitlement, or in two currencies, there is none.
 */
export function rightPrice(
  entitlements: readonly CountedEntitlement[],
  rightsPerPack: number,
): PriceResult {
  const priced = entitlements.filter((each) => compareQuantity(each.owned, '0') > 0);
  const currencies = new Set<string>();
  let weight = rational(0n);
  let value = rational(0n);
  for (const { fact, owned } of priced) {
    const { unitPrice, currency } = fact.body;
    if (unitPrice === undefined || currency === undefined) continue;
    const rights = parseDecimal(owned);
    const perRight = divide(parseDecimal(unitPrice), rational(BigInt(rightsPerPack)));
    currencies.add(currency);
    weight = add(weight, rights);
    value = add(value, multiply(rights, perRight));
  }
  const [currency, ...others] = currencies;
  if (currency === undefined) return { kind: 'no_price' };
  if (others.length > 0) return { kind: 'mixed_currencies' };
  return {
    kind: 'priced',
    price: { value: divide(value, weight), currency, basis: 'weighted_average' },
  };
}

/** The price as text, at most ten places. */
export function unitPriceText(price: RightPrice): string {
  return toPlain(price.value, 10);
}

/** What it costs to close a shortfall: rights are bought in whole packs. */
export function trueUpCost(price: RightPrice, shortfall: Quantity, rightsPerPack: number): Money {
  const bought = scaleQuantity(ceilQuantity(shortfall, rightsPerPack), rightsPerPack);
  return moneyOf(multiply(parseDecimal(bought), price.value), price.currency);
}

/** What unused rights cost. */
export function overLicensedAmount(price: RightPrice, surplus: Quantity): Money {
  return moneyOf(multiply(parseDecimal(surplus), price.value), price.currency);
}
