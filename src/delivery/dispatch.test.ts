import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import {
  leasePlanned,
  markSent,
  markUnknown,
  nextDue,
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
const LEASE_S = 60;
const limits = (batch: number) => ({ batch, leaseSeconds: LEASE_S });
const stateOf = async (object: string) =>
  (await inTx((tx) => listIntents(tx, { object, limit: 50 }))).map(
    (intent) => `${intent.revision}:${intent.state}:${intent.readBack}`,
  );

const unknown = (mayArrive: boolean) =>
  ({ kind: 'unknown', externalId: 'x', code: 'x', message: 'x', mayArrive }) as const;

async function sentIn(tx: TenantTx, object: string): Promise<readonly LeasedIntent[]> {
  return markSent(tx, await leasePlanned(tx, target(object), limits(200)), LEASE_S);
}

async function absentOf(object: string) {
  const due = await inTx((tx) => dueForReadBack(tx, target(object), 10));
  return due.map((intent) => ({ intent, verdict: { kind: 'absent' } as const }));
}

async function sent(object: string): Promise<readonly LeasedIntent[]> {
  const leased = await inTx((tx) => leasePlanned(tx, target(object), limits(200)));
  return inTx((tx) => markSent(tx, leased, LEASE_S));
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

  test.each(['QUARANTINED', 'CONFLICT'])(
    'an effect equal to a %s one makes no new revision, and a new plan waits for that one',
    async (state) => {
      const object = `waits-${state}`;
      await inTx((tx) => proposeIntents(tx, [effect(object, 'd1', 'A')], 'pln_1'));
      await db.force(`update intent set state = $2 where object = $1`, [object, state]);

      const again = await inTx((tx) => proposeIntents(tx, [effect(object, 'd1', 'A')], 'pln_2'));

      expect(again).toMatchObject({ planned: 0, unchanged: 1 });
      expect(await inTx((tx) => listIntents(tx, { object, limit: 10 }))).toMatchObject([
        { revision: 1, state, planId: 'pln_2' },
      ]);
    },
  );

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
    await inTx((tx) => leasePlanned(tx, target('asset'), limits(10)));
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

    expect(await inTx((tx) => leasePlanned(tx, target('estimate'), limits(10)))).toEqual([]);
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
    await makeDue('slow');
    const later = await absentOf('slow');
    await inTx((tx) => settle(tx, later));

    expect(during).toEqual(['1:UNKNOWN:false']);
    expect(await stateOf('slow')).toEqual(['1:PLANNED:false']);
  });

  test('F-13: a call that got no answer may still be on its way, so an absent record is not planned again until its lease has ended', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('late', 'd1', 'A')]));
    await inTx(async (tx) =>
      markUnknown(tx, await sentIn(tx, 'late'), { code: 'x', message: 'x' }),
    );
    await makeDue('late');
    const absent = await absentOf('late');

    await inTx((tx) => settle(tx, absent));
    const during = await stateOf('late');
    await expireLeases('late');
    await makeDue('late');
    const later = await absentOf('late');
    await inTx((tx) => settle(tx, later));

    expect(during).toEqual(['1:UNKNOWN:false']);
    expect(await stateOf('late')).toEqual(['1:PLANNED:false']);
  });

  test('what surely never left, or was answered, is planned again as soon as it is found absent', async () => {
    await inTx((tx) =>
      proposeIntents(tx, [effect('unsent', 'd1', 'A'), effect('answered', 'd1', 'A')]),
    );
    await inTx(async (tx) =>
      markUnknown(tx, await sentIn(tx, 'unsent'), { code: 'x', message: 'x' }, false),
    );
    await inTx(async (tx) => recordResults(tx, await sentIn(tx, 'answered'), [unknown(false)]));

    for (const object of ['unsent', 'answered']) {
      await makeDue(object);
      const absent = await absentOf(object);
      await inTx((tx) => settle(tx, absent));
      expect(await stateOf(object)).toEqual(['1:PLANNED:false']);
    }
  });

  test('of a batch, an unknown one alone waits for its read-back, with its lease', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('mixed', 'a', 'A'), effect('mixed', 'b', 'B')]));
    await inTx(async (tx) =>
      recordResults(tx, await sentIn(tx, 'mixed'), [
        unknown(true),
        { kind: 'retry', externalId: 'b', code: 'auth_expired', message: 'x' },
      ]),
    );
    await makeDue('mixed');
    const absent = await absentOf('mixed');

    await inTx((tx) => settle(tx, absent));

    expect((await stateOf('mixed')).toSorted()).toEqual(['1:PLANNED:false', '1:UNKNOWN:false']);
  });

  test('a late revision 1 cannot overwrite revision 2: that is not sent while the call of the first may be on its way', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('overtaken', 'd1', 'A')]));
    await inTx(async (tx) => recordResults(tx, await sentIn(tx, 'overtaken'), [unknown(true)]));
    await inTx((tx) => proposeIntents(tx, [effect('overtaken', 'd1', 'B')]));
    await makeDue('overtaken');
    const due = await inTx((tx) => dueForReadBack(tx, target('overtaken'), 10));
    const verdict = {
      kind: 'conflict',
      vendorId: '1',
      fields: [],
      reason: 'a stranger’s',
    } as const;
    await inTx((tx) =>
      settle(
        tx,
        due.map((intent) => ({ intent, verdict })),
      ),
    );
    const lease = () => inTx((tx) => leasePlanned(tx, target('overtaken'), limits(10)));

    const during = await lease();
    const next = await inTx((tx) => nextDue(tx, target('overtaken')));
    await expireLeases('overtaken');
    const afterwards = await lease();

    expect(during).toEqual([]);
    expect(next?.getTime()).toBeGreaterThan(Date.now() + (LEASE_S / 2) * 1000);
    expect(afterwards.map((intent) => intent.revision)).toEqual([2]);
  });

  test('a record whose lines broke off is planned again, and is a conflict once the vendor had said that it was applied', async () => {
    await inTx((tx) =>
      proposeIntents(tx, [effect('broken', 'a', 'A'), effect('broken', 'b', 'B')]),
    );
    await inTx(async (tx) =>
      recordResults(tx, await sentIn(tx, 'broken'), [
        unknown(false),
        { kind: 'applied', externalId: 'b', vendorId: '1', warnings: [] },
      ]),
    );
    await makeDue('broken');
    const due = await inTx((tx) => dueForReadBack(tx, target('broken'), 10));
    const verdict = { kind: 'incomplete', vendorId: '1', fields: ['lines'], reason: 'x' } as const;

    await inTx((tx) =>
      settle(
        tx,
        due.map((intent) => ({ intent, verdict })),
      ),
    );

    expect((await stateOf('broken')).toSorted()).toEqual(['1:CONFLICT:false', '1:PLANNED:false']);
  });

  test('a revision that waits for the one before it does not ask for a turn of its own', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('patient', 'd1', 'A')]));
    await sent('patient');
    await inTx((tx) => proposeIntents(tx, [effect('patient', 'd1', 'B')]));
    await db.force(
      `update intent set state = 'UNKNOWN', not_before = app.clock() + interval '1 hour'
       where object = 'patient' and revision = 1`,
    );

    const due = await inTx((tx) => nextDue(tx, target('patient')));

    expect(due?.getTime()).toBeGreaterThan(Date.now() + 1_800_000);
  });

  test('F-59: nor over what its successor has sent since', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('account', 'd2', 'A')]));
    const stale = await sent('account');
    await expireLeases('account');
    await inTx((tx) => recoverLost(tx, target('account')));
    await makeDue('account');
    const absent = await absentOf('account');
    await inTx((tx) => settle(tx, absent));
    await makeDue('account');
    const again = await sent('account');

    await inTx((tx) =>
      recordResults(tx, stale, [{ kind: 'applied', externalId: 'x', vendorId: '1', warnings: [] }]),
    );

    const successor = again.find(({ id }) => id === stale[0]?.id);
    const kept = await inTx((tx) => listIntents(tx, { object: 'account', limit: 50 }));
    expect(kept.find(({ id }) => id === successor?.id)).toMatchObject({ state: 'SENT' });
  });

  test('a revision waits until the one before it is settled', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('quote', 'd1', 'A')]));
    const first = await sent('quote');
    await inTx((tx) => proposeIntents(tx, [effect('quote', 'd1', 'B')]));
    expect(await inTx((tx) => leasePlanned(tx, target('quote'), limits(10)))).toEqual([]);

    await inTx((tx) => markUnknown(tx, first, { code: 'x', message: 'x' }));
    await makeDue('quote');
    const due = await inTx((tx) => dueForReadBack(tx, target('quote'), 10));
    await inTx((tx) =>
      settle(
        tx,
        due.map((intent) => ({ intent, verdict: { kind: 'applied', vendorId: '1' } })),
      ),
    );

    const second = await inTx((tx) => leasePlanned(tx, target('quote'), limits(10)));
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
      [1, 2, 3, 4].map(() => inTx((tx) => leasePlanned(tx, target('race'), limits(20)))),
    );

    const ids = batches.flat().map((intent) => intent.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
