import { compareQuantity, sumQuantities, type Quantity } from '../../kernel/quantity.ts';
import {
  add,
  compare,
  multiply,
  parseDecimal,
  rational,
  type Rational,
} from '../../kernel/rational.ts';
import type { Outcome } from './lines.ts';

/** What an outcome costs, in the order in which it counts (rule c.7). */
export interface AllocationCost {
  readonly shortMoney: Rational;
  readonly short: Quantity;
  readonly grace: Quantity;
  readonly used: Rational;
}

const NOTHING = rational(0n);

/** The cost of what was shared out. What is short and has no price counts as the cheapest right that covers it. */
export function costOf(outcome: Outcome): AllocationCost {
  const { classes, slices, eligible, covered, unmet, isPriced } = outcome;
  const priceOf = (index: number): Rational => {
    const own = classes[index]?.trueUpPrice ?? null;
    if (own !== null || !isPriced(classes[index]?.poolId ?? '')) return own ?? NOTHING;
    const costs = eligible
      .filter(({ demand }) => demand === index)
      .map(({ slice }) => slices[slice]?.unitCost ?? NOTHING);
    return costs.reduce((least, each) => (compare(each, least) < 0 ? each : least), costs[0] ?? NOTHING); // prettier-ignore
  };
  const weighed = unmet.map((quantity, index) => ({
    index,
    quantity: multiply(parseDecimal(quantity), rational(BigInt(classes[index]?.weight ?? 1))),
  }));
  return {
    shortMoney: weighed.reduce(
      (sum, { index, quantity }) =>
        quantity.num === 0n ? sum : add(sum, multiply(quantity, priceOf(index))),
      NOTHING,
    ),
    short: sumQuantities(unmet),
    grace: sumQuantities(
      covered.filter(({ path }) => path.kind === 'grace').map(({ quantity }) => quantity),
    ),
    used: covered.reduce(
      (sum, { path, rightsConsumed }) =>
        add(sum, multiply(parseDecimal(rightsConsumed), slices[path.slice]?.unitCost ?? NOTHING)),
      NOTHING,
    ),
  };
}

/** Negative where the first is to be preferred. */
export function compareCosts(left: AllocationCost, right: AllocationCost): number {
  return (
    compare(left.shortMoney, right.shortMoney) ||
    compareQuantity(left.short, right.short) ||
    compareQuantity(left.grace, right.grace) ||
    compare(left.used, right.used)
  );
}

/** The money in it: rights in use at their cost, and what is short at its price. */
export const moneyOf = ({ shortMoney, used }: AllocationCost): Rational => add(shortMoney, used);
