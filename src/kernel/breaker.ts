/** Failures in a row that open a breaker. */
const OPENS_AT = 5;
/** How long it stays open at first, in milliseconds; twice as long after each probe that failed. */
const FIRST_OPEN_MS = 30_000;
const LONGEST_OPEN_MS = 300_000;

/**
 * A circuit breaker as data. `closed`: all may ask. `open`: nobody asks before `until`. `half_open`: one asks, and what
 * comes of it decides; `until` is when that probe counts as lost. Instants in milliseconds of whatever clock is passed.
 */
export type Breaker =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open' | 'half_open'; readonly until: number; readonly openMs: number };

/** What a breaker is at first, and after every answer, whatever that said: the other side is there. */
export const CLOSED_BREAKER: Breaker = { state: 'closed', failures: 0 };

/** Whether somebody may ask now, and the breaker if he does: the first one after `until` probes for all. */
export function tryBreaker(
  breaker: Breaker,
  now: number,
): { readonly allowed: boolean; readonly breaker: Breaker } {
  if (breaker.state === 'closed') return { allowed: true, breaker };
  if (now < breaker.until) return { allowed: false, breaker };
  const probing = { ...breaker, state: 'half_open', until: now + breaker.openMs } as const;
  return { allowed: true, breaker: probing };
}

/** The breaker once a person asks: all may ask again, and the first failure opens it as before. */
export function breakerForPerson(breaker: Breaker): Breaker {
  return breaker.state === 'closed' ? breaker : { state: 'closed', failures: OPENS_AT - 1 };
}

/** The breaker after no answer came. `longestMs`: it never stays open for longer. */
export function breakerAfterFailure(
  breaker: Breaker,
  now: number,
  longestMs = LONGEST_OPEN_MS,
): Breaker {
  if (breaker.state === 'closed') {
    const failures = breaker.failures + 1;
    if (failures < OPENS_AT) return { state: 'closed', failures };
    return { state: 'open', until: now + FIRST_OPEN_MS, openMs: FIRST_OPEN_MS };
  }
  if (breaker.state === 'open') return breaker;
  const openMs = Math.min(breaker.openMs * 2, longestMs);
  return { state: 'open', until: now + openMs, openMs };
}
