import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { leasePlanned, markSent, markUnknown, type LeasedIntent } from './dispatch.ts';
import { doubtOpenIntents, isReconciling } from './doubted-intents.ts';
import { getIntent, listIntents, proposeIntents } from './intents.ts';
import { aboutPresent, decisionInputs } from './last-agreed.ts';
import { resolveConflict, vanishConflict } from './resolve-conflicts.ts';
import { retryIntent } from './retry-intents.ts';
import { dueForReadBack, putOffRefused, settle } from './settle-intents.ts';
import { openConflict } from './conflicts.ts';
import { dropUnsentOf } from './undo-writes.ts';
import { heldRecords, holdBack, openHold, settleHold } from './write-holds.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const effect = (object: string, canonicalId: string, Name: string, version = 1) => ({
  connection: 'erp',
  object,
  canonicalId,
  vendorId: null,
  fields: { Name },
  mapping: { id: 'm', version },
});
const target = (object: string) => ({ connection: 'erp', object });
const lease = (object: string): Promise<readonly LeasedIntent[]> =>
  inTx((tx) => leasePlanned(tx, target(object), { batch: 10, leaseSeconds: 60 }));
const dueNow = (object: string) =>
  db.force(`update intent set not_before = app.clock() where object = $1`, [object]);

async function findAbsent(object: string): Promise<void> {
  await dueNow(object);
  const due = await inTx((tx) => dueForReadBack(tx, target(object), 10));
  await inTx((tx) =>
    settle(
      tx,
      due.map((intent) => ({ intent, verdict: { kind: 'absent' } as const })),
    ),
  );
  await dueNow(object);
}

describe('a ledger that was restored', () => {
  test('F-61: sends nothing of a target while one of its intents has not been asked about', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('order', 'd1', 'A')]));
    const doubted = await inTx((tx) => doubtOpenIntents(tx, null));
    const before = await inTx((tx) => isReconciling(tx, target('order')));
    await findAbsent('order');

    expect([doubted, before]).toEqual([1, true]);
    expect(await inTx((tx) => isReconciling(tx, target('order')))).toBe(false);
    expect(await lease('order')).toHaveLength(1);
  });

  test('F-61: waits for no record that its system refuses to show: that one stays unknown', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('hidden', 'd1', 'A'), effect('hidden', 'd2', 'A')])); // prettier-ignore
    await inTx((tx) => doubtOpenIntents(tx, null));
    const [shown, hidden] = await inTx((tx) => dueForReadBack(tx, target('hidden'), 10));
    if (shown === undefined || hidden === undefined) throw new Error('Nothing is asked about.');
    await inTx((tx) => settle(tx, [{ intent: shown, verdict: { kind: 'absent' } }]));

    await inTx((tx) =>
      putOffRefused(tx, { refused: new Map([[hidden, new Error('No.')]]), unasked: [] }),
    );

    expect(await inTx((tx) => isReconciling(tx, target('hidden')))).toBe(false);
    await db.force(`update intent set not_before = app.clock() where id = $1`, [shown.id]);
    expect((await lease('hidden')).map(({ id }) => id)).toEqual([shown.id]);
    // Restored once more, it has to be asked about once more.
    await db.force(`update intent set state = 'SUPERSEDED' where id = $1`, [shown.id]);
    await inTx((tx) => doubtOpenIntents(tx, null));
    expect(await inTx((tx) => isReconciling(tx, target('hidden')))).toBe(true);
    await db.force(`delete from store_restore`);
    await db.force(`update intent set state = 'SUPERSEDED' where id = $1`, [hidden.id]);
  });

  test('F-61: an answer that is lost later holds up nothing else', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('quote', 'd1', 'A')]));
    await inTx((tx) => doubtOpenIntents(tx, null));
    await findAbsent('quote');
    const leased = await lease('quote');
    await inTx((tx) => markSent(tx, leased, 200));

    await inTx((tx) => markUnknown(tx, leased, { code: 'x', message: 'x' }));

    expect(await inTx((tx) => isReconciling(tx, target('quote')))).toBe(false);
  });

  test('F-61: looks at every record before it writes it, also at one that it never wrote', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('estimate', 'd1', 'A')]));
    const leased = await lease('estimate');

    expect(await inTx((tx) => aboutPresent(tx, leased))).toHaveLength(1);
    await db.force(`delete from store_restore`);
    expect(await inTx((tx) => aboutPresent(tx, leased))).toEqual([]);
  });
});

