import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { addRotor } from '../../test/support/rotating-vendor.ts';
import type { TenantTx } from '../db/store.ts';
import { SLOT_SECONDS } from '../intake/call-slots.ts';
import { kekFromBytes } from '../security/kek.ts';
import { createSharedSlots } from './shared-slots.ts';

let db: TestStore;

beforeAll(async () => {
  db = await testStore();
  await addRotor(db, kekFromBytes(randomBytes(32)), 'crm', 'http://127.0.0.1:1');
});
afterEach(() => void jest.useRealTimers());
afterAll(() => db.close());

const LIMIT = { concurrency: 2, reservePercent: 0, purpose: 'closed-won' } as const;
const inTenant = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const leases = () =>
  inTenant((tx) =>
    tx.sql<{ slot: number; until: number }>(
      `select slot, extract(epoch from held_until)::float8 as until from call_slot where holder is not null order by slot`,
    ),
  );
const untilOf = async (slot: number): Promise<number> =>
  (await leases()).find((each) => each.slot === slot)?.until ?? 0;

test('a slot that could not be freed runs out, however long the process makes further calls', async () => {
  jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setTimeout', 'clearTimeout', 'clearImmediate'] }); // prettier-ignore
  let isDown = false;
  const slots = createSharedSlots(
    (fn) => (isDown ? Promise.reject(new Error('No store.')) : inTenant(fn)),
    'crm',
  );
  await slots.run(async () => void (isDown = true), LIMIT);
  isDown = false;
  const [lost] = await leases();
  const ends = Promise.withResolvers<void>();
  const running = slots.run(() => ends.promise, LIMIT);
  while ((await leases()).length < 2) await new Promise((done) => setTimeout(done, 20));
  const [used = 0] = (await leases())
    .map((each) => each.slot)
    .filter((slot) => slot !== lost?.slot);
  const before = await untilOf(used);

  jest.advanceTimersByTime((SLOT_SECONDS * 1000) / 4);
  while ((await untilOf(used)) === before) await new Promise((done) => setTimeout(done, 20));
  const lostUntil = await untilOf(lost?.slot ?? 0);
  ends.resolve();
  await running;

  expect(lostUntil).toBe(lost?.until);
});
