import { describe, expect, test } from '@jest/globals';
import { useDirectories } from '../../test/support/scim-directory.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { RateLimited } from '../../src/sdk/kernel.ts';
import { outlastRefusals } from './outlast-refusals.ts';

const clock = fixedClock('2026-03-02T08:00:00Z');
const refusal = (retryAt?: string) =>
  new RateLimited('Slow down.', retryAt === undefined ? {} : { retryAt: new Date(retryAt) });

/** Refuses so often, then answers; tells how often it was asked. */
function refusing(times: number, error: RateLimited) {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    if (asked <= times) throw error;
    return 'answer';
  };
  return { ask, asked: () => asked };
}

describe('a directory that asks to slow down while its keys are listed', () => {
  const open = useDirectories();

  test('F-17: refused in the middle, the list goes on where it was and does not start over', async () => {
    const { twin, listed } = await open(2_000);
    const refuse = { action: 'status', status: 429, headers: { 'retry-after': '0' } } as const;
    await twin.faults(...[3, 6, 9].map((nth) => ({ ...refuse, match: { path: '/Users' }, nth })));

    const keys = await listed();

    expect(keys.size).toBe(2_000);
  });

  test('is asked again at the moment that it names, three times in a row at most', async () => {
    const now = refusal('2026-03-02T08:00:00Z');
    const patient = refusing(3, now);
    const vain = refusing(4, now);

    await expect(outlastRefusals(clock, patient.ask)).resolves.toBe('answer');
    await expect(outlastRefusals(clock, vain.ask)).rejects.toBe(now);

    expect([patient.asked(), vain.asked()]).toEqual([4, 4]);
  });

  test('is waited for no longer than the worker works', async () => {
    const stop = new AbortController();
    const stopping = refusing(1, refusal('2026-03-02T08:01:00Z'));
    const waits = outlastRefusals(clock, stopping.ask, stop.signal);

    stop.abort();

    await expect(waits).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    await expect(outlastRefusals(clock, stopping.ask, stop.signal)).rejects.toThrow('aborted');
    expect(stopping.asked()).toBe(1);
  }, 5_000);

  test('F-17: a list that is refused in the middle ends with the worker, not after the wait', async () => {
    const { twin, session } = await open(2_000);
    const stop = new AbortController();
    await twin.faults({ action: 'status', status: 429, headers: { 'retry-after': '50' }, match: { path: '/Users' }, nth: 3 }); // prettier-ignore

    const listed = session.listKeys('Users', { mode: 'full', from: null, to: null }, stop.signal);
    setTimeout(() => stop.abort(), 200);

    await expect(listed).rejects.toMatchObject({ name: 'AbortError' });
  }, 10_000);

  test.each([
    ['names no moment', refusal()],
    ['names one that is further off than a rate window', refusal('2026-03-02T08:02:00Z')],
  ])('is left alone where it %s', async (_case, error) => {
    const directory = refusing(1, error);

    await expect(outlastRefusals(clock, directory.ask)).rejects.toBe(error);

    expect(directory.asked()).toBe(1);
  });
});
