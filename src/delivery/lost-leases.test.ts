import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import {
  leasePlanned,
  markSent,
  markUnknown,
  reapLost,
  recordResults,
  recoverLost,
  type LeasedIntent,
} from './dispatch.ts';
import { listIntents, proposeIntents } from './intents.ts';
import { dueForReadBack, settle } from './settle-intents.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const LEASE_S = 60;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const target = (object: string) => ({ connection: 'erp', object });
const effect = (object: string) => ({ ...target(object), canonicalId: 'd1', vendorId: null, fields: { Name: 'A' } }); // prettier-ignore
const leased = (object: string): Promise<readonly LeasedIntent[]> =>
  inTx((tx) => leasePlanned(tx, target(object), { batch: 9, leaseSeconds: LEASE_S }));
const sent = async (object: string): Promise<readonly LeasedIntent[]> => {
  const intents = await leased(object);
  return inTx((tx) => markSent(tx, intents, LEASE_S));
};
const stateOf = async (object: string) =>
  (await inTx((tx) => listIntents(tx, { object, limit: 9 }))).map(({ state }) => state);
const endLease = (object: string) =>
  db.force(`update intent set lease_until = app.clock() - interval '1 second' where object = $1`, [object]); // prettier-ignore

describe('a lease that is over', () => {
  test('F-13: what was asked while the call could be on its way proves nothing later: it may have arrived since', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('asked')]));
    const sending = await sent('asked');
    await inTx((tx) => markUnknown(tx, sending, { code: 'x', message: 'x' }));
    await db.force(`update intent set not_before = app.clock() where object = 'asked'`);
    const due = await inTx((tx) => dueForReadBack(tx, target('asked'), 9));
    const absent = due.map((intent) => ({ intent, verdict: { kind: 'absent' } as const }));
    // The lease ends between the question and its answer.
    await db.force(`update intent set lease_until = app.clock() + interval '50 milliseconds' where object = 'asked'`); // prettier-ignore
    await delay(60);

    await inTx((tx) => settle(tx, absent));

    expect(absent).toHaveLength(1);
    expect(await stateOf('asked')).toEqual(['UNKNOWN']);
  });

  test('F-3, F-4: is reaped, whoever held it, and one that runs is left', async () => {
    const names = ['reap-leased', 'reap-sent', 'reap-held'];
    await inTx((tx) => proposeIntents(tx, names.map((name) => effect(name)))); // prettier-ignore
    await leased('reap-leased');
    const stale = await sent('reap-sent');
    await sent('reap-held');
    for (const name of names.slice(0, 2)) await endLease(name);

    const reaped = await inTx(reapLost);
    const applied = { kind: 'applied', externalId: 'x', vendorId: '1', warnings: [] } as const;
    await inTx((tx) => recordResults(tx, stale, [applied]));

    expect(reaped).toBe(2);
    expect(await Promise.all(names.map(stateOf))).toEqual([['PLANNED'], ['UNKNOWN'], ['SENT']]);
  });

  test('F-59: lets nobody record a result once another has taken over', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('account')]));
    const stale = await sent('account');
    await endLease('account');
    await inTx((tx) => recoverLost(tx, target('account')));

    await inTx((tx) =>
      recordResults(tx, stale, [{ kind: 'applied', externalId: 'x', vendorId: '1', warnings: [] }]),
    );

    expect(await stateOf('account')).toEqual(['UNKNOWN']);
  });

  test('F-59: sends nothing, also if nobody has taken over yet', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('overslept')]));
    const held = await leased('overslept');
    await endLease('overslept');

    const sending = await inTx((tx) => markSent(tx, held, LEASE_S));

    expect(sending).toEqual([]);
    expect(await stateOf('overslept')).toEqual(['LEASED']);
  });
});
