import type { StageTransition } from '../canonical/stage-transition.ts';

/** One time that a deal was won: when it entered a won stage, and when it left it again, if it did. */
export interface DealOccurrence {
  readonly opportunityRef: string;
  /** 1 for the first time. It is part of the deal's id, so each closed-won fires once. */
  readonly occurrence: number;
  readonly transitionRef: string;
  readonly wonAt: string;
  readonly reopenedAt: string | null;
}

/** The version of the rule below; raised whenever the same history gives other occurrences. */
export const DEAL_RULE = { 'commerce.deal': 1 } as const;

/**
 * The occurrences of closed-won in one deal's stage history. History rows that change the amount or the close date
 * within a won stage are no new occurrence. Order of arrival does not matter: rows are ordered by their own time.
 */
export function dealOccurrences(
  transitions: readonly StageTransition[],
  wonStages: ReadonlySet<string>,
): readonly DealOccurrence[] {
  const found: DealOccurrence[] = [];
  let open: DealOccurrence | undefined;
  for (const step of transitions.toSorted(byTime)) {
    const isWon = wonStages.has(step.stageName);
    if (isWon && open === undefined) {
      open = {
        opportunityRef: step.opportunityRef,
        occurrence: found.length + 1,
        transitionRef: step.externalRef,
        wonAt: step.changedAt,
        reopenedAt: null,
      };
      found.push(open);
    } else if (!isWon && open !== undefined) {
      found[found.length - 1] = { ...open, reopenedAt: step.changedAt };
      open = undefined;
    }
  }
  return found;
}

function byTime(left: StageTransition, right: StageTransition): number {
  const difference = Date.parse(left.changedAt) - Date.parse(right.changedAt);
  if (difference !== 0) return difference;
  return left.externalRef < right.externalRef ? -1 : 1;
}

/** The id of one occurrence of a deal: what its order, contract and entitlements hang on (contract §3). */
export function dealIdOf(
  connection: string,
  occurrence: Pick<DealOccurrence, 'opportunityRef' | 'occurrence'>,
): string {
  return `deal:${connection}:${occurrence.opportunityRef}:${occurrence.occurrence}`;
}
