import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dealStory, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { CommerceSettings } from '../../commerce/settings.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { RehearsalDeal } from '../../sample/company.ts';
import { approvePlan } from './approve-plan.ts';
import { decidePlan } from './decide-plan.ts';
import { putSettings } from './put-settings.ts';

// A deal that becomes known 46 days after it was won. Each test takes up the story where the one before it left it.

const WON_ON = '2026-01-15';
const DAYS_LATE = 46;

let world: Harness;
let story: DealStory;
let deal: RehearsalDeal;
let renewedBy: string;

beforeAll(async () => {
  world = await startHarness();
  story = dealStory(world);
  deal = world.company.deals.toClose;
  for (const each of ['crm', 'erp']) await world.pull(each);
  const autoApproveUpTo = [{ amount: '100000000.00', currency: deal.currency }];
  const settings = CommerceSettings.parse({ approval: { autoApproveUpTo } });
  await putSettings(world.deps, world.caller, settings);
  await world.allowWrites();
  await world.drain();
}, 90_000);
afterAll(() => world?.stop());

const writes = async () => [
  ...(await world.twins.netsuite.oracle()).filter((each) => each.object === 'salesOrder'),
  ...(await world.twins.salesforce.oracle()).filter((each) => each.object === 'Contract'),
];
const change = (fields: JsonObject) =>
  world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id: deal.opportunityId, fields }); // prettier-ignore
const plans = () => story.plansOf(deal.opportunityId);
const newest = async () => {
  const [plan] = await plans();
  if (plan === undefined) throw new Error('The deal has no plan.');
  return plan;
};
const decide = async (as: 'additional' | 'renewal' | 'rejected') =>
  decidePlan(world.deps, world.caller, { id: (await newest()).id, hash: (await newest()).hash, as }); // prettier-ignore
const lookAgain = async (): Promise<void> => {
  await world.ask('detect-closed-won');
  await world.drain();
};
/** What the deal sells, entered by hand in the ERP and approved there. */
async function orderByHand(): Promise<string> {
  const items = await world.twins.netsuite.records('item');
  const idOf = new Map(items.map((item) => [item['itemId'], item['id'] ?? '']));
  const customers = await world.twins.netsuite.records('customer');
  const customer = customers.find((each) => each['id'] === deal.customerId);
  const lines = deal.lines.map((line) => ({
    item: { id: idOf.get(line.sku) ?? '' },
    quantity: line.quantity,
    rate: line.unitPrice,
    custcol_trueup_service_start: line.serviceFrom,
    custcol_trueup_service_end: line.serviceTo,
  }));
  const fields = {
    entity: { id: deal.customerId },
    subsidiary: customer?.['subsidiary'] ?? null,
    currency: customer?.['currency'] ?? null,
    tranDate: '2026-02-20',
    orderStatus: { id: 'B' },
    item: { items: lines },
  };
  return world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'create', fields });
}

describe('F-45: a deal that comes a month late', () => {
  test('is planned and marked with its days, and no policy approves it', async () => {
    await change({ StageName: 'Closed Won', CloseDate: WON_ON });
    await world.pull('crm');

    const plan = await newest();

    expect(plan).toMatchObject({ status: 'waiting', approvedBy: null });
    expect(plan.body).toMatchObject({ late: { since: WON_ON, days: DAYS_LATE }, problems: [] });
    expect(plan.body.review).toBeUndefined();
    expect(await writes()).toEqual([]);
  });

  test('is for review once its customer holds the rights: it names the days, the order and the choices', async () => {
    renewedBy = await orderByHand();
    await world.pull('erp');
    await lookAgain();

    const [plan, former] = await plans();

    expect(former).toMatchObject({ status: 'superseded' });
    expect(plan).toMatchObject({ status: 'review', approvedBy: null });
    expect(plan?.body.review?.choices).toEqual(['additional', 'renewal', 'rejected']);
    expect(new Set(plan?.body.review?.standing.map((right) => right.orderRef))).toContain(renewedBy);
    expect(plan?.body.notes.join(' ')).toContain(`${DAYS_LATE} days`);
    expect(await writes()).toEqual([]);
  }); // prettier-ignore

  test('is approved by nobody who does not say what it is', async () => {
    const { id, hash } = await newest();

    const approving = approvePlan(world.deps, world.caller, { id, hash });

    await expect(approving).rejects.toMatchObject({ code: 'validation_failed' });
    expect(await newest()).toMatchObject({ id, status: 'review' });
  });

  test('linked as the renewal that was made meanwhile it writes nothing, and is not planned again', async () => {
    const { id } = await decide('renewal');
    const before = await plans();

    await lookAgain();

    expect(await plans()).toEqual(before);
    expect(await newest()).toMatchObject({ id, status: 'linked', decision: 'renewal' });
    expect(await writes()).toEqual([]);
    const audited = await world.inTx((tx) =>
      tx.sql(
        `select a.subject_id as id, a.details from audit_event a where a.action = 'plan.decided'`,
      ),
    );
    expect(audited).toMatchObject([
      {
        id,
        details: { as: 'renewal', deal: `deal:crm:${deal.opportunityId}:1`, daysLate: DAYS_LATE },
      },
    ]);
  });

  test('edited after that it is for review again, and can be rejected', async () => {
    const linked = await newest();
    await change({ CloseDate: '2026-01-16' });
    await world.pull('crm');

    const again = await newest();
    await decide('rejected');
    await lookAgain();

    expect(again.id).not.toBe(linked.id);
    expect(again.status).toBe('review');
    expect(await newest()).toMatchObject({ id: again.id, status: 'rejected' });
    expect(await writes()).toEqual([]);
  });

  test('edited so that it does not come late any more, what a person said of it stands: no policy approves it', async () => {
    const before = await newest();
    await change({ CloseDate: '2026-03-01' });
    await world.pull('crm');

    const plan = await newest();

    expect(before).toMatchObject({ status: 'rejected' });
    expect(plan.body.late).toBeUndefined();
    expect(plan).toMatchObject({ status: 'waiting', approvedBy: null });
    expect(await writes()).toEqual([]);
  });

  test('left its won stage again, there is nothing to take back', async () => {
    await story.moveTo(deal.opportunityId, 'Negotiation/Review');

    expect((await plans()).filter((plan) => plan.kind === 'reopen')).toEqual([]);
    expect(await writes()).toEqual([]);
  });

  test('accepted as additional it is applied once, and policy may approve its later edits', async () => {
    await change({ StageName: 'Closed Won', CloseDate: WON_ON });
    await world.pull('crm');
    const { id, status } = await newest();

    await decide('additional');
    await world.ask('apply-plan', { planId: id });
    await world.drain();
    const applied = await newest();
    const written = await writes();
    await change({ CloseDate: '2026-01-17' });
    await world.pull('crm');

    expect(status).toBe('review');
    expect(applied).toMatchObject({ id, status: 'applied', decision: 'additional' });
    expect(written.map(({ operation }) => operation)).toEqual(['create', 'create']);
    expect(await newest()).toMatchObject({ status: 'applied', approvedBy: 'policy' });
  });
});
