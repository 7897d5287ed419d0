import { describe, expect, test } from '@jest/globals';
import { HubError, RateLimited, RemoteUnavailable } from '../kernel/errors.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { WriteResult } from '../sdk/write.ts';
import { pacedSession } from './paced-session.ts';
import { createPacing } from './pacing.ts';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const request = { externalId: 'x', intentId: 'i', vendorId: null, fields: {} };
const lost: WriteResult = { kind: 'unknown', externalId: 'x', code: 'c', message: 'no answer', mayArrive: true }; // prettier-ignore
const fine: WriteResult = { kind: 'applied', externalId: 'x', vendorId: '1', warnings: [] };
const limited: WriteResult = { kind: 'retry', externalId: 'x', code: 'rate_limited', message: 'slow', retryAt: '2026-03-02T09:02:00.000Z' }; // prettier-ignore

/** A session that gives these results, and the lane that it goes through. */
function over(give: () => Promise<readonly WriteResult[]>, oneByOne = false) {
  const clock = { now: NOW };
  const lane = createPacing({ now: () => clock.now }).lane('acme', 'erp');
  let calls = 0;
  const session = {
    write: async () => {
      calls += 1;
      return give();
    },
    readBack: () => Promise.reject(new RateLimited('slow', { retryAt: new Date(NOW + 90_000) })),
  } as unknown as ConnectorSession;
  const paced = pacedSession(session, lane, oneByOne);
  return { lane, clock, calls: () => calls, write: () => paced.write('order', [request]), paced };
}

describe('what a write tells the lane', () => {
  test('a batch of one call counts once, and only where nothing of it was answered', async () => {
    const none = over(async () => [lost, lost, lost]);
    const some = over(async () => [lost, fine, lost]);

    for (const each of [none, some]) await each.write();

    expect([none.lane.failures(), some.lane.failures()]).toEqual([1, 0]);
    expect([none.lane.width(200), some.lane.width(200)]).toEqual([1, 200]);
  });

  test('where each record is a call of its own, each counts', async () => {
    const { lane, write } = over(async () => [fine, lost, lost], true);

    await write();

    expect(lane.failures()).toBe(2);
  });

  test('after a failure one record goes out, then twice as many with each answer', async () => {
    const answers: (readonly WriteResult[])[] = [[lost], [fine], [fine], [fine]];
    const { lane, write } = over(async () => answers.shift() ?? []);
    const widths: number[] = [];

    while (answers.length > 0) {
      await write();
      widths.push(lane.width(5));
    }

    expect(widths).toEqual([1, 2, 4, 5]);
  });
});

describe('F-16: a lane whose breaker is open', () => {
  test('lets nothing out, and says that nothing was applied', async () => {
    const { lane, write, calls } = over(async () => [lost]);
    for (let time = 0; time < 5; time += 1) await write();

    const refused: unknown = await write().catch((error: unknown) => error);

    expect(calls()).toBe(5);
    expect(() => lane.requireOpen()).toThrow(RemoteUnavailable);
    expect(refused instanceof HubError && refused.details).toMatchObject({ nothingApplied: true, sent: false }); // prettier-ignore
  });

  test('probes at least once a minute, however long the outage lasts', async () => {
    const { clock, write, calls } = over(async () => [lost]);
    for (let time = 0; time < 5; time += 1) await write();

    for (let minute = 0; minute < 10; minute += 1) {
      clock.now += 60_000;
      await write();
    }

    expect(calls()).toBe(15);
  });
});

describe('F-17: a vendor that says when to come back', () => {
  test('is left alone until then, by whatever call it said so', async () => {
    const written = over(async () => [fine, limited]);
    const read = over(async () => []);

    await written.write();
    await read.paced.readBack('order', ['x']).catch(() => undefined);

    for (const [each, seconds] of [[written, 120], [read, 90]] as const) {
      each.clock.now = NOW + seconds * 1000 - 1;
      expect(() => each.lane.requireOpen()).toThrow(RateLimited);
      each.clock.now += 1;
      expect(() => each.lane.requireOpen()).not.toThrow();
    }
  }); // prettier-ignore

  test('a budget of our own that is spent holds nobody who may touch its reserve', async () => {
    const spent = new RateLimited('spent', { retryAt: new Date(NOW + 3_600_000), details: { sent: false } }); // prettier-ignore
    const { lane, write } = over(() => Promise.reject(spent));

    await write().catch(() => undefined);

    expect(() => lane.requireOpen()).not.toThrow();
  });
});
