import type { ExpansionSignal } from '../canonical/outbound/outbound-account-summary.ts';
import type { PositionLine } from '../canonical/position-line.ts';
import { addMoney, money, type Money } from '../kernel/money.ts';
import {
  addQuantity,
  compareQuantity,
  scaleQuantity,
  subtractQuantity,
  sumQuantities,
  type Quantity,
} from '../kernel/quantity.ts';
import { divide, multiply, parseDecimal, rational, toFixed } from '../kernel/rational.ts';

/** How an account stands, over the pools of what was sold to it. For reading: no pool is set off against another. */
export interface AccountFigures {
  readonly rightsOwned: Quantity;
  readonly rightsInUse: Quantity;
  readonly shortfall: Quantity;
  /** Rights in use by rights owned, per cent with two places; null where nothing is owned. */
  readonly utilisation: string | null;
  /** What all shortfalls cost; null where one has no price, or prices are in several currencies. */
  readonly trueUp: Money | null;
  /** Rights in use more than then; null where nobody looked then. */
  readonly useChange: Quantity | null;
  readonly expansionSignal: ExpansionSignal;
}

/** Growth that is a signal, in hundredths of the rights owned. */
const GROWTH_PERCENT = 10;

/**
 * The figures of one account from its lines. `usedBefore` is what was in use a quarter earlier, `softLimitPercent` from which
 * utilisation on rights are nearly used up. The signal is the first that holds: use beyond the rights, use near their end,
 * use that grew by a tenth of them.
 */
export function accountFigures(
  lines: readonly PositionLine[],
  usedBefore: Quantity | null,
  softLimitPercent: number,
): AccountFigures {
  const rightsOwned = sumQuantities(lines.map((line) => line.rightsOwned ?? '0'));
  const rightsInUse = sumQuantities(lines.map((line) => line.rightsInUse));
  const shortfall = sumQuantities(lines.map((line) => line.shortfall ?? '0'));
  const useChange = usedBefore === null ? null : subtractQuantity(rightsInUse, usedBefore);
  const ownsSome = compareQuantity(rightsOwned, '0') > 0;
  const isNear = lines.some((line) => isNearLimit(line, softLimitPercent));
  const grew =
    useChange !== null &&
    compareQuantity(useChange, '0') > 0 &&
    compareQuantity(scaleQuantity(useChange, 100), scaleQuantity(rightsOwned, GROWTH_PERCENT)) >= 0;
  return {
    rightsOwned,
    rightsInUse,
    shortfall,
    utilisation: ownsSome ? percent(rightsInUse, rightsOwned) : null,
    trueUp: trueUpOf(lines),
    useChange,
    expansionSignal:
      compareQuantity(shortfall, '0') > 0
        ? 'over_rights'
        : isNear
          ? 'near_limit'
          : grew
            ? 'growing'
            : 'none',
  };
}

function isNearLimit(
  { rightsOwned, rightsInUse }: PositionLine,
  softLimitPercent: number,
): boolean {
  if (rightsOwned === null || compareQuantity(rightsOwned, '0') <= 0) return false;
  const limit = scaleQuantity(rightsOwned, softLimitPercent);
  return compareQuantity(scaleQuantity(rightsInUse, 100), limit) >= 0;
}

function percent(part: Quantity, whole: Quantity): string {
  const share = divide(parseDecimal(part), parseDecimal(whole));
  return toFixed(multiply(share, rational(100n)), 2);
}

function trueUpOf(lines: readonly PositionLine[]): Money | null {
  const short = lines.filter(({ shortfall }) => shortfall !== null && shortfall !== '0');
  const costs = short.map(({ trueUpCost, currency }) =>
    trueUpCost === null || currency === null ? null : money(trueUpCost, currency),
  );
  const known = costs.filter((each) => each !== null);
  const [first] = known;
  const isOne = known.every(({ currency }) => currency === first?.currency);
  return first === undefined || known.length < short.length || !isOne
    ? null
    : known.slice(1).reduce(addMoney, first);
}

/** What each account has in use, by its lines. */
export function usedByAccount(lines: readonly PositionLine[]): ReadonlyMap<string, Quantity> {
  const used = new Map<string, Quantity>();
  for (const { posture, ownerRef, rightsInUse } of lines)
    if (posture === 'licensor') used.set(ownerRef, addQuantity(used.get(ownerRef) ?? '0', rightsInUse)); // prettier-ignore
  return used;
}
