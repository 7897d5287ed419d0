import { addMoney, lineAmount, subtractMoney, type Money } from '../kernel/money.ts';
import { addQuantity, quantity, sumQuantities, type Quantity } from '../kernel/quantity.ts';
import { compare, parseDecimal, rational } from '../kernel/rational.ts';
import { compareText, groupBy } from './sort.ts';

/** One line of a deal or an order, ready to be compared. */
export interface ComparableLine {
  readonly skuCode: string;
  readonly quantity: Quantity;
  readonly unitPrice: string;
  readonly currency: string | null;
  /** The amount that the source states; null when it states none, and quantity × price holds. */
  readonly amount: Money | null;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly factIds: readonly string[];
}

export interface LinePair {
  readonly left: ComparableLine;
  readonly right: ComparableLine;
}

/** How the lines of a deal and its orders belong together. */
export interface Pairing {
  readonly same: readonly LinePair[];
  /** The same sale under two part numbers. */
  readonly swapped: readonly LinePair[];
  readonly onlyLeft: readonly ComparableLine[];
  readonly onlyRight: readonly ComparableLine[];
}

/**
 * Pairs lines by part number; of one part number in their order of start, quantity and price, or as totals when one
 * side splits what the other keeps together. What is left over pairs by equal quantity and nearest amount, then by
 * equal term and price: the same sale under another part number.
 */
export function pairLines(
  left: readonly ComparableLine[],
  right: readonly ComparableLine[],
): Pairing {
  const lefts = groupBy(left, (each) => each.skuCode);
  const rights = groupBy(right, (each) => each.skuCode);
  const shared = [...lefts.keys()].filter((sku) => rights.has(sku)).toSorted(compareText);
  const same = shared.flatMap((sku) => pairSku(lefts.get(sku) ?? [], rights.get(sku) ?? []));
  const onlyLeft = left.filter((each) => !rights.has(each.skuCode)).toSorted(byTerm);
  const onlyRight = right.filter((each) => !lefts.has(each.skuCode)).toSorted(byTerm);
  const byQuantity = takePairs(
    onlyLeft,
    onlyRight,
    (a, b) => quantity(a.quantity) === quantity(b.quantity),
  );
  const byTermAndPrice = takePairs(byQuantity.left, byQuantity.right, sameTermAndPrice);
  return {
    same,
    swapped: [...byQuantity.pairs, ...byTermAndPrice.pairs],
    onlyLeft: byTermAndPrice.left,
    onlyRight: byTermAndPrice.right,
  };
}

/** The amount of a line: as stated, else quantity × price; null without a currency. */
export function amountOf(line: ComparableLine): Money | null {
  if (line.amount !== null) return line.amount;
  return line.currency === null ? null : lineAmount(line.quantity, line.unitPrice, line.currency);
}

function pairSku(
  left: readonly ComparableLine[],
  right: readonly ComparableLine[],
): readonly LinePair[] {
  if (left.length !== right.length) return pairTotals(left, right);
  const rights = right.toSorted(byTerm);
  return left.toSorted(byTerm).flatMap((each, at) => {
    const other = rights[at];
    return other === undefined ? [] : [{ left: each, right: other }];
  });
}

function pairTotals(
  left: readonly ComparableLine[],
  right: readonly ComparableLine[],
): readonly LinePair[] {
  const [one, other] = [totalOf(left), totalOf(right)];
  return one === null || other === null ? [] : [{ left: one, right: other }];
}

function totalOf(lines: readonly ComparableLine[]): ComparableLine | null {
  const [first, ...rest] = lines;
  if (first === undefined) return null;
  const amounts = lines.map(amountOf);
  const oneCurrency = rest.every((each) => each.currency === first.currency);
  return {
    ...first,
    quantity: sumQuantities(lines.map((each) => each.quantity)),
    amount: oneCurrency
      ? amounts.reduce((sum, each) => (sum === null || each === null ? null : addMoney(sum, each)))
      : null,
    currency: oneCurrency ? first.currency : null,
    factIds: lines.flatMap((each) => each.factIds),
  };
}

function takePairs(
  left: readonly ComparableLine[],
  right: readonly ComparableLine[],
  fits: (left: ComparableLine, right: ComparableLine) => boolean,
): {
  readonly pairs: readonly LinePair[];
  readonly left: readonly ComparableLine[];
  readonly right: readonly ComparableLine[];
} {
  const candidates = left
    .flatMap((one) =>
      right.filter((other) => fits(one, other)).map((other) => ({ left: one, right: other })),
    )
    .toSorted((a, b) => compare(distance(a), distance(b)));
  const taken = new Set<ComparableLine>();
  const pairs: LinePair[] = [];
  for (const pair of candidates) {
    if (taken.has(pair.left) || taken.has(pair.right)) continue;
    taken.add(pair.left).add(pair.right);
    pairs.push(pair);
  }
  return {
    pairs,
    left: left.filter((each) => !taken.has(each)),
    right: right.filter((each) => !taken.has(each)),
  };
}

function distance({ left, right }: LinePair): ReturnType<typeof rational> {
  const [one, other] = [amountOf(left), amountOf(right)];
  if (one === null || other === null || one.currency !== other.currency)
    return rational(10n ** 40n);
  const gap = parseDecimal(subtractMoney(one, other).amount);
  return gap.num < 0n ? rational(-gap.num, gap.den) : gap;
}

function sameTermAndPrice(left: ComparableLine, right: ComparableLine): boolean {
  const sameTerm =
    left.validFrom !== null && left.validFrom === right.validFrom && left.validTo === right.validTo;
  return sameTerm && compare(parseDecimal(left.unitPrice), parseDecimal(right.unitPrice)) === 0;
}

function byTerm(left: ComparableLine, right: ComparableLine): number {
  return (
    compareText(left.validFrom ?? '', right.validFrom ?? '') ||
    compare(parseDecimal(left.quantity), parseDecimal(right.quantity)) ||
    compare(parseDecimal(left.unitPrice), parseDecimal(right.unitPrice)) ||
    compareText(left.factIds.join(), right.factIds.join())
  );
}

/** The difference of two quantities in words, such as "25 against 30". */
export function against(left: Quantity, right: Quantity): string {
  return `${addQuantity(left, '0')} against ${addQuantity(right, '0')}`;
}
