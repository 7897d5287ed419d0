import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { addConnection } from './connections.ts';
import { landedRecords, landPage } from './landing.ts';
import { openRun } from './runs.ts';

const HOUR = 3600;
const FIRST_TIME = '2026-11-01 01:40:00';
/** Half an hour later, after the clock was set back by one. */
const SECOND_TIME = '2026-11-01 01:10:00';

let db: TestStore;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);

beforeAll(async () => {
  db = await testStore();
  const link = { connector: 'netsuite', role: 'erp', config: {} } as const;
  await inTx((tx) => addConnection(tx, { ...link, id: 'erp', allowPrivateNetwork: false }));
});
afterAll(() => db.close());

/** A run of its own millisecond: that is how exactly the store knows when a run began. */
const newRun = async (stream: string): Promise<string> => {
  await delay(2);
  return await inTx((tx) =>
    openRun(tx, {
      connection: 'erp',
      trigger: 'person',
      requestedBy: 'test',
      full: false,
      streams: [stream],
    }),
  );
};

/** Lands one save of the stream's only record and returns what became of it. */
async function land(
  runId: string,
  stream: string,
  save: { readonly stamp: string; readonly memo: string },
  stampsRepeat?: number,
): Promise<string | undefined> {
  const { stamp, memo } = save;
  const target = { runId, connection: 'erp', stream, pageNumber: 0, stampsRepeat };
  const records = [{ id: '1', stamp, deleted: false, data: { memo } }];
  const { outcomes } = await inTx((tx) =>
    landPage(tx, target, { records, unreadable: [], next: null }),
  );
  return Object.entries(outcomes).find(([, count]) => count === 1)?.[0];
}

async function heldMemo(stream: string): Promise<unknown> {
  const [held] = await inTx((tx) => landedRecords(tx, 'erp', stream, ['1']));
  return held?.data['memo'];
}

describe('a save with an older stamp than the one that is held', () => {
  test('wins where the clock may have shown its stamp later', async () => {
    await land(await newRun('wins'), 'wins', { stamp: FIRST_TIME, memo: 'first' }, HOUR);

    const outcome = await land(
      await newRun('wins'),
      'wins',
      { stamp: SECOND_TIME, memo: 'second' },
      HOUR,
    );

    expect([outcome, await heldMemo('wins')]).toEqual(['u', 'second']);
  });

  test.each([
    ['the stamps of the source never repeat', SECOND_TIME, undefined],
    ['it is older than the clock repeats', '2026-11-01 00:39:59', HOUR],
    ['its stamp is no time', '-', HOUR],
  ])('is superseded where %s', async (why, stamp, stampsRepeat) => {
    await land(await newRun(why), why, { stamp: FIRST_TIME, memo: 'first' }, stampsRepeat);

    const outcome = await land(await newRun(why), why, { stamp, memo: 'second' }, stampsRepeat);

    expect([outcome, await heldMemo(why)]).toEqual(['s', 'first']);
  });

  test('is superseded in a run that began before the held one landed: it may have been read earlier', async () => {
    const slow = await newRun('slow');
    await land(await newRun('slow'), 'slow', { stamp: FIRST_TIME, memo: 'first' }, HOUR);

    const outcome = await land(slow, 'slow', { stamp: SECOND_TIME, memo: 'old reading' }, HOUR);

    expect([outcome, await heldMemo('slow')]).toEqual(['s', 'first']);
  });
});
