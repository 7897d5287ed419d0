import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { dealStory, statuses, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import type { TenantTx } from '../../db/store.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { RehearsalDeal } from '../../sample/company.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { approvePlan } from './approve-plan.ts';
import { changeConnection } from './change-connection.ts';
import { requestApply } from './request-apply.ts';
import { syncEntitlements } from './sync-entitlements.ts';

// Each test takes up the story where the one before it left it.

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

const REOPENED = 'Negotiation/Review';
const licensed = (deal: RehearsalDeal) => deal.lines.filter((line) => line.licensed);
const all = (deal: RehearsalDeal, status: 'active' | 'reversed') =>
  licensed(deal).map(() => status);
const rights = async (dealId: string) => statuses(await story.entitlementsOf(dealId));

/** Wins the deal and lets its order stand approved in the ERP; returns the deal's and the order's id. */
async function winAndOrder(deal: RehearsalDeal): Promise<{ dealId: string; orderId: string }> {
  await story.moveTo(deal.opportunityId, 'Closed Won');
  const plan = await story.approveAndApply(deal.opportunityId);
  const orderId = textOf(await story.orderOf(plan.id), 'id');
  await editOrder(orderId, { orderStatus: { id: 'B' } });
  await world.pull('erp');
  return { dealId: plan.subject, orderId };
}

async function editOrder(id: string, fields: JsonObject): Promise<void> {
  await world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'update', id, fields });
}

async function linesInErp(id: string): Promise<readonly JsonObject[]> {
  const orders = await world.twins.netsuite.records('salesOrder');
  const order = orders.find((each) => each['id'] === id) as unknown as {
    item: { items: readonly JsonObject[] };
  };
  return order.item.items;
}

describe('a deal is opened again after part of it was billed', () => {
  let dealId: string;
  let orderId: string;
  let deal: RehearsalDeal;

  test('approved before the rest was billed too, its reversal is refused and closes nothing', async () => {
    deal = world.company.deals.toClose;
    ({ dealId, orderId } = await winAndOrder(deal));
    const [first] = deal.lines;
    const billed = { line: 1, quantityBilled: first?.quantity ?? '' };
    await editOrder(orderId, { item: { items: [billed] } });
    await world.pull('erp');
    await story.moveTo(deal.opportunityId, REOPENED);
    const plan = await story.waiting(deal.opportunityId);
    const items = deal.lines.map((line, at) => ({ line: at + 1, quantityBilled: line.quantity }));
    await editOrder(orderId, { item: { items } });
    await world.pull('erp', { without: ['detect-closed-won'] });
    await world.inTx((tx) => tx.run(`delete from outbox where job = 'detect-closed-won'`));

    await approvePlan(world.deps, world.caller, plan);
    const applying = requestApply(world.deps, world.caller, plan.id);
    await expect(applying).rejects.toThrow('quantityBilled: approved 0, now ');
    await world.drain();

    expect((await story.plansOf(deal.opportunityId))[0]).toMatchObject({
      id: plan.id,
      status: 'stale',
    });
    expect(await story.intentsOf(plan.id)).toEqual([]);
    expect(await rights(dealId)).toEqual(all(deal, 'active'));
    expect((await linesInErp(orderId)).map((line) => line['isClosed'] ?? false)).toEqual(
      deal.lines.map(() => false),
    );
  });

  test('after a while, not at once, it is planned anew from what was billed, and waits for a person', async () => {
    await world.drain({ skipWaits: true });

    const plan = await story.waiting(deal.opportunityId);

    expect(plan.kind).toBe('reopen');
    expect(plan.body.notes).toHaveLength(deal.lines.length);
    expect(plan.body.inputs.map(({ noun }) => noun)).toEqual([
      'order',
      ...deal.lines.map(() => 'orderLine'),
    ]);
  });
});

describe('a deal is opened again while its ERP is closed for writing', () => {
  let dealId: string;
  let orderId: string;
  let deal: RehearsalDeal;

  test('its rights stay reversed, whatever the ERP says before it was told to close the lines', async () => {
    deal = world.company.deals.toReopen;
    await story.moveTo(deal.opportunityId, 'Closed Won');
    const won = await story.approveAndApply(deal.opportunityId);
    dealId = won.subject;
    orderId = textOf(await story.orderOf(won.id), 'id');
    await world.pull('erp');
    await changeConnection(world.deps, world.caller, { id: 'erp', mode: 'read-only' });
    await story.moveTo(deal.opportunityId, REOPENED);
    const atOnce = await rights(dealId);

    await editOrder(orderId, { orderStatus: { id: 'B' } });
    await world.pull('erp');
    await world.ask('sync-entitlements');
    await world.drain();

    expect(atOnce).toEqual(all(deal, 'reversed'));
    expect(await rights(dealId)).toEqual(all(deal, 'reversed'));
  });

  test('once the ERP shows the lines closed, opening them there gives the rights again', async () => {
    await world.allowWrites();
    await world.drain({ skipWaits: true });
    await world.pull('erp');
    const closed = (await linesInErp(orderId)).map((line) => line['isClosed']);
    const before = await rights(dealId);

    const items = deal.lines.map((_, at) => ({ line: at + 1, isClosed: false }));
    await editOrder(orderId, { item: { items } });
    await world.pull('erp');

    expect(closed).toEqual(deal.lines.map(() => true));
    expect(before).toEqual(all(deal, 'reversed'));
    expect(await rights(dealId)).toEqual(all(deal, 'active'));
  });
});

describe('a deal is opened again while rights are being written', () => {
  test('the reversal is not lost, however the two overlap', async () => {
    const deal = world.company.deals.toReopen;
    const { dealId } = await winAndOrder(deal);
    const before = await rights(dealId);
    const { opportunityId: id } = deal;
    const fields = { StageName: REOPENED };
    await world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id, fields });
    await world.pull('crm', { without: ['apply-plan', 'sync-entitlements'] });

    await syncEntitlements(
      whenAboutToWrite(() => world.drain({ without: ['sync-entitlements'] })),
      alone(),
    );
    const meanwhile = await rights(dealId);
    await world.ask('sync-entitlements');
    await world.drain();

    expect(before).toEqual(all(deal, 'active'));
    expect(meanwhile).toEqual(all(deal, 'reversed'));
    expect(await rights(dealId)).toEqual(all(deal, 'reversed'));
  });
});

const alone = (): JobContext => ({
  tenantId: world.caller.tenantId,
  signal: new AbortController().signal,
  hold: async () => undefined,
});

/** Dependencies that let others go first, once, where the lock of our own facts is asked for. */
function whenAboutToWrite(step: () => Promise<void>): Deps {
  const { store } = world.deps;
  let waits = true;
  const watched = (tx: TenantTx): TenantTx => ({
    ...tx,
    sql: async (text, params) => {
      if (waits && text.includes('pg_advisory_xact_lock')) {
        waits = false;
        await step();
      }
      return tx.sql(text, params);
    },
  });
  return {
    ...world.deps,
    store: {
      ...store,
      withTenant: (tenantId, fn, options) =>
        store.withTenant(tenantId, (tx) => fn(watched(tx)), options),
    },
  };
}
