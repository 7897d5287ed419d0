import { RateLimited, RemoteUnavailable } from '../kernel/errors.ts';
import type { Lane } from './pacing.ts';

/** The longest waits before the second, third and fourth try, in milliseconds. */
const WAITS_MS = [500, 1000, 2000];
/** A worker waits no longer than this for a vendor that asks it to; a longer wait is for the read to be parked. */
const LONGEST_RATE_WAIT_MS = 30_000;
/** Added to a wait that the vendor names, so that not everybody comes back in the same instant. */
const RATE_JITTER = 0.2;

/**
 * Asks a source again after a passing failure: three times at most, while the connection's budget of retries lasts, each
 * after a random part of a growing wait, and never before the vendor's own wait is over where it names one. Does not
 * ask at all while the connection's breaker is open. For reads only: a write that got no answer is read back instead.
 */
export async function retryReads<T>(
  read: () => Promise<T>,
  lane: Lane,
  signal: AbortSignal,
): Promise<T> {
  let last: unknown;
  for (let attempt = 0; ; attempt += 1) {
    enter(lane, attempt, last);
    try {
      const answer = await read();
      lane.leave(undefined);
      return answer;
    } catch (error) {
      lane.leave(error);
      last = error;
      const wait = waitFor(error, attempt, lane);
      if (wait === null || !lane.mayRetry()) throw error;
      await lane.wait(wait, signal);
    }
  }
}

/** What the source said itself tells more than that it is not asked again. */
function enter(lane: Lane, attempt: number, last: unknown): void {
  try {
    lane.enter(attempt === 0);
  } catch (error) {
    throw attempt === 0 ? error : last;
  }
}

function waitFor(error: unknown, attempt: number, lane: Lane): number | null {
  const base = WAITS_MS[attempt];
  if (base === undefined) return null;
  if (error instanceof RateLimited && error.retryAt !== undefined) {
    const named = Math.max(0, error.retryAt.getTime() - lane.now());
    return named <= LONGEST_RATE_WAIT_MS ? named + base * RATE_JITTER * lane.random() : null;
  }
  if (error instanceof RateLimited) return base * (1 + lane.random());
  return error instanceof RemoteUnavailable ? base * lane.random() : null;
}
