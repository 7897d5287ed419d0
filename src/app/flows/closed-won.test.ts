import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { dealStory, statuses, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listPlans } from '../../delivery/plans.ts';
import { sumQuantities } from '../../kernel/quantity.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { RehearsalDeal } from '../../sample/company.ts';
import { approvePlan } from './approve-plan.ts';
import { requestApply } from './request-apply.ts';

// One deal's life from end to end: each test takes up the story where the one before it left it.

let world: Harness;
let story: DealStory;
let deal: RehearsalDeal;
let subject: string;

beforeAll(async () => {
  world = await startHarness();
  story = dealStory(world);
  deal = world.company.deals.toClose;
  subject = `deal:crm:${deal.opportunityId}:1`;
  for (const each of ['crm', 'erp']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
}, 90_000);
afterAll(() => world?.stop());

const licensed = () => deal.lines.filter((line) => line.licensed);
const orderCreates = async () =>
  (await world.twins.netsuite.oracle()).filter((each) => each.object === 'salesOrder');
const rightsGranted = async () => {
  const owned = await story.entitlementsOf(subject);
  const refs = new Set(owned.map(({ externalRef }) => externalRef));
  const all = await world.inTx((tx) => factsOf(tx, 'entitlementTransaction'));
  const own = all.filter(({ body }) => refs.has(body.entitlementRef));
  return sumQuantities(own.map(({ body }) => body.quantityDelta));
};
const isWonInLedger = async (): Promise<boolean> => {
  const where = { opportunityRef: deal.opportunityId, stageName: 'Closed Won' };
  return (await world.inTx((tx) => factsOf(tx, 'stageTransition', { where }))).length > 0;
};
const approveInErp = async (id: string): Promise<void> => {
  const fields = { orderStatus: { id: 'B' } };
  await world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'update', id, fields });
  await world.pull('erp');
};

describe('a deal is won', () => {
  test('deals that were won before the first read are history and give no plan', async () => {
    const states = await world.inTx((tx) =>
      tx.sql<{ state: string }>('select distinct state from deal'),
    );

    expect(states).toEqual([{ state: 'history' }]);
    expect(await world.inTx((tx) => listPlans(tx, { limit: 10 }))).toEqual([]);
  });

  test('while its lines are still being read a won deal is not planned from halves', async () => {
    let plansMeanwhile: number | undefined;
    world.hooks.afterPage = async (stream) => {
      if (stream !== 'OpportunityLineItem') return;
      while (!(await isWonInLedger())) await world.drain({ without: ['pull'] });
      await world.ask('detect-closed-won');
      await world.drain({ without: ['pull'] });
      plansMeanwhile = (await story.plansOf(deal.opportunityId)).length;
    };

    await story.moveTo(deal.opportunityId, 'Closed Won');
    world.hooks.afterPage = async () => undefined;

    expect(plansMeanwhile).toBe(0);
    expect(await story.plansOf(deal.opportunityId)).toHaveLength(1);
  });

  test('closed-won gives one plan with the order, the contract and draft entitlements', async () => {
    const [plan, ...others] = await story.plansOf(deal.opportunityId);

    expect(others).toEqual([]);
    expect(plan).toMatchObject({ kind: 'closed_won', status: 'waiting', subject });
    expect(plan?.body.effects.map(({ object }) => object)).toEqual(['salesOrder', 'Contract']);
    expect(plan?.body.total).toEqual({ amount: deal.amount, currency: deal.currency });
    expect(plan?.body.entitlements).toHaveLength(licensed().length);
  });

  test('F-42: looked for ten times more, it is the same one plan', async () => {
    const before = await story.plansOf(deal.opportunityId);

    for (let time = 0; time < 10; time += 1) {
      await world.ask('detect-closed-won');
      await world.drain();
    }

    expect(await story.plansOf(deal.opportunityId)).toEqual(before);
  });

  test('a read of deals alone does not ask for rights, which come from other records; a read of orders, customers or products does', async () => {
    const asked = async (connection: string, stream: string): Promise<boolean> => {
      await world.pull(connection, { streams: [stream], without: ['sync-entitlements'] });
      const sql = "select w.key from outbox w where w.job = 'sync-entitlements'";
      const rows = await world.inTx((tx) => tx.sql(sql));
      await world.drain();
      return rows.length > 0;
    };

    const places = [
      ['crm', 'Opportunity'],
      ['crm', 'OpportunityHistory'],
      ['crm', 'OpportunityLineItem'],
      ['crm', 'Account'],
      ['crm', 'Product2'],
      ['erp', 'salesOrder'],
    ] as const;
    const found: boolean[] = [];
    for (const [connection, stream] of places) found.push(await asked(connection, stream));

    expect(found).toEqual([false, false, false, true, true, true]);
  });
});

