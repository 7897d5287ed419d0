import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepLease } from './keep-lease.ts';

describe('keeping a lease', () => {
  test('a renewal that is refused ends it, once', async () => {
    let lost = 0;
    const stop = keepLease({
      renew: () => Promise.resolve(false),
      everyMs: 5,
      leaseMs: 10_000,
      onLost: () => (lost += 1),
    });

    await sleep(60);
    await stop();

    expect(lost).toBe(1);
  });

  test('a database that is away ends it only when the lease time has passed', async () => {
    const startedAt = performance.now();
    const lost = Promise.withResolvers<number>();
    const stop = keepLease({
      renew: () => Promise.reject(new Error('away')),
      everyMs: 10,
      leaseMs: 150,
      onLost: () => lost.resolve(performance.now() - startedAt),
    });

    const after = await lost.promise;
    await stop();

    expect(after).toBeGreaterThanOrEqual(150);
  });

  test('renewals never overlap, and the stop waits for the last one', async () => {
    let [running, most, ended] = [0, 0, 0];
    const stop = keepLease({
      renew: async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(40);
        running -= 1;
        ended += 1;
        return true;
      },
      everyMs: 5,
      leaseMs: 10_000,
      onLost: () => undefined,
    });

    await sleep(60);
    await stop();
    const atStop = ended;
    await sleep(60);

    expect(most).toBe(1);
    expect(running).toBe(0);
    expect(ended).toBe(atStop);
  });
});
