import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { leasePlanned, markSent, markUnknown, recoverLost, releaseUnsent } from './dispatch.ts';
import { proposeIntents } from './intents.ts';
import { dueForReadBack, settle } from './settle-intents.ts';

const TARGET = { connection: 'erp', object: 'salesOrder' };
const LIMITS = { batch: 10, leaseSeconds: 60 };

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);

/** Takes it up in vain, twice: a worker died before it sent, another one gave it back. */
async function unsent(): Promise<void> {
  await inTx((tx) => leasePlanned(tx, TARGET, LIMITS));
  await inTx((tx) => recoverLost(tx, TARGET));
  const leased = await inTx((tx) => leasePlanned(tx, TARGET, LIMITS));
  await inTx((tx) => releaseUnsent(tx, leased, 0));
}

/** Sends it, hears nothing, and does not find it once no call can be on its way; gives the wait that follows, in seconds. */
async function inVain(): Promise<number> {
  await inTx(async (tx) => {
    const leased = await leasePlanned(tx, TARGET, LIMITS);
    const sent = await markSent(tx, leased, LIMITS.leaseSeconds);
    await markUnknown(tx, sent, { code: 'lost', message: 'no answer' }, false);
    await tx.run(`update intent set not_before = app.clock() where state = 'UNKNOWN'`);
  });
  return inTx(async (tx) => {
    const due = await dueForReadBack(tx, TARGET, 10);
    await settle(tx, due.map((intent) => ({ intent, verdict: { kind: 'absent' } }))); // prettier-ignore
    const [row] = await tx.sql<{ wait: number }>(
      `select round(extract(epoch from not_before - app.clock()))::int as wait from intent where state = 'PLANNED'`,
    );
    await tx.run(`update intent set not_before = app.clock() where state = 'PLANNED'`);
    return row?.wait ?? -1;
  });
}

test('what is not found is sent again after 1 s, 15 s and 3 min, however many workers died or gave it back before they sent it', async () => {
  await inTx((tx) => proposeIntents(tx, [{ ...TARGET, canonicalId: 'd1', vendorId: null, fields: { memo: 'A' } }])); // prettier-ignore
  const waits: number[] = [];

  for (let calls = 0; calls < 3; calls += 1) {
    await unsent();
    waits.push(await inVain());
  }

  expect(waits).toEqual([1, 15, 180]);
});
