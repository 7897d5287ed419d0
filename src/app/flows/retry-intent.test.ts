import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dealStory, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents } from '../../delivery/intents.ts';
import { NotFoundError, StaleError } from '../../kernel/errors.ts';
import { listAudit } from './list-audit.ts';
import { retryErrors } from './retry-errors.ts';
import { retryIntent } from './retry-intent.ts';

// Each test takes up what the one before it left.

let world: Harness;
let story: DealStory;

beforeAll(async () => {
  world = await startHarness();
  story = dealStory(world);
  for (const each of ['crm', 'erp']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
}, 90_000);
afterAll(() => world?.stop());

const refuseOnce = () =>
  world.twins.netsuite.faults({
    action: 'status',
    status: 400,
    match: { method: 'PUT', path: 'salesOrder' },
    times: 1,
  });
const planOf = async (opportunityId: string) => {
  const [plan] = await story.plansOf(opportunityId);
  if (plan === undefined) throw new Error('There is no plan.');
  return plan;
};
const orderIntents = async (opportunityId: string) => {
  const { id } = await planOf(opportunityId);
  return (await story.intentsOf(id)).filter((each) => each.object === 'salesOrder');
};
const retry = (id: string) => retryIntent(world.deps, world.caller, id);

describe('a write that the vendor refused', () => {
  test('is sent again under its own id when a person tries it again, and completes its plan', async () => {
    const { opportunityId } = world.company.deals.toClose;
    await story.moveTo(opportunityId, 'Closed Won');
    await refuseOnce();
    await story.approveAndApply(opportunityId);
    const [refused] = await orderIntents(opportunityId);
    const before = await planOf(opportunityId);

    const sent = await retry(refused?.id ?? '');
    await world.drain();

    expect([refused?.state, before.status]).toEqual(['QUARANTINED', 'applying']);
    expect(sent).toMatchObject({ id: refused?.id, state: 'PLANNED', error: null });
    expect(await orderIntents(opportunityId)).toMatchObject([
      { id: refused?.id, revision: 1, state: 'APPLIED', readBack: true },
    ]);
    expect(await planOf(opportunityId)).toMatchObject({ status: 'applied' });
    const audit = await listAudit(world.deps, world.caller, { subject: sent.id, limit: 5 });
    expect(audit).toMatchObject([{ action: 'intent.retried', actor: world.caller.actor }]);
  });

  test('is among what `errors retry` tries again', async () => {
    const { opportunityId } = world.company.deals.toReopen;
    await story.moveTo(opportunityId, 'Closed Won');
    await refuseOnce();
    await story.approveAndApply(opportunityId);
    const [refused] = await orderIntents(opportunityId);

    const retried = await retryErrors(world.deps, world.caller, {});
    await world.drain();

    expect(refused?.state).toBe('QUARANTINED');
    expect(retried.intents).toBe(1);
    expect(await orderIntents(opportunityId)).toMatchObject([
      { revision: 1, state: 'APPLIED', readBack: true },
    ]);
    expect(await planOf(opportunityId)).toMatchObject({ status: 'applied' });
  });

  test('gets no new revision while nothing about it changes', async () => {
    await world.ask('sync-entitlements');
    await world.drain();
    const quarantined = await world.force(
      `update intent i set state = 'QUARANTINED', read_back = false where state = 'APPLIED' and object = 'Asset'
         and revision = (select max(j.revision) from intent j where j.external_id = i.external_id)`,
    );
    const before = await world.inTx((tx) => listIntents(tx, { object: 'Asset', limit: 500 }));

    for (let turn = 0; turn < 3; turn += 1) {
      await world.ask('sync-entitlements');
      await world.drain({ without: ['deliver'] });
    }

    const after = await world.inTx((tx) => listIntents(tx, { object: 'Asset', limit: 500 }));
    expect(quarantined).toBeGreaterThan(0);
    expect(after).toHaveLength(before.length);
  });
});

describe('a write in conflict', () => {
  test('is written over as the next revision when a person who may approve its plan tries it again', async () => {
    const { opportunityId } = world.company.deals.toClose;
    const [applied] = await orderIntents(opportunityId);
    await world.force(`update intent set state = 'CONFLICT', read_back = false where id = $1`, [
      applied?.id ?? '',
    ]);

    const approver = { ...world.caller, permissions: new Set(['plans:approve'] as const) };
    const byEditor = [
      retry(applied?.id ?? ''),
      retryErrors(world.deps, world.caller, { id: applied?.id ?? '' }),
    ];
    for (const each of await Promise.allSettled(byEditor))
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'forbidden' } });
    const sent = await retryIntent(world.deps, approver, applied?.id ?? '');
    await world.drain();

    const rows = await orderIntents(opportunityId);
    expect(sent).toMatchObject({ revision: 2, state: 'PLANNED', payload: applied?.payload });
    expect(rows.map(({ revision, state }) => `${revision}:${state}`).toSorted()).toEqual([
      '1:SUPERSEDED',
      '2:APPLIED',
    ]);
  });
});

describe('what cannot be tried again', () => {
  test('an unknown intent, one that goes on by itself, and one that a later revision overtook', async () => {
    const rows = await orderIntents(world.company.deals.toClose.opportunityId);
    const [second, first] = rows.toSorted((a, b) => b.revision - a.revision);
    await world.force(`update intent set state = 'QUARANTINED', read_back = false where id = $1`, [
      first?.id ?? '',
    ]);

    await expect(retry('nothing')).rejects.toThrow(NotFoundError);
    await expect(retry(second?.id ?? '')).rejects.toThrow(StaleError);
    await expect(retry(first?.id ?? '')).rejects.toThrow(StaleError);
    expect((await retryErrors(world.deps, world.caller, {})).intents).toBeGreaterThanOrEqual(0);
    expect(
      (await orderIntents(world.company.deals.toClose.opportunityId)).find(
        ({ id }) => id === first?.id,
      )?.state,
    ).toBe('QUARANTINED');
  });
});
