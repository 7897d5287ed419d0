import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import {
  dueForReadBack,
  leasePlanned,
  markSent,
  markUnknown,
  nextDue,
  recordResults,
  recoverLost,
  settle,
  type LeasedIntent,
} from './dispatch.ts';
import { listIntents, proposeIntents } from './intents.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const effect = (object: string, canonicalId: string, Name: string) => ({
  connection: 'erp',
  object,
  canonicalId,
  vendorId: null,
  fields: { Name },
});
const target = (object: string) => ({ connection: 'erp', object });
const stateOf = async (object: string) =>
  (await inTx((tx) => listIntents(tx, { object, limit: 50 }))).map(
    (intent) => `${intent.revision}:${intent.state}:${intent.readBack}`,
  );

async function sent(object: string): Promise<readonly LeasedIntent[]> {
  const leased = await inTx((tx) => leasePlanned(tx, target(object), 200));
  return inTx((tx) => markSent(tx, leased));
}

/** As if the worker that holds the lease had died: its lease ended in the past. */
const expireLeases = (object: string) =>
  inTx((tx) =>
    tx.run(
      `update intent set lease_until = app.clock() - interval '1 second' where object = $1 and lease_until is not null`,
      [object],
    ),
  );
const makeDue = (object: string) =>
  inTx((tx) =>
    tx.run(`update intent set not_before = app.clock() - interval '1 second' where object = $1`, [
      object,
    ]),
  );

