import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { dealStory, statuses, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents } from '../../delivery/intents.ts';
import { listPlans } from '../../delivery/plans.ts';
import { getConnection } from '../../intake/connections.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { RehearsalDeal } from '../../sample/company.ts';
import { checkConnection } from './check-connection.ts';

// Two deals on their way into the vendors' systems: each test takes up what the one before it left.

let world: Harness;
let story: DealStory;
let first: RehearsalDeal;
let second: RehearsalDeal;

beforeAll(async () => {
  world = await startHarness();
  story = dealStory(world);
  first = world.company.deals.toReopen;
  second = world.company.deals.toClose;
  for (const each of ['crm', 'erp']) await world.pull(each);
}, 90_000);
afterAll(() => world?.stop());

const oracles = async () => [
  ...(await world.twins.salesforce.oracle()),
  ...(await world.twins.netsuite.oracle()),
];
const creates = async (object: string, externalId: string) =>
  (await oracles()).filter((each) => each.object === object && each.externalId === externalId);
const lastPlan = async (deal: RehearsalDeal) => {
  const [plan] = await story.plansOf(deal.opportunityId);
  if (plan === undefined) throw new Error('There is no plan.');
  return plan;
};
const intentOf = async (deal: RehearsalDeal, object: string) => {
  const { id } = await lastPlan(deal);
  const found = (await story.intentsOf(id)).find((each) => each.object === object);
  if (found === undefined) throw new Error(`The plan has no intent for ${object}.`);
  return found;
};
const inErp = (id: string, fields: JsonObject) =>
  world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'update', id, fields });
const linesOf = (order: JsonObject) =>
  (order['item'] as unknown as { items: { isClosed: boolean }[] }).items;

describe('a connection that is read-only', () => {
  test('nothing is sent, and the intents wait without using up anything', async () => {
    await story.moveTo(first.opportunityId, 'Closed Won');
    await story.approveAndApply(first.opportunityId);

    const plan = await lastPlan(first);
    const intents = await story.intentsOf(plan.id);

    expect(await oracles()).toEqual([]);
    expect(plan.status).toBe('applying');
    expect(intents).toHaveLength(2);
    for (const intent of intents) expect(intent).toMatchObject({ state: 'PLANNED', attempts: 0 });
  });

  test('once a person opens it, what waited is sent at once', async () => {
    await world.allowWrites();
    await world.drain();

    const plan = await lastPlan(first);
    const intents = await story.intentsOf(plan.id);

    expect(plan.status).toBe('applied');
    for (const intent of intents) {
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
      expect(await creates(intent.object, intent.externalId)).toHaveLength(1);
    }
  });
});

describe('an answer that gets lost', () => {
  test('F-13: the ERP applied the order, so it is found by reading back and not sent again', async () => {
    await world.twins.netsuite.faults({
      action: 'apply_then_reset',
      match: { method: 'PUT', path: 'salesOrder' },
      times: 1,
    });
    await world.twins.salesforce.faults({
      action: 'reset_before',
      match: { path: 'composite' },
      times: 1,
    });
    await story.moveTo(second.opportunityId, 'Closed Won');
    await story.approveAndApply(second.opportunityId);
    const unknown = await intentOf(second, 'salesOrder');

    await world.drain({ skipWaits: true });

    const settled = await intentOf(second, 'salesOrder');
    expect(unknown).toMatchObject({ state: 'UNKNOWN', readBack: false });
    expect(settled).toMatchObject({ id: unknown.id, state: 'APPLIED', readBack: true });
    expect(await creates('salesOrder', settled.externalId)).toMatchObject([
      { operation: 'create' },
    ]);
  });

  test('the CRM never saw the contract, so it is sent again, once the first call cannot come any more', async () => {
    await world.drain({ skipWaits: true });
    const waiting = await intentOf(second, 'Contract');
    for (let turn = 0; turn < 3; turn += 1) await world.drain({ skipWaits: true, endLeases: true });

    const intent = await intentOf(second, 'Contract');

    expect(waiting).toMatchObject({ state: 'UNKNOWN' });
    expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
    expect(intent.attempts).toBeGreaterThan(1);
    expect(await creates('Contract', intent.externalId)).toMatchObject([{ operation: 'create' }]);
    expect(await lastPlan(second)).toMatchObject({ status: 'applied' });
  });
});

