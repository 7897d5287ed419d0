import type { EntitlementTransaction } from '../canonical/entitlement-transaction.ts';
import type { Entitlement } from '../canonical/entitlement.ts';
import { daysBetween, type LocalDate } from '../kernel/dates.ts';
import { compareQuantity, sumQuantities } from '../kernel/quantity.ts';

/** How late a won deal became known as a whole. */
export interface Lateness {
  /** The earlier of the day on which it was won and its close date. */
  readonly since: LocalDate;
  /** Whole days from then until it could be planned for the first time. */
  readonly days: number;
}

/** What a person can say of a late deal whose customer holds the rights already. */
export const LATE_DECISIONS = ['additional', 'renewal', 'rejected'] as const;
export type LateDecision = (typeof LATE_DECISIONS)[number];

/** A right that the customer holds already, as far as a late deal sells the same. */
export interface StandingRight {
  readonly entitlementRef: string;
  readonly skuCode: string;
  readonly quantity: string;
  readonly from: LocalDate;
  /** None: without an end. */
  readonly to?: LocalDate;
  readonly orderConnection?: string;
  readonly orderRef?: string;
  readonly agreementRef?: string;
}

/**
 * Null unless a deal was planned first so many days after it was won, or later (fault case 45). What counts is the day
 * of the first plan that nothing blocked, so an edit months afterwards makes no deal late.
 */
export function latenessOf(
  deal: {
    readonly wonOn: LocalDate;
    readonly closeDate: LocalDate;
    readonly plannedOn: LocalDate;
  },
  lateAfterDays: number,
): Lateness | null {
  const since = deal.closeDate < deal.wonOn ? deal.closeDate : deal.wonOn;
  const days = daysBetween(since, deal.plannedOn);
  return days >= lateAfterDays ? { since, days } : null;
}

/**
 * Rights that stand for what a late deal sells: the customer's own, of the same part number, from orders that left
 * approval, not over yet, and lasting at least as long as the deal's term, or starting after it. They cover the deal's
 * term or follow it, so the deal may have been brought about by hand meanwhile. Rights of the deal itself do not count.
 */
export function rightsInPlace(
  drafts: readonly Entitlement[],
  held: {
    readonly entitlements: readonly Entitlement[];
    readonly transactions: readonly EntitlementTransaction[];
  },
  today: LocalDate,
): readonly StandingRight[] {
  const transactions = Map.groupBy(held.transactions, (each) => each.entitlementRef);
  return held.entitlements
    .flatMap((each) => standingRight(each, transactions.get(each.externalRef) ?? []))
    .filter((right) => right.to === undefined || right.to > today)
    .filter((right) => drafts.some((draft) => isStoodFor(draft, right, held.entitlements)))
    .toSorted((one, other) => (one.entitlementRef < other.entitlementRef ? -1 : 1));
}

function isStoodFor(
  draft: Entitlement,
  right: StandingRight,
  entitlements: readonly Entitlement[],
): boolean {
  const own = entitlements.find((each) => each.externalRef === right.entitlementRef);
  return (
    own?.ownerRef === draft.ownerRef &&
    own.dealRef !== draft.dealRef &&
    right.skuCode === draft.skuCode &&
    (right.to === undefined || (draft.plannedTo !== undefined && draft.plannedTo <= right.to))
  );
}

/** What is left of the transactions that last longest; none where all of it was taken back. */
function standingRight(
  entitlement: Entitlement,
  transactions: readonly EntitlementTransaction[],
): StandingRight[] {
  if (entitlement.posture !== 'licensor' || entitlement.status === 'reversed') return [];
  const byEnd = Map.groupBy(transactions, (each) => each.validTo);
  const ends = transactions.map((each) => each.validTo ?? '');
  const last = ends.includes('') ? undefined : ends.toSorted().at(-1);
  const longest = byEnd.get(last) ?? [];
  const quantity = sumQuantities(longest.map((each) => each.quantityDelta));
  const from = longest.map((each) => each.validFrom ?? '').toSorted()[0];
  if (from === undefined || compareQuantity(quantity, '0') <= 0) return [];
  const { orderConnection, orderRef, agreementRef } = entitlement;
  return [
    {
      entitlementRef: entitlement.externalRef,
      skuCode: entitlement.skuCode,
      quantity,
      from,
      ...(last === undefined ? {} : { to: last }),
      ...(orderConnection === undefined ? {} : { orderConnection }),
      ...(orderRef === undefined ? {} : { orderRef }),
      ...(agreementRef === undefined ? {} : { agreementRef }),
    },
  ];
}
