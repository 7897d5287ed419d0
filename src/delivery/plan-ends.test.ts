import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { leasePlanned } from './dispatch.ts';
import { endConnection, lockUnderWay } from './end-connection.ts';
import { orderIntents } from './intent-order.ts';
import { listIntents, proposeIntents } from './intents.ts';
import { dropWaiting, waitForMode } from './mode-waits.ts';
import { completePlans, movePlan } from './move-plans.ts';
import { progressOf, waitingTargets } from './plan-progress.ts';
import { getPlan, savePlan } from './plans.ts';
import { plansInEffect } from './plans-in-effect.ts';
import { closeGate, passGate } from './send-gate.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
}, 60_000);
afterAll(() => db?.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const write = (connection: string, canonicalId: string, object = 'order') => ({ connection, object, canonicalId, vendorId: null, fields: { Name: 'A' } }); // prettier-ignore

/** A plan that is being applied, with its writes planned. */
async function begun(subject: string, writes: readonly ReturnType<typeof write>[]) {
  const draft = { kind: 'closed_won', subject, hash: 'a', body: {}, blocked: false, approvedByPolicy: true } as const; // prettier-ignore
  const { plan } = await inTx((tx) => savePlan(tx, draft));
  await inTx((tx) => movePlan(tx, plan.id, ['approved'], 'applying'));
  await inTx((tx) => proposeIntents(tx, writes, plan.id));
  return plan.id;
}
const of = async (planId: string, canonicalId: string) => {
  const all = await inTx((tx) => listIntents(tx, { planId, limit: 50 }));
  const found = all.find((each) => each.canonicalId === canonicalId);
  if (found === undefined) throw new Error(`There is no write of ${canonicalId}.`);
  return found;
};
const put = (planId: string, canonicalId: string, state: string, readBack = false) =>
  db.force(`update intent set state = $3, read_back = $4 where plan_id = $1 and canonical_id = $2`, [planId, canonicalId, state, readBack]); // prettier-ignore
const drop = async (planId: string, canonicalId: string) => {
  const { id } = await of(planId, canonicalId);
  await inTx((tx) => waitForMode(tx, [{ id, message: 'It waits for write.' }]));
  await inTx((tx) => dropWaiting(tx, id));
};
const ended = async (id: string) => {
  await inTx((tx) => completePlans(tx));
  const { status } = await inTx((tx) => getPlan(tx, id));
  const told = await inTx((tx) => tx.sql<{ type: string }>(`select e.type from hub_event e where e.subject = $1`, [`plan:${id}`])); // prettier-ignore
  return { status, told: told.map(({ type }) => type) };
};

describe('a plan of which a write was dropped', () => {
  test('ends as incomplete and not as applied, tells so, and names what was not done', async () => {
    const id = await begun('deal:part', [write('erp', 'p1'), write('erp', 'p2')]);
    await put(id, 'p1', 'APPLIED', true);
    const before = await ended(id);
    await drop(id, 'p2');

    const after = await ended(id);

    const progress = await inTx((tx) => progressOf(tx, id));
    expect([before.status, after]).toEqual(['applying', { status: 'incomplete', told: ['plan.incomplete'] }]); // prettier-ignore
    expect(progress).toMatchObject({ of: 2, done: 1, waiting: [], more: 0, overtaken: [{ why: expect.stringContaining('dropped') }] }); // prettier-ignore
  });

  test('is in effect with what it did, so that nothing draws it up again', async () => {
    const id = await begun('deal:whole', [write('erp', 'w1')]);
    await drop(id, 'w1');

    expect((await ended(id)).status).toBe('incomplete');
    const inEffect = await inTx((tx) => plansInEffect(tx, ['deal:whole']));
    expect(inEffect.get('deal:whole')).toMatchObject({ id, status: 'incomplete' });
    const draft = { kind: 'closed_won', subject: 'deal:whole', hash: 'a', body: {}, blocked: false, approvedByPolicy: true } as const; // prettier-ignore
    expect((await inTx((tx) => savePlan(tx, draft))).plan.status).toBe('incomplete');
  });

  test('is not sent what was to follow: who gets a seat would have it beside who had it', async () => {
    const names = ['take', 'give', 'third'];
    const id = await begun('seats:pair', names.map((name) => write('people', name))); // prettier-ignore
    const [take, give, third] = await Promise.all(names.map((name) => of(id, name)));
    const after = (later: typeof take, first: typeof take) => ({ connection: 'people', object: 'order', externalId: later?.externalId ?? '', afterExternalId: first?.externalId ?? '' }); // prettier-ignore
    await inTx((tx) => orderIntents(tx, [after(give, take), after(third, give)]));
    await drop(id, 'take');

    const end = await ended(id);

    expect(end.status).toBe('incomplete');
    expect(await of(id, 'give')).toMatchObject({ state: 'SUPERSEDED', error: { code: 'dropped', message: expect.stringContaining('to follow') } }); // prettier-ignore
    expect((await of(id, 'third')).state).toBe('SUPERSEDED');
  });
});

test('how far a plan is counts every write, of however many', async () => {
  const id = await begun('deal:large', Array.from({ length: 620 }, (_, at) => write('big', `b${at}`))); // prettier-ignore
  await put(id, 'b0', 'APPLIED', true);

  const progress = await inTx((tx) => progressOf(tx, id));
  const targets = await inTx((tx) => waitingTargets(tx, id));

  expect([progress.of, progress.done, progress.waiting.length, progress.more]).toEqual([620, 1, 500, 119]); // prettier-ignore
  expect(targets).toEqual([{ connection: 'big', object: 'order', writes: 619 }]);
});

describe('the connection of a plan that is removed half-way', () => {
  test('drops what was not done and says why, and the plan ends as incomplete', async () => {
    const names = ['done', 'planned', 'refused', 'differs'];
    const id = await begun('deal:removed', names.map((name) => write('leaves', name))); // prettier-ignore
    await put(id, 'done', 'APPLIED', true);
    await put(id, 'refused', 'QUARANTINED');
    await db.force(`update intent set error = '{"code": "no", "message": "Not so."}' where plan_id = $1 and canonical_id = 'refused'`, [id]); // prettier-ignore
    await put(id, 'differs', 'CONFLICT');

    const { writes, unknown } = await inTx((tx) => endConnection(tx, 'leaves'));

    expect([writes, unknown]).toEqual([3, []]);
    expect(await ended(id)).toEqual({ status: 'incomplete', told: ['plan.incomplete'] });
    const { overtaken } = await inTx((tx) => progressOf(tx, id));
    expect(overtaken.map(({ why }) => why).toSorted()).toEqual([
      'It was refused, and then its connection was removed. Not so.',
      'Its connection was removed before it was sent.',
      'The record held something else than was written, and then its connection was removed.',
    ]);
  });

  test('F-13: leaves alone what nobody knows the fate of, unless somebody gives it up with a reason', async () => {
    const names = ['lost', 'unseen', 'busy'];
    const id = await begun('deal:gone', names.map((name) => write('gone', name))); // prettier-ignore
    await put(id, 'lost', 'UNKNOWN');
    await put(id, 'unseen', 'APPLIED');
    await db.force(`update intent set state = 'UNKNOWN', lease_until = app.clock() + interval '1 minute' where plan_id = $1 and canonical_id = 'busy'`, [id]); // prettier-ignore
    const busy = await inTx((tx) => lockUnderWay(tx, 'gone'));
    await db.force(`update intent set lease_until = null where plan_id = $1`, [id]);
    const idle = await inTx((tx) => lockUnderWay(tx, 'gone'));
    await inTx((tx) => endConnection(tx, 'gone'));
    const before = await ended(id);

    const { unknown } = await inTx((tx) => endConnection(tx, 'gone', { by: 'Ana', reason: 'the vendor shut down' })); // prettier-ignore

    expect([busy, idle]).toEqual([
      [{ object: 'order', writes: 3, isBusy: true }],
      [{ object: 'order', writes: 3, isBusy: false }],
    ]);
    expect([before.status, unknown.length]).toEqual(['applying', 3]);
    expect((await ended(id)).status).toBe('incomplete');
    expect((await of(id, 'lost')).error?.message).toContain('Ana gave it up: the vendor shut down');
  });

  test('F-58: no worker takes up a write between the look at it and its end, and one that just did is seen', async () => {
    await inTx((tx) => proposeIntents(tx, [write('racing', 'r1'), write('racing', 'r2', 'other')]));
    const lease = (object: string) => inTx((tx) => leasePlanned(tx, { connection: 'racing', object }, { batch: 9, leaseSeconds: 60 })); // prettier-ignore

    const during = await inTx(async (tx) => {
      const open = await lockUnderWay(tx, 'racing');
      const taken = await lease('order');
      return { open, taken, ...(await endConnection(tx, 'racing')) };
    });

    expect(during).toMatchObject({ open: [], taken: [], writes: 2 });
    expect(await lease('order')).toEqual([]);
    await inTx((tx) => proposeIntents(tx, [write('racing', 'r3', 'third')]));
    const seen = Promise.withResolvers<unknown>();
    await inTx(async (tx) => {
      await leasePlanned(tx, { connection: 'racing', object: 'third' }, { batch: 9, leaseSeconds: 60 }); // prettier-ignore
      seen.resolve(inTx((other) => lockUnderWay(other, 'racing')));
    });
    expect(await seen.promise).toEqual([{ object: 'third', writes: 1, isBusy: true }]);
  });
});

test('F-58: who closes the gate waits for what is being sent, and lets nothing out meanwhile', async () => {
  const order: string[] = [];
  const step = (name: string) => void order.push(name);
  const waits: Promise<void>[] = [];

  await inTx(async (tx) => {
    await passGate(tx);
    await inTx((other) => passGate(other));
    waits.push(inTx(async (other) => closeGate(other).then(() => step('closed'))));
    await waitsForLock();
    step('sent');
  });
  await Promise.all(waits);

  expect(order).toEqual(['sent', 'closed']);
});

/** Until a transaction of this database waits for an advisory lock. */
async function waitsForLock(): Promise<void> {
  const count = `select count(*)::int as n from pg_locks l join pg_database d on d.oid = l.database
    where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`;
  for (;;) {
    const [row] = await db.store.asOwner((tx) => tx.sql<{ n: number }>(count));
    if ((row?.n ?? 0) > 0) return;
  }
}
