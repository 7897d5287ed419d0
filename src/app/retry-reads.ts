import { setTimeout as delay } from 'node:timers/promises';
import { RateLimited, RemoteUnavailable } from '../kernel/errors.ts';

const WAITS_MS = [500, 1000, 2000];
const LONGEST_RATE_WAIT_MS = 30_000;

/**
 * Asks a source again after a passing failure: three times at most, with growing waits and jitter, and after the
 * vendor's own wait where it names a short one. For reads only: a write that got no answer is read back instead.
 */
export async function retryReads<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      const wait = waitFor(error, attempt);
      if (wait === null) throw error;
      await delay(wait, undefined, { signal });
    }
  }
}

function waitFor(error: unknown, attempt: number): number | null {
  const base = WAITS_MS[attempt];
  if (base === undefined) return null;
  if (error instanceof RateLimited) {
    const named =
      error.retryAt === undefined ? base : Math.max(base, error.retryAt.getTime() - Date.now());
    return named <= LONGEST_RATE_WAIT_MS ? named : null;
  }
  return error instanceof RemoteUnavailable ? base * (0.5 + Math.random() / 2) : null;
}
