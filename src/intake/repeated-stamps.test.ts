import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { addConnection } from './connections.ts';
import { landedRecords, landPage } from './landing.ts';
import { overtakenIds } from './read-ids.ts';
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
  place: { readonly pageNumber: number; readonly isFresh?: boolean } = { pageNumber: 0 },
): Promise<string | undefined> {
  const { stamp, memo } = save;
  const target = { runId, connection: 'erp', stream, stampsRepeat, ...place };
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

describe('two saves of one second', () => {
  const save = (memo: string) => ({ stamp: FIRST_TIME, memo });

  test('the later one wins in a run that began after the earlier one landed', async () => {
    await land(await newRun('in-turn'), 'in-turn', save('first'));

    const outcome = await land(await newRun('in-turn'), 'in-turn', save('second'));

    expect([outcome, await heldMemo('in-turn')]).toEqual(['u', 'second']);
  });

  test('a page that was made up before another run landed does not bring the earlier one back; the source is asked which holds', async () => {
    const slow = await newRun('bulk');
    await land(await newRun('bulk'), 'bulk', save('second'));

    const outcome = await land(slow, 'bulk', save('first'));
    const doubtful = await inTx((tx) =>
      overtakenIds(tx, { runId: slow, stream: 'bulk', connection: 'erp' }),
    );

    expect([outcome, await heldMemo('bulk'), doubtful]).toEqual(['s', 'second', ['1']]);
  });

  test('what was just read by its id wins whatever landed meanwhile', async () => {
    const slow = await newRun('asked');
    await land(await newRun('asked'), 'asked', save('second'));

    const outcome = await land(slow, 'asked', save('third'), undefined, {
      pageNumber: 0,
      isFresh: true,
    });

    expect([outcome, await heldMemo('asked')]).toEqual(['u', 'third']);
  });
});
