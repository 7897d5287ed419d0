import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { savePlan } from './plans.ts';
import { countWaitingForPeople } from './waiting-for-people.ts';
import { openHold, settleHold } from './write-holds.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const counted = { changed: 60, standing: 100, made: 0, money: [] };

test('a plan that a held run keeps is decided with the run, and counts as the run alone', async () => {
  const waiting = await db.store.withTenant(db.tenantId, async (tx) => {
    const { id } = await openHold(tx, { source: 'deals', reasons: ['60 of 100'], counted });
    const plan = { kind: 'closed_won', body: {}, blocked: false, approvedByPolicy: false } as const;
    await savePlan(tx, { ...plan, subject: 'deal:1', hash: 'a' });
    await savePlan(tx, { ...plan, subject: 'deal:2', hash: 'a', holdId: id });
    await savePlan(tx, { ...plan, subject: 'deal:3', hash: 'a', forReview: true });
    const held = await countWaitingForPeople(tx);
    await settleHold(tx, { id, status: 'released', by: 'ada', reason: null });
    return { held, after: await countWaitingForPeople(tx) };
  });

  const none = { conflicts: 0, overdueConflicts: 0 };
  expect(waiting.held).toEqual({ plans: 1, reviews: 1, heldRuns: 1, ...none });
  expect(waiting.after).toEqual({ plans: 2, reviews: 1, heldRuns: 0, ...none });
});

test('open conflicts count, and by themselves those that should have been decided by now', async () => {
  const row = (field: string, state: string, days: number) =>
    `(app.tenant(), 'cfl_${field}', 'crm', 'Account', 'x', 'x', 'int_1', '${field}', 'ask', now(), '${state}', app.clock() + interval '${days} days')`;

  const waiting = await db.store.withTenant(db.tenantId, async (tx) => {
    await tx.run(
      `insert into conflict (tenant_id, id, connection, object, external_id, canonical_id, intent_id, field, rule, ours_at, state, due_at)
       values ${row('a', 'open', 1)}, ${row('b', 'open', -1)}, ${row('c', 'resolved', -1)}`,
    );
    return countWaitingForPeople(tx);
  });

  expect(waiting).toMatchObject({ conflicts: 2, overdueConflicts: 1 });
});
