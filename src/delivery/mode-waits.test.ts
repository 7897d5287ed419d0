import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { externalIdOf } from '../kernel/ids.ts';
import { explainBlocked, leasePlanned } from './dispatch.ts';
import { doubtOpenIntents } from './doubted-intents.ts';
import { editIntent } from './edit-intent.ts';
import { listIntents, proposeIntents } from './intents.ts';
import { dropWaiting, letGo, unsentWrites, waitForMode } from './mode-waits.ts';
import { savePlan } from './plans.ts';
import { retryIntent } from './retry-intents.ts';
import { dueForReadBack, settle } from './settle-intents.ts';
import { holdBack, openHold, plansOfHold, settleHold } from './write-holds.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const effect = (object: string, Name = 'A') => ({
  connection: 'erp',
  object,
  canonicalId: `deal-${object}`,
  vendorId: null,
  fields: { Name },
  mapping: { id: 'm', version: 1 },
});
const target = (object: string) => ({ connection: 'erp', object });
const lease = (object: string) =>
  inTx((tx) => leasePlanned(tx, target(object), { batch: 10, leaseSeconds: 60 }));
const newest = async (object: string) => {
  const all = await inTx((tx) => listIntents(tx, { object, limit: 10 }));
  return all.toSorted((left, right) => right.revision - left.revision)[0];
};
const ids = async (object: string) => {
  const one = await newest(object);
  return one === undefined ? [] : [one.id];
};

/** One planned write that waits for its mode. */
async function waiting(object: string): Promise<string> {
  await inTx((tx) => proposeIntents(tx, [effect(object)]));
  const [id = ''] = await ids(object);
  await inTx((tx) => waitForMode(tx, [{ id, message: 'It waits for write.' }]));
  return id;
}

async function findAbsent(object: string): Promise<void> {
  await db.force('update intent set not_before = app.clock() where object = $1', [object]);
  const due = await inTx((tx) => dueForReadBack(tx, target(object), 10));
  const absent = { kind: 'absent' } as const;
  await inTx((tx) => settle(tx, due.map((intent) => ({ intent, verdict: absent })))); // prettier-ignore
}

describe('a write that waits for its mode', () => {
  test('waits still when its mapping was paused meanwhile, and goes when the mode lets it', async () => {
    const id = await waiting('paused');
    const pause = { code: 'schema_changed', message: 'Name is gone.', field: 'Name' };
    await inTx((tx) => explainBlocked(tx, target('paused'), 'm', pause));

    expect((await inTx((tx) => unsentWrites(tx, [id])))[0]?.waits).toBe(true);
    expect(await inTx((tx) => letGo(tx, [id]))).toEqual([target('paused')]);
    expect(await lease('paused')).toHaveLength(1);
  });

  test('waits still after a restore whose question found nothing', async () => {
    const id = await waiting('restored');
    await inTx((tx) => doubtOpenIntents(tx, null));
    await findAbsent('restored');

    expect((await inTx((tx) => unsentWrites(tx, [id])))[0]?.waits).toBe(true);
    await inTx((tx) => letGo(tx, [id]));
    await db.force('update intent set not_before = app.clock() where object = $1', ['restored']);
    expect(await lease('restored')).toHaveLength(1);
  });

  test('dropped, it stays dropped though its run asks for it again as it was', async () => {
    const id = await waiting('dropped');
    await inTx((tx) => dropWaiting(tx, id));

    await inTx((tx) => proposeIntents(tx, [effect('dropped')]));
    expect(await lease('dropped')).toEqual([]);
    await inTx((tx) => proposeIntents(tx, [effect('dropped', 'B')]));
    expect(await lease('dropped')).toHaveLength(1);
  });

  test('is not let out of a hold that is open', async () => {
    const id = await waiting('held');
    const externalId = externalIdOf({ tenantId: db.tenantId, ...effect('held') });
    await inTx(async (tx) => {
      const counted = { changed: 1, standing: 0, made: 1, money: [] };
      const hold = await openHold(tx, { source: 'renewals', reasons: ['x'], counted });
      await holdBack(tx, hold.id, [externalId]);
    });

    expect(await inTx((tx) => letGo(tx, [id]))).toEqual([]);
    await expect(inTx((tx) => dropWaiting(tx, id))).rejects.toThrow('does not wait for a mode');
  });
});

describe('a write of a hold that is open', () => {
  test.each(['retry', 'edit'] as const)('stays in it after a person’s %s', async (how) => {
    const object = `hold-${how}`;
    await inTx((tx) => proposeIntents(tx, [effect(object)]));
    const externalId = externalIdOf({ tenantId: db.tenantId, ...effect(object) });
    const hold = await inTx(async (tx) => {
      const counted = { changed: 1, standing: 0, made: 1, money: [] };
      const source = how === 'retry' ? 'entitlements' : 'reconciliation';
      const { id } = await openHold(tx, { source, reasons: ['x'], counted });
      await holdBack(tx, id, [externalId]);
      return id;
    });
    await db.force(`update intent set state = 'CONFLICT', sent_at = null where object = $1`, [
      object,
    ]);
    const [id = ''] = await ids(object);
    await inTx((tx) =>
      how === 'retry'
        ? retryIntent(tx, id)
        : editIntent(tx, { id, fields: { Name: 'Z' }, reason: 'typo', person: 'ada' }),
    );

    expect(await lease(object)).toEqual([]);
    await inTx((tx) => settleHold(tx, { id: hold, status: 'released', by: 'ada', reason: null }));
    expect(await lease(object)).toHaveLength(1);
  });
});

test('whoever decides a hold decides every plan of it, however many there are', async () => {
  const held = await inTx(async (tx) => {
    const counted = { changed: 600, standing: 0, made: 600, money: [] };
    const { id } = await openHold(tx, { source: 'deals', reasons: ['600 deals'], counted });
    const plan = { kind: 'closed_won', body: {}, blocked: false, approvedByPolicy: false } as const;
    for (let at = 0; at < 501; at += 1)
      await savePlan(tx, { ...plan, subject: `deal:${at}`, hash: 'a', holdId: id });
    return [await plansOfHold(tx, id), await plansOfHold(tx, id, 500)];
  });

  expect(held.map((plans) => plans.length)).toEqual([501, 500]);
});
