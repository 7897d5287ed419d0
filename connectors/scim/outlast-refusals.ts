import { setTimeout as delay } from 'node:timers/promises';
import { RateLimited, type Clock } from '../../src/sdk/kernel.ts';

/** A directory's rate window is a minute (Okta, Entra); its edge may be a moment away. */
const LONGEST_WAIT_MS = 65_000;

/** So often in a row the same question is put again; then the wait is somebody else's. */
const REFUSALS = 3;

/**
 * Asks, and where the directory says when to come back, waits and puts the same question again. For a walk over many
 * answers that nobody can take up in its middle: begun anew after each refusal, the list of a large directory would
 * never come to its end. Throws the RateLimited of a directory that names no moment, or one that is too far off, and an
 * AbortError at once when the signal ends: a worker that stops waits for nobody.
 */
export async function outlastRefusals<Answer>(
  clock: Clock,
  ask: () => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  for (let refusals = 0; ; refusals += 1) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RateLimited) || error.retryAt === undefined) throw error;
      const wait = Math.max(0, error.retryAt.getTime() - clock.now().getTime());
      if (refusals >= REFUSALS || wait > LONGEST_WAIT_MS) throw error;
      await delay(wait, undefined, signal === undefined ? {} : { signal });
    }
  }
}