describe('a deal that is opened again after a line was billed', () => {
  test('waits for a person, and says which line was billed', async () => {
    const order = await story.orderOf((await lastPlan(second)).id);
    const billed = { items: [{ line: 1, quantityBilled: second.lines[0]?.quantity ?? '' }] };
    await inErp(textOf(order, 'id'), { orderStatus: { id: 'B' }, item: billed });
    await world.pull('erp');

    await story.moveTo(second.opportunityId, 'Negotiation/Review');

    const plan = await story.waiting(second.opportunityId);
    expect(plan).toMatchObject({
      kind: 'reopen',
      body: { notes: [expect.stringContaining('Line 1')] },
    });
    expect(
      linesOf(await story.orderOf((await appliedBefore()).id)).some(({ isClosed }) => isClosed),
    ).toBe(false);
  });

  test('approved, it closes the other lines and reverses their rights alone', async () => {
    await story.approveAndApply(second.opportunityId);
    await world.pull('erp');

    const plan = await lastPlan(second);
    const order = await story.orderOf(plan.id);
    const owned = await story.entitlementsOf(plan.subject);

    expect(plan).toMatchObject({ kind: 'reopen', status: 'applied' });
    expect(linesOf(order).map(({ isClosed }) => isClosed)).toEqual(
      second.lines.map((_, at) => at > 0),
    );
    expect(statuses(owned)).toEqual(['active', 'reversed', 'reversed']);
  });

  const appliedBefore = async () => {
    const plan = (await story.plansOf(second.opportunityId)).find(
      (each) => each.kind === 'closed_won',
    );
    if (plan === undefined) throw new Error('The deal was never planned.');
    return plan;
  };
});

describe('credentials that stopped working', () => {
  test('the effect waits, nothing was sent, and the connection asks for credentials', async () => {
    await world.twins.netsuite.faults({
      action: 'status',
      status: 401,
      match: { path: 'record/v1' },
    });
    await story.moveTo(first.opportunityId, 'Negotiation/Review');

    const intent = await intentOf(first, 'salesOrder');
    const { status } = await world.inTx((tx) => getConnection(tx, 'erp'));

    expect(intent).toMatchObject({ state: 'PLANNED', revision: 2 });
    expect(status).toBe('reauth_required');
    expect(await creates('salesOrder', intent.externalId)).toHaveLength(1);
  });

  test('with working ones the connection is checked and what waited is sent', async () => {
    await world.twins.netsuite.faults();

    await checkConnection(world.deps, world.caller, 'erp');
    await world.drain({ skipWaits: true });

    const intent = await intentOf(first, 'salesOrder');
    expect(intent).toMatchObject({ state: 'APPLIED', readBack: true, revision: 2 });
    expect(
      (await creates('salesOrder', intent.externalId)).map(({ operation }) => operation),
    ).toEqual(['create', 'update']);
  });
});

test('F-50: what we wrote comes back by reading both sides, and starts no plan and no second write', async () => {
  const stands = async () => ({
    plans: (await world.inTx((tx) => listPlans(tx, { limit: 500 }))).length,
    own: (await world.inTx((tx) => listIntents(tx, { limit: 1_000 }))).filter(
      ({ object }) => object === 'Contract' || object === 'salesOrder',
    ).length,
    written: (await oracles()).filter(({ object }) => object === 'Contract' || object === 'salesOrder').length,
  });
  const before = await stands();

  for (const side of ['crm', 'erp', 'crm', 'erp']) await world.pull(side, { skipWaits: true });

  expect(before.written).toBeGreaterThan(1);
  expect(await stands()).toEqual(before);
  for (const object of ['Contract', 'salesOrder', 'Asset', 'Opportunity', 'estimate']) {
    const made = (await oracles()).filter((each) => each.object === object && each.operation === 'create');
    expect(new Set(made.map(({ externalId }) => externalId)).size).toBe(made.length);
  }
}, 60_000); // prettier-ignore