/** A record with an open conflict about one of its fields, and a later write of it that a hold keeps back. */
async function heldBehindConflict(object: string) {
  await inTx((tx) => proposeIntents(tx, [effect(object, 'd', 'A')]));
  const [first] = await lease(object);
  if (first === undefined) throw new Error('Nothing was leased.');
  await db.force(`update intent set state = 'APPLIED', read_back = true, lease_until = null where object = $1`, [object]);
  const [conflict] = await inTx((tx) =>
    openConflict(
      tx,
      { intent: first, vendorId: null, theirsAt: null, theirsBy: null },
      { field: 'Memo', rule: 'ask', ours: 'x', theirs: 'y', agreed: null } as never,
    ),
  );
  const hold = await inTx(async (tx) => {
    await proposeIntents(tx, [effect(object, 'd', 'B')]);
    const [row] = await tx.sql<{ externalId: string }>(`select external_id as "externalId" from intent where object = $1 limit 1`, [object]);
    const { id } = await openHold(tx, { source: 'entitlements', reasons: ['too many'], counted: { changed: 1, standing: 1, made: 0, money: [] } });
    await holdBack(tx, id, [row?.externalId ?? '']);
    return id;
  });
  if (conflict === undefined) throw new Error('There is no conflict.');
  return { hold, conflict };
} // prettier-ignore

describe('a write that a hold keeps back', () => {
  test('F-76: stays held when a conflict of its record vanishes, and ends with the hold', async () => {
    const { hold, conflict } = await heldBehindConflict('asset');
    await inTx((tx) => vanishConflict(tx, conflict, 'theirs', 'same'));
    const leasedBefore = await lease('asset');

    await inTx((tx) => settleHold(tx, { id: hold, status: 'rejected', by: 'p', reason: null }));

    expect(leasedBefore).toEqual([]);
    expect(await lease('asset')).toEqual([]);
  });

  test('F-76: does not come back with a conflict that vanishes once it was rejected', async () => {
    const { hold, conflict } = await heldBehindConflict('contract');
    await inTx((tx) => settleHold(tx, { id: hold, status: 'rejected', by: 'p', reason: null }));

    await inTx((tx) => vanishConflict(tx, conflict, 'theirs', 'same'));

    const payloads = (await lease('contract')).map(({ payload }) => payload['Name']);
    expect(payloads).not.toContain('B');
  });
});

describe('what a hold kept back when the ledger was restored', () => {
  test('F-61: and a person rejects is never sent, once its system says that it is not there', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('invoice', 'd', 'A')]));
    const [row] = await inTx((tx) => listIntents(tx, { object: 'invoice', limit: 1 }));
    const externalId = row?.externalId ?? '';
    const { id } = await inTx((tx) => openHold(tx, { source: 'renewals', reasons: ['too many'], counted: { changed: 1, standing: 1, made: 0, money: [] } }));
    await inTx((tx) => holdBack(tx, id, [externalId]));
    await inTx((tx) => doubtOpenIntents(tx, null));
    const whileOpen = await inTx((tx) => heldRecords(tx, [externalId]));

    await inTx((tx) => settleHold(tx, { id, status: 'rejected', by: 'p', reason: null }));
    const doubted = await inTx((tx) => listIntents(tx, { object: 'invoice', limit: 1 }));
    await findAbsent('invoice');

    expect([...whileOpen]).toEqual([externalId]);
    expect(doubted).toMatchObject([{ state: 'UNKNOWN' }]);
    expect(await inTx((tx) => listIntents(tx, { object: 'invoice', limit: 1 }))).toMatchObject([{ state: 'SUPERSEDED' }]);
    expect([...(await inTx((tx) => heldRecords(tx, [externalId])))]).toEqual([]);
    await db.force(`delete from store_restore`);
  }); // prettier-ignore
});

