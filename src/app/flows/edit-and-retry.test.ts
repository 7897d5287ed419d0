import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dealStory, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIncidents } from '../../delivery/handle-incident.ts';
import { ForbiddenError } from '../../kernel/errors.ts';
import { permissionsOf } from '../../security/permissions.ts';
import { editAndRetry } from './edit-and-retry.ts';
import { listErrorGroups, showErrorGroup } from './list-error-groups.ts';
import { retryErrors } from './retry-errors.ts';
import { traceId } from './trace-id.ts';

// Two deals whose orders the ERP refuses: each test takes up what the one before it left.

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

const finance = () => ({ ...world.caller, permissions: permissionsOf(['finance']) });
const refuseOrders = (times: number) =>
  world.twins.netsuite.faults({
    action: 'status',
    status: 400,
    match: { method: 'PUT', path: 'salesOrder' },
    times,
  });
const planOf = async (opportunityId: string) => {
  const [plan] = await story.plansOf(opportunityId);
  if (plan === undefined) throw new Error('There is no plan.');
  return plan;
};
const orderIntents = async (opportunityId: string) =>
  (await story.intentsOf((await planOf(opportunityId)).id))
    .filter((each) => each.object === 'salesOrder')
    .toSorted((a, b) => a.revision - b.revision);
const refusedOrders = () => listErrorGroups(world.deps, world.caller, { class: 'refused' });
const created = async (externalId: string) =>
  (await world.twins.netsuite.oracle()).filter((each) => each.externalId === externalId);

describe('orders that the ERP refuses', () => {
  test('for one cause are one group with the money of their plans', async () => {
    const { toClose, toReopen } = world.company.deals;
    await refuseOrders(2);
    for (const { opportunityId } of [toClose, toReopen]) {
      await story.moveTo(opportunityId, 'Closed Won');
      await story.approveAndApply(opportunityId);
    }

    const [group, ...others] = await refusedOrders();

    const totals = [
      (await planOf(toClose.opportunityId)).body.total,
      (await planOf(toReopen.opportunityId)).body.total,
    ];
    const shown = await showErrorGroup(world.deps, world.caller, group?.id ?? '');
    expect(others).toEqual([]);
    expect(group).toMatchObject({ system: 'erp', object: 'salesOrder', count: 2, records: 2 });
    const cents = (texts: readonly (string | undefined)[]): number =>
      texts.reduce((sum, text) => sum + Math.round(Number(text) * 100), 0);
    expect(cents((group?.money ?? []).map(({ amount }) => amount))).toBe(
      cents(totals.map((total) => total?.amount)),
    );
    expect(new Set(shown.members.map(({ planId }) => planId))).toEqual(
      new Set([
        (await planOf(toClose.opportunityId)).id,
        (await planOf(toReopen.opportunityId)).id,
      ]),
    );
  });

  test('set by hand by somebody who may not approve plans, nothing is sent', async () => {
    const [order] = await orderIntents(world.company.deals.toClose.opportunityId);
    const edit = { id: order?.id ?? '', fields: { memo: 'x' }, reason: 'x' };

    const editor = { ...world.caller, permissions: permissionsOf(['editor']) };

    await expect(editAndRetry(world.deps, editor, edit)).rejects.toThrow(ForbiddenError);
    expect(await orderIntents(world.company.deals.toClose.opportunityId)).toHaveLength(1);
  });

  test('are sent with the value that a person set, once, and the plan becomes applied', async () => {
    const { opportunityId } = world.company.deals.toClose;
    const [refused] = await orderIntents(opportunityId);
    const before = refused?.payload['otherRefNum'] ?? null;

    const edited = await editAndRetry(world.deps, finance(), {
      id: refused?.id ?? '',
      fields: { otherRefNum: 'PO-BY-HAND' },
      reason: 'the customer gave another number',
    });
    await world.drain();

    const orders = await orderIntents(opportunityId);
    expect(orders.map(({ revision, state, readBack }) => [revision, state, readBack])).toEqual([
      [1, 'SUPERSEDED', false],
      [2, 'APPLIED', true],
    ]);
    expect(await story.orderOf((await planOf(opportunityId)).id)).toMatchObject({
      otherRefNum: 'PO-BY-HAND',
    });
    expect(await created(refused?.externalId ?? '')).toMatchObject([{ operation: 'create' }]);
    expect(await planOf(opportunityId)).toMatchObject({ status: 'applied' });
    expect(edited.candidates).toMatchObject([{ field: 'otherRefNum', records: 1 }]);
    expect(edited.edits).toMatchObject([{ before, after: 'PO-BY-HAND', by: world.caller.actor }]);
  });

  test('show in their trace what was set by hand, by whom and why', async () => {
    const { opportunityId } = world.company.deals.toClose;

    const { hops } = await traceId(world.deps, world.caller, opportunityId);

    const at = hops.findIndex(({ kind }) => kind === 'edit');
    expect(hops[at]).toMatchObject({ system: 'erp', object: 'salesOrder' });
    expect(hops[at]?.summary).toContain('to "PO-BY-HAND" by');
    expect(hops[at]?.summary).toContain('the customer gave another number');
    expect(hops.slice(0, at).some(({ kind }) => kind === 'intent')).toBe(true);
  });

  test('are tried again by their cause as the same intent, and the group is gone', async () => {
    const { opportunityId } = world.company.deals.toReopen;
    const [refused] = await orderIntents(opportunityId);
    const [group] = await refusedOrders();

    const retried = await retryErrors(world.deps, world.caller, { id: group?.id });
    await world.drain();

    expect(retried).toEqual({ records: 0, intents: 1, work: 0 });
    expect(await orderIntents(opportunityId)).toMatchObject([
      { id: refused?.id, revision: 1, state: 'APPLIED', readBack: true },
    ]);
    expect(await refusedOrders()).toEqual([]);
  });
});

describe('the watch over a real company', () => {
  const incidents = async () => {
    await world.ask('watch-incidents');
    await world.drain();
    return world.inTx((tx) => listIncidents(tx, { limit: 50 }));
  };

  test('opens an incident for a read that a person asked for and that failed, and ends it with the next that works', async () => {
    const quiet = await incidents();
    await world.twins.salesforce.faults({ action: 'status', status: 500, match: {}, times: 200 });
    const failed = await world.pull('crm', { full: true });
    const during = await incidents();
    await world.twins.salesforce.faults();
    await world.pull('crm');

    const after = await incidents();
    expect(quiet).toEqual([]);
    expect(failed.status).toBe('failed');
    expect(during).toMatchObject([{ kind: 'failed_run', key: 'crm', status: 'open' }]);
    expect(after).toMatchObject([{ kind: 'failed_run', status: 'closed', cause: 'passed' }]);
  });
});
