import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { besideWorker, isOnItsOwn } from './schedule.ts';

/** Later than any simulation lasts. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Brings what the machine does at its own pace under the schedule: signing and its like, which its other threads do, have
 * their turns. What a worker wants done after so long by the machine's clock (to renew a lease, to give up) is never done:
 * no lease and no call of a simulation ends by that clock. The store keeps its timers.
 */
export function tameMachine(): void {
  const { subtle } = globalThis.crypto;
  for (const name of ['sign', 'verify', 'importKey', 'digest'] as const) {
    const real = subtle[name].bind(subtle) as (...given: readonly unknown[]) => Promise<unknown>;
    Object.defineProperty(subtle, name, {
      value: (...given: readonly unknown[]) => besideWorker(() => real(...given)),
    });
  }
  keepKeys();
  const { setTimeout: once, setInterval: again } = globalThis;
  const never = (): NodeJS.Timeout => once(() => undefined, NEVER_MS).unref();
  const tamed =
    <G extends readonly unknown[]>(real: (...given: G) => NodeJS.Timeout) =>
    (...given: G) =>
      isOnItsOwn() ? never() : real(...given);
  Object.assign(globalThis, { setTimeout: tamed(once), setInterval: tamed(again) });
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => (isOnItsOwn() ? new AbortController().signal : timeout(ms));
}

/** A twin founded anew for each seed has the key pair of the one before: to find its primes takes longer than all else it does. */
function keepKeys(): void {
  const real = crypto.generateKeyPairSync as (...given: readonly unknown[]) => unknown;
  const kept = new Map<string, unknown>();
  Object.defineProperty(crypto, 'generateKeyPairSync', {
    value: (...given: readonly unknown[]) => {
      const kind = JSON.stringify(given);
      if (!kept.has(kind)) kept.set(kind, real(...given));
      return kept.get(kind);
    },
  });
  syncBuiltinESMExports();
}
