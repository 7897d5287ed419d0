import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../src/sdk/kernel.ts';
import { problemOf, retryAtOf, type Answer } from './errors.ts';
import { pause, type Governor } from './governor.ts';

/** How often a call is sent again after the account was too busy, and the first wait; each is twice the one before. */
const TRIES = 4;
const FIRST_WAIT_MS = 250;
/** A longer wait than this is not ours: the run is put off until the account says. */
const LONGEST_WAIT_MS = 10_000;

/** True if the account refused a call for want of a free slot. Nothing of such a call was done. */
export function isBusy(answer: Answer): boolean {
  return answer.status === 429 || problemOf(answer).code === 'CONCURRENCY_LIMIT_EXCEEDED';
}

/**
 * Sends through the account's governor, and again after a wait while the account is too busy (reads and writes alike:
 * a blocked call changed nothing). Gives the last answer, busy or not.
 */
export async function sendWhenFree(
  governor: Governor,
  clock: Clock,
  send: () => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    let startedAt = 0;
    const answer = await governor.run(async () => {
      startedAt = performance.now();
      return await send();
    });
    if (!isBusy(answer)) {
      governor.took();
      return answer;
    }
    governor.refused(startedAt);
    const now = clock.now();
    const asked = Math.max(0, (retryAtOf(answer, now) ?? now).getTime() - now.getTime());
    if (attempt === TRIES || asked > LONGEST_WAIT_MS) return answer;
    await delay(asked);
    await pause(FIRST_WAIT_MS * 2 ** attempt);
  }
}
