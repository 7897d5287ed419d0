import { ValidationError } from '../../kernel/errors.ts';
import { exponentOf, type Money } from '../../kernel/money.ts';
import {
  add,
  divide,
  multiply,
  parseDecimal,
  rational,
  subtract,
  toFixed,
  type Rational,
} from '../../kernel/rational.ts';

/** Which share takes what is left after rounding. */
export type Remainder = 'first' | 'last';

/**
 * An amount shared out by weights so that the shares give the amount again, to the minor unit. Each share is cut (not rounded)
 * at the minor unit, and what is left goes to the first or the last share that has a weight: 100.00 over twelve is eleven times
 * 8.33 and 8.37 (G-49; rule b.1). As nothing is rounded up, no share turns its sign.
 * Throws ValidationError where no weight is positive or one is negative.
 */
export function splitAmount(
  total: Money,
  weights: readonly Rational[],
  remainder: Remainder,
): readonly Money[] {
  const sum = weights.reduce(add, rational(0n));
  if (sum.num <= 0n || weights.some(({ num }) => num < 0n))
    throw new ValidationError('An amount is shared out by weights of zero or more, one of them positive.'); // prettier-ignore
  const scale = exponentOf(total.currency);
  const unit = 10n ** BigInt(scale);
  const amount = parseDecimal(total.amount);
  const shares = weights.map((weight) => {
    const exact = multiply(amount, divide(weight, sum));
    // BigInt division cuts towards zero.
    return rational((exact.num * unit) / exact.den, unit);
  });
  const left = subtract(amount, shares.reduce(add, rational(0n)));
  const isWeighted = ({ num }: Rational): boolean => num > 0n;
  const taker = remainder === 'first' ? weights.findIndex(isWeighted) : weights.findLastIndex(isWeighted); // prettier-ignore
  return shares.map((share, at) => ({
    amount: toFixed(at === taker ? add(share, left) : share, scale),
    currency: total.currency,
  }));
}
