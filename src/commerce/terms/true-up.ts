import type { LocalDate } from '../../kernel/dates.ts';
import {
  add,
  ceil,
  compare,
  divide,
  multiply,
  rational,
  subtract,
  toPlain,
  type Rational,
} from '../../kernel/rational.ts';

/** What a contract trues up to (domain f.5; G-64). */
export const TRUE_UP_POLICIES = ['maximum_since_last', 'count_at_order', 'average'] as const;
export type TrueUpPolicy = (typeof TRUE_UP_POLICIES)[number];

/** How many were in use on a day. */
export interface Count {
  readonly on: LocalDate;
  readonly quantity: Rational;
}

/** The quantity that is compared with what is owned, and how it came about. */
export interface Measured {
  readonly quantity: Rational;
  readonly words: string;
}

const text = (value: Rational): string => toPlain(value, 6);

/**
 * What counts by the policy: the most since the last true-up, the count at the order, or the average of the counts. The counts are
 * those since the last true-up, at least one.
 */
export function measuredUse(counts: readonly Count[], policy: TrueUpPolicy): Measured {
  const ordered = counts.toSorted((left, right) => (left.on < right.on ? -1 : 1));
  if (policy === 'count_at_order') {
    const last = ordered.at(-1);
    const quantity = last?.quantity ?? rational(0n);
    return { quantity, words: `${text(quantity)} counted at the order, on ${last?.on ?? 'no day'}` }; // prettier-ignore
  }
  if (policy === 'average') {
    const sum = ordered.reduce((total, each) => add(total, each.quantity), rational(0n));
    const quantity = divide(sum, rational(BigInt(ordered.length)));
    return { quantity, words: `${text(sum)} / ${ordered.length} counts = ${text(quantity)} on average` }; // prettier-ignore
  }
  const most = ordered.reduce((best, each) => compare(each.quantity, best.quantity) > 0 ? each : best); // prettier-ignore
  return {
    quantity: most.quantity,
    words: `${text(most.quantity)} at most since the last true-up, on ${most.on}`,
  };
}

/** What the use is above or below what is owned. */
export interface Difference {
  readonly shortfall: Rational;
  readonly surplus: Rational;
}

/** Above counts in whole rights, begun ones too; below as it is. */
export function differenceOf(measured: Rational, owned: Rational): Difference {
  const over = subtract(measured, owned);
  return over.num > 0n
    ? { shortfall: rational(ceil(over)), surplus: rational(0n) }
    : { shortfall: rational(0n), surplus: subtract(owned, measured) };
}

/** The prices that a contract and its orders state; absent ones are not stated. */
export interface TrueUpPrices {
  readonly contract: Rational | null;
  readonly override: Rational | null;
  readonly lots: readonly { readonly quantity: Rational; readonly unitPrice: Rational }[];
  readonly list: Rational | null;
}

export type PriceBasis = 'contract' | 'override' | 'weighted_average' | 'list';

/**
 * The price of one more right: the contract's true-up price, else the override, else the average of what was bought, weighted by its
 * quantity, else the list price (rule c.8; G-66). Null where none is stated: a price is never invented.
 */
export function trueUpPrice({
  contract,
  override,
  lots,
  list,
}: TrueUpPrices): { readonly price: Rational; readonly basis: PriceBasis } | null {
  // prettier-ignore
  if (contract !== null) return { price: contract, basis: 'contract' };
  if (override !== null) return { price: override, basis: 'override' };
  const units = lots.reduce((sum, { quantity }) => add(sum, quantity), rational(0n));
  if (units.num > 0n) {
    const value = lots.reduce((sum, lot) => add(sum, multiply(lot.quantity, lot.unitPrice)), rational(0n)); // prettier-ignore
    return { price: divide(value, units), basis: 'weighted_average' };
  }
  return list === null ? null : { price: list, basis: 'list' };
}
