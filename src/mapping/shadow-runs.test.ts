import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import {
  addToShadow,
  endShadow,
  getShadow,
  listShadows,
  openShadow,
  shadowDifferences,
  type ShadowTotals,
} from './shadow-runs.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const open = (mappingId: string) =>
  inTx((tx) =>
    openShadow(tx, {
      mappingId,
      connection: 'crm',
      object: 'Account',
      draftHash: 'a',
      liveHash: null,
      requestedBy: 'ada',
      wanted: 10,
    }),
  );
const totals: ShadowTotals = {
  lookedAt: 3,
  counts: { create: 1, update: 1, remove: 0, unchanged: 1, conflict: 0, blocked: 0, skipped: 0 },
  fields: { name: 1 },
  differing: 2,
};
const difference = (recordId: string, outcome: 'create' | 'update') => ({
  recordId,
  outcome,
  error: null,
  items: [],
});

test('a chunk adds its differences at their place, and totals as they are by then', async () => {
  const id = await open('acme.a');

  await inTx((tx) =>
    addToShadow(tx, id, totals, {
      from: 0,
      differences: [difference('r1', 'create'), difference('r2', 'update')],
    }),
  );
  await inTx((tx) => endShadow(tx, id, 'done'));

  expect(await inTx((tx) => getShadow(tx, id))).toMatchObject({ state: 'done', ...totals });
  const updates = await inTx((tx) =>
    shadowDifferences(tx, id, { from: 0, limit: 10, outcome: 'update' }),
  );
  expect(updates).toEqual([{ position: 1, ...difference('r2', 'update') }]);
  const rest = await inTx((tx) => shadowDifferences(tx, id, { from: 1, limit: 10 }));
  expect(rest.map(({ recordId }) => recordId)).toEqual(['r2']);
});

test('a run that has ended takes nothing more and ends once', async () => {
  const id = await open('acme.b');
  await inTx((tx) => endShadow(tx, id, 'cancelled'));

  const added = await inTx((tx) => addToShadow(tx, id, totals, { from: 0, differences: [] }));
  const ended = await inTx((tx) => endShadow(tx, id, 'done'));

  expect([added, ended]).toEqual([false, false]);
  expect(await inTx((tx) => getShadow(tx, id))).toMatchObject({ state: 'cancelled', lookedAt: 0 });
});

test('of each mapping the last twenty are kept, with their differences', async () => {
  const first = await open('acme.c');
  await inTx((tx) =>
    addToShadow(tx, first, totals, { from: 0, differences: [difference('r', 'create')] }),
  );
  const other = await open('acme.d');
  for (let at = 0; at < 20; at += 1) await open('acme.c');

  const kept = await inTx((tx) => listShadows(tx, { mapping: 'acme.c', limit: 100 }));
  expect(kept).toHaveLength(20);
  expect(kept.map(({ id }) => id)).not.toContain(first);
  await expect(inTx((tx) => getShadow(tx, first))).rejects.toThrow('the last 20 are kept');
  expect(await inTx((tx) => getShadow(tx, other))).toMatchObject({ mappingId: 'acme.d' });
});

test('a run whose process ended is told as failed once another is opened', async () => {
  const lost = await open('acme.e');
  const young = await open('acme.e');
  await inTx((tx) =>
    tx.run(
      `update mapping_shadow set started_at = app.clock() - interval '2 hours' where id = $1`,
      [lost],
    ),
  );

  await open('acme.f');

  expect(await inTx((tx) => getShadow(tx, lost))).toMatchObject({
    state: 'failed',
    message: 'The process that ran it ended.',
  });
  expect(await inTx((tx) => getShadow(tx, young))).toMatchObject({ state: 'running' });
});
