import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { bucketOf, differingBuckets, sumBuckets } from './bucket-hash.ts';
import { addConnection } from './connections.ts';
import { heldKeys, heldSums } from './held-keys.ts';
import { landPage } from './landing.ts';
import { openRun } from './runs.ts';

const PLACE = { connection: 'crm', stream: 'Order', to: null };
const KEYS = Array.from({ length: 600 }, (_, at) => ({
  id: `é${at}`,
  stamp: at % 7 === 0 ? null : `2026-03-0${1 + (at % 9)}`,
}));

let db: TestStore;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);

beforeAll(async () => {
  db = await testStore();
  await inTx(async (tx) => {
    const link = { connector: 'salesforce', role: 'crm', config: {} } as const;
    await addConnection(tx, { ...link, id: 'crm', allowPrivateNetwork: false });
    const run = { connection: 'crm', trigger: 'person', requestedBy: 'x', full: true } as const;
    const runId = await openRun(tx, { ...run, streams: ['Order'] });
    const records = KEYS.map((key) => ({ ...key, deleted: false, data: {} }));
    const target = { runId, connection: 'crm', stream: 'Order', pageNumber: 0 };
    await landPage(tx, target, { records, unreadable: [], next: null });
  });
});
afterAll(() => db.close());

test('the store sums keys as we do, letters beyond ASCII and missing stamps included', async () => {
  const sums = await inTx((tx) => heldSums(tx, PLACE));

  expect(sums.size).toBeGreaterThan(200);
  expect(differingBuckets(sums, sumBuckets(KEYS))).toEqual([]);
});

test('the keys of some buckets are exactly those that we put there', async () => {
  const buckets = [3, 77, 200];

  const held = await inTx((tx) => heldKeys(tx, PLACE, buckets));

  const ours = KEYS.filter((key) => buckets.includes(bucketOf(key))).map(({ id }) => id);
  expect(held.map(({ id }) => id).toSorted()).toEqual(ours.toSorted());
  expect(held.length).toBeGreaterThan(0);
});

test('records with a stamp at or after the end are left out of both', async () => {
  const to = '2026-03-05';
  const before = KEYS.filter(({ stamp }) => stamp === null || stamp < to);

  const sums = await inTx((tx) => heldSums(tx, { ...PLACE, to }));

  expect(differingBuckets(sums, sumBuckets(before))).toEqual([]);
});
