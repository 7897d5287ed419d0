import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { addConnection } from './connections.ts';
import { landPage } from './landing.ts';
import { markMapped } from './pages.ts';
import { finishRunIfDone, getRun, isRunComplete, openRun } from './runs.ts';
import { failStream } from './stream-end.ts';

let db: TestStore;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);

beforeAll(async () => {
  db = await testStore();
  const link = { connector: 'scim', role: 'directory', config: {} } as const;
  await inTx((tx) => addConnection(tx, { ...link, id: 'people', allowPrivateNetwork: false }));
});
afterAll(() => db.close());

const open = (): Promise<string> =>
  inTx((tx) =>
    openRun(tx, {
      connection: 'people',
      trigger: 'person',
      requestedBy: 'test',
      full: false,
      streams: ['Users', 'Groups'],
    }),
  );
const error = { code: 'x', message: 'x' };

/** Lets nobody past before all have come. */
function meetingOf(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return () => {
    come += 1;
    if (come === count) resolve();
    return promise;
  };
}

describe('the last steps of a run, taken at the same time', () => {
  test('two streams that end together end the run', async () => {
    const runId = await open();
    const bothHaveEnded = meetingOf(2);
    const end = (stream: string): Promise<boolean> =>
      inTx(async (tx) => {
        await failStream(tx, runId, stream, error);
        await bothHaveEnded();
        return finishRunIfDone(tx, runId);
      });

    const ended = await Promise.all([end('Users'), end('Groups')]);

    expect(ended.filter(Boolean)).toHaveLength(1);
    expect(await inTx((tx) => getRun(tx, runId))).toMatchObject({ status: 'failed' });
  });

  test('of the last read and the last mapping, one is told that the run is complete', async () => {
    const runId = await open();
    const page = { runId, connection: 'people', stream: 'Users', pageNumber: 0 };
    const record = { id: 'u1', stamp: null, deleted: false, data: { id: 'u1' } };
    await inTx((tx) => landPage(tx, page, { records: [record], unreadable: [], next: null }));
    await inTx((tx) => failStream(tx, runId, 'Groups', error));
    const bothAreDone = meetingOf(2);

    const read = inTx(async (tx) => {
      await failStream(tx, runId, 'Users', error);
      await bothAreDone();
      return (await finishRunIfDone(tx, runId)) && isRunComplete(tx, runId);
    });
    const mapped = inTx(async (tx) => {
      await markMapped(tx, page, 1);
      await bothAreDone();
      return isRunComplete(tx, runId);
    });

    expect((await Promise.all([read, mapped])).filter(Boolean)).toHaveLength(1);
  });
});
