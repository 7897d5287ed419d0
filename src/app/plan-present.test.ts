import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { approvePlan } from '../delivery/move-plans.ts';
import { getPlan, savePlan } from '../delivery/plans.ts';
import { systemClock } from '../kernel/clock.ts';
import { externalIdOf } from '../kernel/ids.ts';
import type { PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { movedPresent, savePresent } from './plan-present.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const effect = (canonicalId: string, memo: string) => ({
  connection: 'erp',
  object: 'salesOrder',
  canonicalId,
  vendorId: null,
  fields: { memo },
  mapping: { id: 'm', version: 1 },
});
const record = (canonicalId: string, memo: string) => ({
  connection: 'erp',
  object: 'salesOrder',
  externalId: externalIdOf({ tenantId: db.tenantId, ...effect(canonicalId, memo) }),
  vendorId: '7',
  fields: { memo },
});
/** A system that holds one value. */
const holding = (canonicalId: string, memo: string) =>
  ({
    store: db.store,
    clock: systemClock(),
    sessions: { of: async () => ({ readBack: async () => [record(canonicalId, memo)] }) },
  }) as unknown as Pick<Deps, 'store' | 'sessions' | 'clock'>;

/** We wrote 10 at some time; a person approved 15 over the 12 that was there then. */
async function approved(canonicalId: string, sent: 'before' | 'after') {
  const plan = await db.store.withTenant(db.tenantId, async (tx) => {
    await proposeIntents(tx, [effect(canonicalId, '10')]);
    const body = { effects: [effect(canonicalId, '15')] } as unknown as PlanBody;
    const draft = { kind: 'closed_won', body, blocked: false, approvedByPolicy: false } as const;
    const made = await savePlan(tx, { ...draft, subject: `deal:${canonicalId}`, hash: 'h' });
    await approvePlan(tx, { id: made.plan.id, hash: 'h', person: 'ada' });
    const present = { readAt: '', records: [record(canonicalId, '12')], unread: [] };
    await savePresent(tx, made.plan.id, present, true);
    return getPlan<PlanBody>(tx, made.plan.id);
  });
  const at = `app.clock() ${sent === 'before' ? '-' : '+'} interval '1 day'`;
  await db.force(
    `update intent set state = 'APPLIED', read_back = true, sent_at = ${at}, settled_at = ${at} where canonical_id = $1`,
    [canonicalId],
  );
  return plan;
}

test('a value that we wrote before the approval, and that somebody set again since, has moved', async () => {
  const plan = await approved('old', 'before');

  expect(await movedPresent(holding('old', '10'), db.tenantId, plan)).toMatchObject([
    { approved: '12', now: '10' },
  ]);
  expect(await movedPresent(holding('old', '12'), db.tenantId, plan)).toEqual([]);
});

test('a value that we wrote since the approval has not', async () => {
  const plan = await approved('new', 'after');

  expect(await movedPresent(holding('new', '10'), db.tenantId, plan)).toEqual([]);
  expect(await movedPresent(holding('new', '11'), db.tenantId, plan)).toHaveLength(1);
});
