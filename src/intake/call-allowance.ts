/** What a connection may use of its system; null means no limit of ours. */
export interface CallBudget {
  readonly dailyCalls: number | null;
  /** Of the daily calls, what is kept for closed-won deals. */
  readonly reservePercent: number;
  /** Calls in flight at most, over all our processes. */
  readonly concurrency: number | null;
}

/** The vendor's own count, everybody's calls together. */
export interface SeenUsage {
  readonly used: number;
  readonly limit: number;
  readonly seenAt: Date;
}

/** What is known when calls are asked for. */
export interface CallsSoFar {
  readonly budget: CallBudget;
  /** Taken of our own budget today, by all processes. */
  readonly used: number;
  readonly vendor: SeenUsage | null;
  readonly now: Date;
}

/** `calls` of them may be made now; 0 says since when and until when not. */
export type Allowance =
  | { readonly calls: number }
  | { readonly calls: 0; readonly spent: 'budget' | 'vendor'; readonly retryAt: Date };

export const DEFAULT_BUDGET: CallBudget = {
  dailyCalls: null,
  reservePercent: 10,
  concurrency: null,
};

const DAY_MS = 86_400_000;
/** What a process takes at once, so that the store is not asked for each call. */
const BLOCK = 25;
/** Of what is left, at most this part goes to one process: near the end, one call at a time. */
const SHARE = 20;
/** The vendor counts 24 hours that move with the clock, so its figure is trusted for a while only. */
const VENDOR_FIGURE_MS = 15 * 60_000;

/** The first instant after today (UTC), when the daily budget is whole again. */
export function nextDay(now: Date): Date {
  return new Date((Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS);
}

/** What reading may use of `limit` calls: all but the reserve, which is rounded up. */
export function readable(limit: number, reservePercent: number): number {
  return limit - Math.ceil((limit * reservePercent) / 100);
}

/**
 * How many calls a process may take now. Reading stops where the reserve of closed-won deals begins, by our own budget
 * or by the vendor's own count; a call for a closed-won deal stops at the budget itself, and at the vendor's limit only
 * where the vendor refuses it.
 */
export function allowanceOf(
  { budget, used, vendor, now }: CallsSoFar,
  purpose: 'read' | 'closed-won',
): Allowance {
  const reads = purpose === 'read';
  if (reads && vendor !== null) {
    const trustedUntil = new Date(vendor.seenAt.getTime() + VENDOR_FIGURE_MS);
    if (now < trustedUntil && vendor.used >= readable(vendor.limit, budget.reservePercent))
      return { calls: 0, spent: 'vendor', retryAt: trustedUntil };
  }
  if (budget.dailyCalls === null) return { calls: BLOCK };
  const limit = reads ? readable(budget.dailyCalls, budget.reservePercent) : budget.dailyCalls;
  const left = limit - used;
  if (left <= 0) return { calls: 0, spent: 'budget', retryAt: nextDay(now) };
  return { calls: Math.min(BLOCK, Math.max(1, Math.floor(left / SHARE))) };
}