describe('its plan is approved', () => {
  test('an approval of another hash is refused, and nothing is approved', async () => {
    const { id } = await story.waiting(deal.opportunityId);

    const approving = approvePlan(world.deps, world.caller, { id, hash: 'f'.repeat(64) });

    await expect(approving).rejects.toMatchObject({ code: 'conflict' });
    await expect(requestApply(world.deps, world.caller, id)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await story.waiting(deal.opportunityId)).toMatchObject({ id });
  });

  test('applied after the deal has changed it does nothing: it is stale, and a new plan waits', async () => {
    const old = await story.waiting(deal.opportunityId);
    await approvePlan(world.deps, world.caller, old);
    const { opportunityId: id } = deal;
    const fields = { CloseDate: '2026-03-03' };
    await world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id, fields });
    await world.pull('crm', { without: ['detect-closed-won'] });

    const applying = requestApply(world.deps, world.caller, old.id);
    await expect(applying).rejects.toMatchObject({
      code: 'conflict',
      details: {
        moved: expect.arrayContaining([
          expect.objectContaining({ path: `opportunity ${id}.closeDate`, now: '2026-03-03' }),
        ]) as unknown,
      },
    });
    await world.drain({ without: ['detect-closed-won'] });
    const refused = await story.plansOf(id);
    await world.drain();

    const [newest, former] = await story.plansOf(id);
    expect(refused).toMatchObject([{ id: old.id, status: 'stale' }]);
    expect(newest).toMatchObject({
      status: 'waiting',
      body: { order: { orderDate: '2026-03-03' } },
    });
    expect(former).toMatchObject({ id: old.id, status: 'superseded' });
    expect(await orderCreates()).toEqual([]);
    expect(await story.entitlementsOf(subject)).toEqual([]);
  });

  test('applied, it stands in both systems once, and each effect was read back', async () => {
    const plan = await story.approveAndApply(deal.opportunityId);

    const intents = await story.intentsOf(plan.id);
    const contracts = (await world.twins.salesforce.oracle()).filter(
      (each) => each.object === 'Contract',
    );

    expect(intents.map(({ object }) => object).toSorted()).toEqual(['Contract', 'salesOrder']);
    for (const intent of intents)
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
    expect(await orderCreates()).toMatchObject([
      { operation: 'create', externalId: expect.any(String) },
    ]);
    expect(contracts).toMatchObject([{ operation: 'create' }]);
    expect((await story.plansOf(deal.opportunityId))[0]).toMatchObject({
      id: plan.id,
      status: 'applied',
    });
  });

  test('asked for again, an applied plan changes nothing in either system', async () => {
    const [plan] = await story.plansOf(deal.opportunityId);
    const before = [await world.twins.netsuite.oracle(), await world.twins.salesforce.oracle()];

    await requestApply(world.deps, world.caller, plan?.id ?? '');
    await world.ask('apply-plan', { planId: plan?.id ?? '' });
    await world.drain();

    expect([await world.twins.netsuite.oracle(), await world.twins.salesforce.oracle()]).toEqual(
      before,
    );
  });
});

