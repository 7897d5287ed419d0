import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { listConflicts, openConflict } from './conflicts.ts';
import { decidePlan } from './decide-plan.ts';
import { listIntents, proposeIntents } from './intents.ts';
import { approvePlan, completePlans, movePlan } from './move-plans.ts';
import { getPlan, savePlan } from './plans.ts';
import { plansInEffect, reopeningsOf } from './plans-in-effect.ts';
import { vanishConflict } from './resolve-conflicts.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const save = async (
  subject: string,
  hash: string,
  rest: {
    approvedByPolicy?: boolean;
    forReview?: boolean;
    kind?: 'closed_won' | 'reopen';
    inputs?: string[];
  } = {},
) => {
  const { approvedByPolicy = false, forReview = false, kind = 'closed_won', inputs = [] } = rest;
  const body = { inputs: inputs.map((factId) => ({ factId })) };
  const draft = { kind, subject, hash, body, blocked: false, approvedByPolicy, forReview };
  return (await inTx((tx) => savePlan(tx, draft))).plan;
};

describe('a plan that was set aside and is the right one again', () => {
  test('is approved by policy for the hash that it has', async () => {
    const first = await save('deal:policy', 'a');
    await save('deal:policy', 'b');

    const again = await save('deal:policy', 'a', { approvedByPolicy: true });

    expect(again).toMatchObject({
      id: first.id,
      status: 'approved',
      approvedBy: 'policy',
      approvedHash: 'a',
      approvedAt: expect.any(Date),
    });
  });

  test('waits for a person again: the approval from before does not count', async () => {
    const { id } = await save('deal:person', 'a');
    await inTx((tx) => approvePlan(tx, { id, hash: 'a', person: 'Ada' }));
    await save('deal:person', 'b');

    const again = await save('deal:person', 'a');

    expect(again).toMatchObject({
      id,
      status: 'waiting',
      approvedBy: null,
      approvedHash: null,
      approvedAt: null,
    });
  });

  test('an approved plan that is drawn up the same stays approved by whom it was', async () => {
    const { id } = await save('deal:same', 'a');
    await inTx((tx) => approvePlan(tx, { id, hash: 'a', person: 'Ada' }));

    const again = await save('deal:same', 'a');

    expect(again).toMatchObject({ id, status: 'approved', approvedBy: 'Ada', approvedHash: 'a' });
  });
});