describe('the intent ledger', () => {
  test('an equal effect makes no second intent; a changed one is the next revision of the same external id', async () => {
    expect(await inTx((tx) => proposeIntents(tx, [effect('order', 'd1', 'A')]))).toMatchObject({
      planned: 1,
      unchanged: 0,
    });
    expect(await inTx((tx) => proposeIntents(tx, [effect('order', 'd1', 'A')]))).toMatchObject({
      planned: 0,
      unchanged: 1,
    });
    expect(await inTx((tx) => proposeIntents(tx, [effect('order', 'd1', 'B')]))).toMatchObject({
      planned: 1,
    });

    const intents = await inTx((tx) => listIntents(tx, { object: 'order', limit: 10 }));

    expect(new Set(intents.map((intent) => intent.externalId)).size).toBe(1);
    expect((await stateOf('order')).toSorted()).toEqual(['1:SUPERSEDED:false', '2:PLANNED:false']);
  });

  test('applied counts only once it was read back', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('contract', 'd1', 'A')]));
    const sending = await sent('contract');
    await inTx((tx) =>
      recordResults(tx, sending, [
        { kind: 'applied', externalId: sending[0]?.externalId ?? '', vendorId: '8', warnings: [] },
      ]),
    );
    expect(await stateOf('contract')).toEqual(['1:APPLIED:false']);

    const due = await inTx((tx) => dueForReadBack(tx, target('contract'), 10));
    await inTx((tx) =>
      settle(
        tx,
        due.map((intent) => ({ intent, verdict: { kind: 'applied', vendorId: '8' } })),
      ),
    );

    expect(await stateOf('contract')).toEqual(['1:APPLIED:true']);
  });

  test('F-3: a worker that died before sending leaves a lease that ends, and the intent is planned again', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('asset', 'd1', 'A')]));
    await inTx((tx) => leasePlanned(tx, target('asset'), 10));
    await expireLeases('asset');

    await inTx((tx) => recoverLost(tx, target('asset')));

    expect(await stateOf('asset')).toEqual(['1:PLANNED:false']);
  });

  test('F-4: a worker that died after sending leaves UNKNOWN, which is read back and never sent again blind', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('estimate', 'd1', 'A')]));
    await sent('estimate');
    await expireLeases('estimate');
    await inTx((tx) => recoverLost(tx, target('estimate')));
    expect(await stateOf('estimate')).toEqual(['1:UNKNOWN:false']);

    expect(await inTx((tx) => leasePlanned(tx, target('estimate'), 10))).toEqual([]);
    const due = await inTx((tx) => dueForReadBack(tx, target('estimate'), 10));
    await inTx((tx) =>
      settle(
        tx,
        due.map((intent) => ({ intent, verdict: { kind: 'absent' } })),
      ),
    );

    expect(await stateOf('estimate')).toEqual(['1:PLANNED:false']);
  });

  test('F-4: while the call of a dead worker may still be on its way, an absent record is not planned again', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('slow', 'd1', 'A')]));
    await sent('slow');
    await inTx((tx) => recoverLost(tx, target('slow')));
    const due = await inTx((tx) => dueForReadBack(tx, target('slow'), 10));
    const absent = due.map((intent) => ({ intent, verdict: { kind: 'absent' } as const }));

    await inTx((tx) => settle(tx, absent));
    const during = await stateOf('slow');
    await expireLeases('slow');
    await inTx((tx) => settle(tx, absent));

    expect(during).toEqual(['1:UNKNOWN:false']);
    expect(await stateOf('slow')).toEqual(['1:PLANNED:false']);
  });

  test('a revision that waits for the one before it does not ask for a turn of its own', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('patient', 'd1', 'A')]));
    await sent('patient');
    await inTx((tx) => proposeIntents(tx, [effect('patient', 'd1', 'B')]));
    await inTx((tx) =>
      tx.run(
        `update intent set state = 'UNKNOWN', not_before = app.clock() + interval '1 hour'
         where object = 'patient' and revision = 1`,
      ),
    );

    const due = await inTx((tx) => nextDue(tx, target('patient')));

    expect(due?.getTime()).toBeGreaterThan(Date.now() + 1_800_000);
  });

  test('F-59: a worker that lost its lease cannot record a result any more', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('account', 'd1', 'A')]));
    const stale = await sent('account');
    await expireLeases('account');
    await inTx((tx) => recoverLost(tx, target('account')));

    await inTx((tx) =>
      recordResults(tx, stale, [{ kind: 'applied', externalId: 'x', vendorId: '1', warnings: [] }]),
    );

    expect(await stateOf('account')).toEqual(['1:UNKNOWN:false']);
  });

  test('a revision waits until the one before it is settled', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('quote', 'd1', 'A')]));
    const first = await sent('quote');
    await inTx((tx) => proposeIntents(tx, [effect('quote', 'd1', 'B')]));
    expect(await inTx((tx) => leasePlanned(tx, target('quote'), 10))).toEqual([]);

    await inTx((tx) => markUnknown(tx, first, { code: 'x', message: 'x' }));
    await makeDue('quote');
    const due = await inTx((tx) => dueForReadBack(tx, target('quote'), 10));
    await inTx((tx) =>
      settle(
        tx,
        due.map((intent) => ({ intent, verdict: { kind: 'applied', vendorId: '1' } })),
      ),
    );

    const second = await inTx((tx) => leasePlanned(tx, target('quote'), 10));
    expect(second.map((intent) => intent.revision)).toEqual([2]);
  });

  test('F-23: of a batch, what was refused is quarantined with the vendor’s code and the rest goes on', async () => {
    await inTx((tx) =>
      proposeIntents(tx, [
        effect('line', 'a', 'A'),
        effect('line', 'b', 'B'),
        effect('line', 'c', 'C'),
      ]),
    );
    const sending = await sent('line');
    const results = sending.map((intent, index) =>
      index === 0
        ? ({
            kind: 'rejected',
            externalId: intent.externalId,
            code: 'REQUIRED_FIELD_MISSING',
            message: 'no',
            field: 'Name',
          } as const)
        : index === 1
          ? ({
              kind: 'retry',
              externalId: intent.externalId,
              code: 'UNABLE_TO_LOCK_ROW',
              message: 'busy',
            } as const)
          : ({
              kind: 'applied',
              externalId: intent.externalId,
              vendorId: '1',
              warnings: [],
            } as const),
    );

    await inTx((tx) => recordResults(tx, sending, results));

    const states = await inTx((tx) => listIntents(tx, { object: 'line', limit: 10 }));
    expect(states.map((intent) => intent.state).toSorted()).toEqual([
      'APPLIED',
      'PLANNED',
      'QUARANTINED',
    ]);
    expect(states.find((intent) => intent.state === 'QUARANTINED')?.error).toMatchObject({
      code: 'REQUIRED_FIELD_MISSING',
      field: 'Name',
    });
  });

  test('F-58: two workers that lease at once never hold the same intent', async () => {
    await inTx((tx) =>
      proposeIntents(
        tx,
        Array.from({ length: 50 }, (_, n) => effect('race', `d${n}`, 'A')),
      ),
    );

    const batches = await Promise.all(
      [1, 2, 3, 4].map(() => inTx((tx) => leasePlanned(tx, target('race'), 20))),
    );

    const ids = batches.flat().map((intent) => intent.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