describe('rights start with the order', () => {
  test('while the order waits for approval, rights are a draft, also after the ERP was read', async () => {
    await world.pull('erp');

    const owned = await story.entitlementsOf(subject);

    expect(statuses(owned)).toEqual(licensed().map(() => 'draft'));
    expect(await rightsGranted()).toBe('0');
  });

  test('once the order left approval they are active and the CRM shows them', async () => {
    const [plan] = await story.plansOf(deal.opportunityId);
    const order = await story.orderOf(plan?.id ?? '');

    await approveInErp(textOf(order, 'id'));

    const shown = await world.twins.salesforce.records('Asset');
    const own = shown.filter(
      (asset) => asset['AccountId'] === deal.accountId && asset['Trueup_Id__c'] !== null,
    );
    expect(statuses(await story.entitlementsOf(subject))).toEqual(licensed().map(() => 'active'));
    expect(own.map((asset) => asset['Trueup_Entitlement_Status__c'])).toEqual(
      licensed().map(() => 'active'),
    );
  });

  test('an order that was born in the ERP gives equal rights', async () => {
    const other = world.company.deals.toReopen;
    const items = deal.lines.map((line) => ({
      item: { refName: line.sku },
      quantity: line.quantity,
      rate: line.unitPrice,
      custcol_trueup_service_start: line.serviceFrom,
      custcol_trueup_service_end: line.serviceTo,
    }));
    const catalogue = await world.twins.netsuite.records('item');
    const byName = new Map(catalogue.map((item) => [item['itemId'], item['id'] ?? '']));
    const known = items.map(({ item, ...rest }) => ({
      ...rest,
      item: { id: byName.get(item.refName) ?? '' },
    }));
    const [customer] = (await world.twins.netsuite.records('customer')).filter(
      (each) => each['id'] === other.customerId,
    );
    const id = await world.twins.netsuite.mutate({
      object: 'salesOrder',
      operation: 'create',
      fields: {
        entity: { id: other.customerId },
        subsidiary: customer?.['subsidiary'] ?? null,
        currency: customer?.['currency'] ?? null,
        tranDate: '2026-03-02',
        orderStatus: { id: 'B' },
        item: { items: known },
      },
    });
    await world.pull('erp');

    const born = await world.inTx((tx) => factsOf(tx, 'entitlement', { where: { orderRef: id } }));
    const figures = (facts: typeof born) =>
      facts
        .map(({ body }) =>
          [
            body.skuCode,
            body.status,
            body.plannedQuantity,
            body.plannedFrom,
            body.plannedTo,
            body.unitPrice,
          ].join(' '),
        )
        .toSorted();
    expect(figures(born)).toEqual(figures(await story.entitlementsOf(subject)));
    expect(born.map(({ body }) => body.ownerRef)).toEqual(licensed().map(() => other.accountId));
  });
});

describe('the deal is opened again', () => {
  test('its lines are closed and its rights reversed, before and after the ERP is read again', async () => {
    const [plan] = await story.plansOf(deal.opportunityId);

    await story.moveTo(deal.opportunityId, 'Negotiation/Review');
    await world.ask('sync-entitlements');
    await world.drain();
    const atOnce = [statuses(await story.entitlementsOf(subject)), await rightsGranted()];
    await world.pull('erp');
    const afterwards = [statuses(await story.entitlementsOf(subject)), await rightsGranted()];

    const reversed = [licensed().map(() => 'reversed'), '0'];
    const order = (await story.orderOf(plan?.id ?? '')) as unknown as {
      item: { items: { isClosed: boolean }[] };
    };
    expect(atOnce).toEqual(reversed);
    expect(afterwards).toEqual(reversed);
    expect(order.item.items.map(({ isClosed }) => isClosed)).toEqual(deal.lines.map(() => true));
    expect((await orderCreates()).map(({ operation }) => operation)).toEqual(['create', 'update']);
  });

  test('won a second time it is a new deal with an order of its own', async () => {
    await story.moveTo(deal.opportunityId, 'Closed Won');

    const plan = await story.approveAndApply(deal.opportunityId);

    expect(plan.subject).toBe(`deal:crm:${deal.opportunityId}:2`);
    expect((await orderCreates()).map(({ operation }) => operation)).toEqual([
      'create',
      'update',
      'create',
    ]);
  });
});