describe('F-45: a plan for review', () => {
  const decide = (id: string, as: 'additional' | 'renewal' | 'rejected', hash = 'a') =>
    inTx((tx) => decidePlan(tx, { id, hash, as, person: 'Ada' }));
  const forReview = (subject: string, hash = 'a') =>
    save(subject, hash, { forReview: true, approvedByPolicy: true });

  test('is approved by no policy, and by no person who does not say what it is', async () => {
    const plan = await forReview('deal:review');

    const approving = inTx((tx) => approvePlan(tx, { id: plan.id, hash: 'a', person: 'Ada' }));

    expect(plan).toMatchObject({ status: 'review', approvedBy: null });
    await expect(approving).rejects.toMatchObject({ code: 'validation_failed' });
  });

  test.each([
    ['additional', 'approved', { approvedBy: 'Ada', approvedHash: 'a' }],
    ['renewal', 'linked', { approvedBy: null, approvedHash: null }],
    ['rejected', 'rejected', { approvedBy: null, approvedHash: null }],
  ] as const)('decided as %s is %s, and keeps who said so', async (as, status, approval) => {
    const { id } = await forReview(`deal:${as}`);

    const decided = await decide(id, as);

    expect(decided).toMatchObject({ status, decision: as, decidedBy: 'Ada', ...approval });
    await expect(decide(id, 'additional')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is not decided by who saw another one', async () => {
    const { id } = await forReview('deal:other-hash');

    await expect(decide(id, 'rejected', 'b')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('that was rejected stays so however often it is drawn up again', async () => {
    const { id } = await forReview('deal:again');
    await decide(id, 'rejected');

    expect(await forReview('deal:again')).toMatchObject({ id, status: 'rejected' });
  });

  test('that was accepted and set aside is for review again', async () => {
    const { id } = await forReview('deal:aside');
    await decide(id, 'additional');
    await forReview('deal:aside', 'b');

    expect(await forReview('deal:aside')).toMatchObject({ id, status: 'review', decision: null });
  });
});

test('of a subject the newest applied plan is in effect, with the facts that it rests on', async () => {
  const won = await save('deal:effect', 'a', { approvedByPolicy: true, inputs: ['f1', 'f2'] });
  await inTx((tx) => movePlan(tx, won.id, ['approved'], 'applied'));
  await save('deal:effect', 'b', { inputs: ['f3'] });

  const inEffect = await inTx((tx) => plansInEffect(tx, ['deal:effect', 'deal:none']));

  expect([...inEffect]).toEqual([
    ['deal:effect', { id: won.id, kind: 'closed_won', status: 'applied', inputs: ['f1', 'f2'] }],
  ]);
});

test('a reopening is settled once its effect was seen in the other system, not when it was sent', async () => {
  const plan = await save('deal:reopened', 'r', { approvedByPolicy: true, kind: 'reopen' });
  const settledAt = async () =>
    (await inTx((tx) => reopeningsOf(tx, ['deal:reopened']))).map((each) => each.settledAt);
  const order = { connection: 'erp', object: 'order', canonicalId: 'deal:reopened' };
  const effect = { ...order, vendorId: null, fields: {} };
  const approved = await settledAt();
  await inTx((tx) => movePlan(tx, plan.id, ['approved'], 'applying'));
  await inTx((tx) => proposeIntents(tx, [effect], plan.id));
  const planned = await settledAt();
  const move = (readBack: boolean) =>
    db.force(
      `update intent set state = 'APPLIED', read_back = $2, settled_at = app.clock() where plan_id = $1`,
      [plan.id, readBack],
    );

  await move(false);
  const sent = await settledAt();
  await move(true);

  expect(approved).toEqual([]);
  expect(planned).toEqual([null]);
  expect(sent).toEqual([null]);
  expect(await settledAt()).toEqual([expect.any(Date)]);
});

describe('a plan that something later overtook half-way', () => {
  const about = (object: string, Name: string) => ({ connection: 'erp', object, canonicalId: 'half', vendorId: null, fields: { Name } }); // prettier-ignore
  const begin = async (subject: string, hash: string, objects: readonly string[]) => {
    const { id } = await save(subject, hash, { approvedByPolicy: true });
    await inTx((tx) => movePlan(tx, id, ['approved'], 'applying'));
    await inTx((tx) => proposeIntents(tx, objects.map((object) => about(object, hash)), id)); // prettier-ignore
    return id;
  };
  const put = (planId: string, object: string, state: string, readBack = false) =>
    db.force(`update intent set state = $3, read_back = $4 where plan_id = $1 and object = $2`, [planId, object, state, readBack]); // prettier-ignore
  const stateOf = async (planId: string, object: string) => {
    const all = await inTx((tx) => listIntents(tx, { planId, object, limit: 9 }));
    return all.map(({ state }) => state);
  };
  const complete = async (id: string) => {
    await inTx((tx) => completePlans(tx));
    return (await inTx((tx) => getPlan(tx, id))).status;
  };

  test('waits while nothing did, and is applied once a later revision stands for what was refused', async () => {
    const id = await begin('deal:half', 'a', ['order', 'contract']);
    await put(id, 'order', 'APPLIED', true);
    await put(id, 'contract', 'QUARANTINED');
    const before = await complete(id);
    const later = await begin('deal:half', 'b', ['contract']);

    expect(before).toBe('applying');
    expect(await complete(id)).toBe('applied');
    expect(await stateOf(id, 'contract')).toEqual(['SUPERSEDED']);
    expect(await stateOf(later, 'contract')).toEqual(['PLANNED']);
    expect(await complete(later)).toBe('applying');
  });

  test('ends also where the later plan does not touch the record, and its conflict with it', async () => {
    const id = await begin('deal:reopen', 'a', ['sale', 'term']);
    await put(id, 'sale', 'APPLIED', true);
    await put(id, 'term', 'CONFLICT');
    const [term] = await inTx((tx) => listIntents(tx, { object: 'term', limit: 1 }));
    const sides = { intent: term, vendorId: null, theirsAt: null, theirsBy: null } as never;
    const field = { field: 'Name', rule: 'ask', ours: 'x', theirs: 'y', agreed: null } as never;
    await inTx((tx) => openConflict(tx, sides, field));
    await begin('deal:reopen', 'b', ['sale']);

    const ended = await complete(id);

    const [conflict] = await inTx((tx) => listConflicts(tx, { object: 'term', limit: 9 }));
    expect([ended, await stateOf(id, 'term')]).toEqual(['applied', ['SUPERSEDED']]);
    expect(conflict).toMatchObject({ state: 'vanished', reason: expect.stringContaining('later plan') }); // prettier-ignore
    await db.force(`update conflict set state = 'open'`);
    expect(await inTx((tx) => vanishConflict(tx, conflict ?? ({} as never), 'ours', 'x'))).toBeNull(); // prettier-ignore
  });

  test('of which all was overtaken is superseded', async () => {
    const id = await begin('deal:all', 'a', ['bill']);
    await put(id, 'bill', 'QUARANTINED');
    await begin('deal:all', 'b', ['bill']);

    expect(await complete(id)).toBe('superseded');
  });
});
