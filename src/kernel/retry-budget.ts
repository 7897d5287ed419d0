/** What each first try earns: retries add a tenth to the calls that are made anyway. */
const EARNED = 0.1;
/** Retries that may come in a burst, and with which a budget starts. */
const BURST = 10;

/** How many retries may still be made, as a number of whole and started ones. */
export type RetryBudget = number;

export const FULL_BUDGET: RetryBudget = BURST;

/** The budget after one first try. */
export function earnRetry(budget: RetryBudget): RetryBudget {
  return Math.min(BURST, budget + EARNED);
}

/** The budget after one retry; null when there is none left to make. */
export function spendRetry(budget: RetryBudget): RetryBudget | null {
  return budget >= 1 ? budget - 1 : null;
}
