import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { listIntents, proposeIntents } from './intents.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);

test('F-58: of two who ask for one effect at the same moment one makes the intent, and the store refuses the other', async () => {
  const effect = { connection: 'erp', object: 'order', canonicalId: 'd1', vendorId: null, fields: { Name: 'A' } }; // prettier-ignore
  let isOver = false;
  const second = Promise.withResolvers<unknown>();
  const waits = async (): Promise<boolean> =>
    (await db.look(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length > 0; // prettier-ignore

  await inTx(async (tx) => {
    await proposeIntents(tx, [effect]);
    void inTx((other) => proposeIntents(other, [effect]))
      .catch((thrown: unknown) => thrown)
      .then((outcome) => {
        isOver = true;
        second.resolve(outcome);
      });
    // It has looked for an earlier revision and found none: the first one's is not committed.
    while (!isOver && !(await waits())) await delay(5);
  });

  expect(await second.promise).toMatchObject({ code: '23505' });
  expect(await inTx((tx) => listIntents(tx, { object: 'order', limit: 9 }))).toHaveLength(1);
});
