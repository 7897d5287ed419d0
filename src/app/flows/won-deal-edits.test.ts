import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { dealStory, statuses, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { CommerceSettings } from '../../commerce/settings.ts';
import { listIntents } from '../../delivery/intents.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { sumQuantities } from '../../kernel/quantity.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { RehearsalDeal } from '../../sample/company.ts';
import { putSettings } from './put-settings.ts';

// Each test takes up the story where the one before it left it.

let world: Harness;
let story: DealStory;
let deal: RehearsalDeal;
let dealId: string;
let orderId: string;

beforeAll(async () => {
  world = await startHarness();
  story = dealStory(world);
  deal = world.company.deals.toClose;
  for (const each of ['crm', 'erp']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
  await story.moveTo(deal.opportunityId, 'Closed Won');
  const plan = await story.approveAndApply(deal.opportunityId);
  dealId = plan.subject;
  orderId = textOf(await story.orderOf(plan.id), 'id');
  const fields = { orderStatus: { id: 'B' } };
  await mutateErp({ operation: 'update', id: orderId, fields });
  await world.pull('erp');
}, 120_000);
afterAll(() => world?.stop());

const licensed = () => deal.lines.filter((line) => line.licensed);
const mutateErp = (mutation: JsonObject) =>
  world.twins.netsuite.mutate({ object: 'salesOrder', ...mutation });
const mutateCrm = (object: string, id: string, fields: JsonObject) =>
  world.twins.salesforce.mutate({ object, operation: 'update', id, fields });
const grantedTo = async (refs: ReadonlySet<string>): Promise<string> => {
  const all = await world.inTx((tx) => factsOf(tx, 'entitlementTransaction'));
  const own = all.filter(({ body }) => refs.has(body.entitlementRef));
  return sumQuantities(own.map(({ body }) => body.quantityDelta));
};
const closeDateInLedger = async (): Promise<string | undefined> => {
  const refs = [deal.opportunityId];
  const [fact] = await world.inTx((tx) => factsOf(tx, 'opportunity', { refs }));
  return fact?.body.closeDate;
};

describe('a won deal that was applied', () => {
  test('is not planned again while none of its facts changed, not even under other settings', async () => {
    const before = await story.plansOf(deal.opportunityId);

    await putSettings(world.deps, world.caller, CommerceSettings.parse({ noticeDays: 7 }));
    await world.ask('detect-closed-won');
    await world.drain();

    expect(await story.plansOf(deal.opportunityId)).toEqual(before);
  });

  test('is not planned from halves of an edit, and holds up no other deal', async () => {
    const other = world.company.deals.toReopen;
    await mutateCrm('Opportunity', other.opportunityId, { StageName: 'Closed Won' });
    await world.pull('crm', { without: ['detect-closed-won'] });
    const [line] = (await world.twins.salesforce.records('OpportunityLineItem')).filter(
      (each) => each['OpportunityId'] === deal.opportunityId,
    );
    const lineId = line === undefined ? '' : textOf(line, 'Id');
    await mutateCrm('OpportunityLineItem', lineId, { Quantity: 77 });
    await mutateCrm('Opportunity', deal.opportunityId, { CloseDate: '2026-03-09' });
    let meanwhile: readonly number[] = [];
    world.hooks.afterPage = async (stream) => {
      if (stream !== 'OpportunityLineItem') return;
      while ((await closeDateInLedger()) !== '2026-03-09') await world.drain({ without: ['pull'] });
      await world.ask('detect-closed-won');
      await world.drain({ without: ['pull'] });
      meanwhile = [
        (await story.plansOf(deal.opportunityId)).length,
        (await story.plansOf(other.opportunityId)).length,
      ];
    };

    await world.pull('crm', { without: ['detect-closed-won'] });
    world.hooks.afterPage = async () => undefined;
    await world.drain();

    const plans = await story.plansOf(deal.opportunityId);
    expect(meanwhile).toEqual([1, 1]);
    expect(plans.map(({ status }) => status)).toEqual(['waiting', 'applied']);
    expect(plans[0]?.body.order?.orderDate).toBe('2026-03-09');
    expect(plans[0]?.body.order?.lines.map(({ quantity }) => quantity)).toContain('77');
  });

  test('put back to what was applied, the plan of the edit that still waits is withdrawn', async () => {
    const [, applied] = await story.plansOf(deal.opportunityId);
    const [line] = (await world.twins.salesforce.records('OpportunityLineItem')).filter(
      (each) => each['OpportunityId'] === deal.opportunityId && Number(each['Quantity']) === 77,
    );
    const sold = deal.lines.find(
      ({ sku }) => line !== undefined && sku === textOf(line, 'ProductCode'),
    );
    await putSettings(world.deps, world.caller, CommerceSettings.parse({}));

    await mutateCrm('OpportunityLineItem', line === undefined ? '' : textOf(line, 'Id'), {
      Quantity: Number(sold?.quantity),
    });
    await mutateCrm('Opportunity', deal.opportunityId, {
      CloseDate: applied?.body.order?.orderDate ?? '',
    });
    await world.pull('crm');

    const plans = await story.plansOf(deal.opportunityId);
    expect(plans.map(({ status }) => status)).toEqual(['superseded', 'applied']);
  });
});

describe('its order in the ERP', () => {
  test('copied there with the names of our entitlements, the copy gives rights of its own', async () => {
    const original = (await world.twins.netsuite.records('salesOrder')).find(
      (each) => each['id'] === orderId,
    );
    const { id: _, externalId: __, tranId: ___, ...fields } = original ?? {};
    const before = await story.entitlementsOf(dealId);

    const copyId = await mutateErp({ operation: 'create', fields });
    await world.pull('erp');

    const where = { orderRef: copyId };
    const copied = await world.inTx((tx) => factsOf(tx, 'entitlement', { where }));
    const own = new Set(before.map(({ externalRef }) => externalRef));
    expect(copied).toHaveLength(licensed().length);
    expect(copied.filter(({ externalRef }) => own.has(externalRef))).toEqual([]);
    expect(statuses(copied)).toEqual(licensed().map(() => 'active'));
    expect(await story.entitlementsOf(dealId)).toEqual(before);
    expect(await grantedTo(new Set(copied.map(({ externalRef }) => externalRef)))).toBe(
      await grantedTo(own),
    );
    await mutateErp({ operation: 'delete', id: copyId });
    await world.pull('erp', { full: true });
  });

  test('deleted there, its rights are taken back by a second transaction and the CRM shows them reversed', async () => {
    const shown = async () => {
      const intents = await world.inTx((tx) => listIntents(tx, { object: 'Asset', limit: 500 }));
      const ids = new Set(
        intents.filter((each) => own.has(each.canonicalId)).map((each) => each.externalId),
      );
      return (await world.twins.salesforce.records('Asset'))
        .filter(
          (asset) => typeof asset['Trueup_Id__c'] === 'string' && ids.has(asset['Trueup_Id__c']),
        )
        .map((asset) => asset['Trueup_Entitlement_Status__c']);
    };
    const own = new Set((await story.entitlementsOf(dealId)).map(({ externalRef }) => externalRef));
    const before = [await shown(), await grantedTo(own)];

    await mutateErp({ operation: 'delete', id: orderId });
    await world.pull('erp', { full: true });
    await world.drain({ skipWaits: true });

    expect(before[0]).toEqual(licensed().map(() => 'active'));
    expect(before[1]).not.toBe('0');
    expect(statuses(await story.entitlementsOf(dealId))).toEqual(licensed().map(() => 'reversed'));
    expect(await grantedTo(own)).toBe('0');
    expect(await shown()).toEqual(licensed().map(() => 'reversed'));
    const all = await world.inTx((tx) => factsOf(tx, 'entitlementTransaction'));
    expect(all.filter(({ body }) => own.has(body.entitlementRef))).toHaveLength(
      2 * licensed().length,
    );
  });
});
