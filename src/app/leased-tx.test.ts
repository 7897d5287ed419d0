import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { proposeIntents } from '../delivery/intents.ts';
import type { JobContext } from '../sdk/flows.ts';
import { leasedTx, repeatedTx } from './leased-tx.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

/** Two transactions that each lock one row and then ask for the other's: PostgreSQL gives one of them up. */
async function deadlock(object: string, run: typeof leasedTx): Promise<readonly PromiseSettledResult<unknown>[]> {
  const effect = (canonicalId: string) => ({ connection: 'erp', object, canonicalId, vendorId: null, fields: { Name: 'A' } });
  await db.store.withTenant(db.tenantId, (tx) => proposeIntents(tx, [effect('d1'), effect('d2')]));
  const context = { tenantId: db.tenantId, signal: new AbortController().signal, hold: async () => undefined } as JobContext;
  const both = Promise.withResolvers<void>();
  let locked = 0;
  const touch = (tx: TenantTx, canonicalId: string) =>
    tx.run(`update intent set attempts = attempts + 1 where object = $1 and canonical_id = $2`, [object, canonicalId]);
  const walk = (first: string, second: string) =>
    run(db, context, async (tx) => {
      await touch(tx, first);
      locked += 1;
      if (locked === 2) both.resolve();
      await both.promise;
      await touch(tx, second);
    });
  return Promise.allSettled([walk('d1', 'd2'), walk('d2', 'd1')]);
} // prettier-ignore

test('F-53: what a deadlock gave up runs again, and nobody hears of it', async () => {
  const ended = await deadlock('again', repeatedTx);

  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  const rows = await db.look<{ attempts: number }>(`select attempts from intent where object = 'again'`); // prettier-ignore
  expect(rows.map(({ attempts }) => attempts)).toEqual([2, 2]);
});

test('F-53: a transaction that must not run twice does not', async () => {
  const ended = await deadlock('once', leasedTx);

  expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});