describe('what a person dropped', () => {
  test('a rejected write is planned again for a plan that asks for it, and for no run', async () => {
    const same = [effect('memo', 'd', 'A')];
    await inTx((tx) => proposeIntents(tx, same));
    await db.force(`update intent set state = 'SUPERSEDED' where object = 'memo'`);

    const byRun = await inTx((tx) => proposeIntents(tx, same));
    const byPlan = await inTx((tx) => proposeIntents(tx, same, 'pln_1'));
    const again = await inTx((tx) => proposeIntents(tx, same, 'pln_1'));

    expect([byRun.planned, byPlan.planned, again.planned]).toEqual([0, 1, 0]);
    expect(await inTx((tx) => listIntents(tx, { object: 'memo', planId: 'pln_1', limit: 9 }))).toMatchObject([{ revision: 2, state: 'PLANNED' }]);
  }); // prettier-ignore
});

describe('a decision about a record', () => {
  /** Two fields of a sent write in conflict, the first decided for us. */
  test.each(['SENT', 'UNKNOWN', 'QUARANTINED'])('stays while the write that carries it is %s', async (state) => {
    const object = `decided-${state}`;
    await inTx((tx) => proposeIntents(tx, [{ ...effect(object, 'd', 'A'), fields: { Name: 'A', Memo: 'M' } }]));
    const [leased] = await lease(object);
    if (leased === undefined) throw new Error('Nothing was leased.');
    const sides = { intent: leased, vendorId: null, theirsAt: null, theirsBy: null };
    const open = (field: string) => inTx((tx) => openConflict(tx, sides, { field, rule: 'ask', ours: 'x', theirs: 'y', agreed: null } as never));
    const [[name], [memo]] = [await open('Name'), await open('Memo')];
    await db.force(`update intent set state = 'APPLIED', read_back = true, lease_until = null where object = $1`, [object]);
    if (name === undefined || memo === undefined) throw new Error('There is no conflict.');
    const second = await inTx((tx) => resolveConflict(tx, name, { take: 'ours' }, 'p'));
    await db.force(`update intent set state = $2 where id = $1`, [second, state]);

    const third = await inTx((tx) => resolveConflict(tx, memo, { take: 'theirs' }, 'p'));

    const inputs = await inTx((tx) => decisionInputs(tx, [third]));
    expect(inputs.get(third)?.overrule).toEqual({ Name: 'ours', Memo: 'theirs' });
    const before = await inTx((tx) => getIntent(tx, second));
    expect(before.state).toBe(state === 'QUARANTINED' ? 'SUPERSEDED' : state);
  }); // prettier-ignore

  test('tried again, what is brought back only where it was left alone is so still', async () => {
    const expects = { Name: ['B'] };
    await inTx((tx) => proposeIntents(tx, [{ ...effect('back', 'd', 'A'), asDecided: true, expects }]));
    await db.force(`update intent set state = 'CONFLICT' where object = 'back'`);
    const [conflict] = await inTx((tx) => listIntents(tx, { object: 'back', limit: 1 }));

    const next = await inTx((tx) => retryIntent(tx, conflict?.id ?? ''));

    const inputs = await inTx((tx) => decisionInputs(tx, [next.id]));
    expect(inputs.get(next.id)).toMatchObject({ overrule: { '*': 'ours' }, expects });
  }); // prettier-ignore
});

test('what a roll back dropped unsent is sent when the version now in effect asks for the same', async () => {
  await inTx((tx) => proposeIntents(tx, [effect('account', 'd', 'A', 3)]));
  await inTx((tx) => dropUnsentOf(tx, { mappingId: 'm', versions: [3] }));

  const { planned } = await inTx((tx) => proposeIntents(tx, [effect('account', 'd', 'A', 4)]));

  expect(planned).toBe(1);
});

test('of two effects about one record in one batch the last is kept', async () => {
  const both = [effect('twice', 'd1', 'A'), effect('twice', 'd2', 'C'), effect('twice', 'd1', 'B')]; // prettier-ignore

  const proposed = await inTx((tx) => proposeIntents(tx, both));

  const intents = await inTx((tx) => listIntents(tx, { object: 'twice', limit: 10 }));
  expect(proposed).toMatchObject({ planned: 2, unchanged: 0 });
  expect(new Map(intents.map(({ canonicalId, payload }) => [canonicalId, payload['Name']]))).toEqual(new Map([['d1', 'B'], ['d2', 'C']])); // prettier-ignore
});
