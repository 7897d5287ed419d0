import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dealStory, type DealStory } from '../../../test/support/deal-story.ts';
import { textOf } from '../../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents, type Intent } from '../../delivery/intents.ts';
import { statusChanges } from '../../delivery/shown-status.ts';
import { savePlan } from '../../delivery/plans.ts';
import { saveMode } from '../../delivery/write-modes.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { TwinWorld } from '../../sdk/define-twin.ts';
import { systemCaller } from '../../security/caller.ts';
import { addWebhookEndpoint } from './add-webhook-endpoint.ts';
import { approvePlan } from './approve-plan.ts';
import { changeConnection } from './change-connection.ts';
import { checkConnection } from './check-connection.ts';
import { getBudget } from './get-budget.ts';
import { putBudget } from './put-budget.ts';
import { putSettings } from './put-settings.ts';
import { requestApply } from './request-apply.ts';
import { reversePlan } from './reverse-plan.ts';
import { CommerceSettings } from '../../commerce/settings.ts';

// One deal's life as its records show it: each test takes up the story where the one before it left it.

let world: Harness;
let story: DealStory;
let opportunityId: string;

const withStatus = (of: TwinWorld): TwinWorld => ({ ...of, settings: { ...of.settings, packages: ['trueup', 'trueup-status'] } }); // prettier-ignore

beforeAll(async () => {
  world = await startHarness(1, withStatus, withStatus);
  story = dealStory(world);
  ({ opportunityId } = world.company.deals.toClose);
  await addWebhookEndpoint(world.deps, world.caller, { url: 'https://example.com/hook', description: '', types: ['plan.applied', 'opportunity.closed_won'], allowPrivateNetwork: false }); // prettier-ignore
  for (const each of ['crm', 'erp']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
}, 240_000);
afterAll(() => world?.stop());

async function show(): Promise<void> {
  await world.ask('show-statuses');
  await world.drain();
}

const statusIntents = async (): Promise<readonly Intent[]> =>
  (await world.inTx((tx) => listIntents(tx, { limit: 200 }))).filter(({ object }) => object.endsWith('.status')); // prettier-ignore

async function shownAt(system: 'salesforce' | 'netsuite', object: string, idField: string, id: unknown): Promise<JsonObject> {
  const found = (await world.twins[system].records(object)).find((each) => each[idField] === id);
  if (found === undefined) throw new Error(`There is no ${object} ${String(id)}.`);
  return Object.fromEntries(Object.entries(found).filter(([name]) => /trueup_(status|message|link|id)(__c)?$/i.test(name))); // prettier-ignore
} // prettier-ignore
const opportunity = (): Promise<JsonObject> => shownAt('salesforce', 'Opportunity', 'Id', opportunityId); // prettier-ignore

describe('a record shows where its deal stands', () => {
  test('nothing is shown while there is nothing to say, and the check says that it can be', async () => {
    await show();
    const { checks } = await checkConnection(world.deps, world.caller, 'erp');

    expect(await statusIntents()).toEqual([]);
    expect(checks).toContainEqual(expect.objectContaining({ name: 'status on salesOrder', ok: true, detail: 'Records show what became of them.' })); // prettier-ignore
  });

  test('a plan that waits is shown at the opportunity, by its own id, and our key is left alone', async () => {
    const address = 'https://hub.example.com';
    await putSettings(world.deps, systemCaller(world.caller.tenantId, 'test'), CommerceSettings.parse({ address })); // prettier-ignore
    const setMode = (mode: 'observe' | null) => world.inTx((tx) => saveMode(tx, { scope: 'connection', ref: 'crm', mode, reason: null, setBy: 'test' })); // prettier-ignore
    await story.moveTo(opportunityId, 'Closed Won');
    await setMode('observe');
    await show();
    const watched = await statusIntents();
    await setMode(null);
    await show();

    expect(watched).toEqual([]);

    expect(await opportunity()).toMatchObject({ Trueup_Status__c: 'Waits for approval', Trueup_Message__c: expect.stringContaining('approve'), Trueup_Link__c: 'https://hub.example.com/' }); // prettier-ignore
    expect((await opportunity())['Trueup_Id__c'] ?? null).toBeNull();
    expect(await statusIntents()).toMatchObject([{ object: 'Opportunity.status', state: 'APPLIED', readBack: true, vendorId: opportunityId, planId: null }]); // prettier-ignore
  });

  test('F-50: what we showed is read again and starts nothing: no plan, no write, no status', async () => {
    const before = [await story.plansOf(opportunityId), await statusIntents()];
    const writes = (await world.twins.salesforce.oracle()).length;

    await world.pull('crm');
    await world.ask('detect-closed-won');
    await show();

    expect([await story.plansOf(opportunityId), await statusIntents()]).toEqual(before);
    expect(await world.twins.salesforce.oracle()).toHaveLength(writes);
  });

  test('only the newest state is sent: what was overtaken before it left gives way', async () => {
    const plan = await story.waiting(opportunityId);
    await changeConnection(world.deps, world.caller, { id: 'crm', paused: true });
    await approvePlan(world.deps, world.caller, { id: plan.id, hash: plan.hash });
    await world.ask('show-statuses');
    await world.drain();
    const whilePaused = await statusIntents();
    await changeConnection(world.deps, world.caller, { id: 'crm', paused: false });
    await world.ask('show-statuses');
    await world.drain({ without: ['deliver'] });
    await world.ask('apply-plan', { planId: plan.id });
    await world.drain({ without: ['deliver', 'show-statuses'] });
    await world.ask('show-statuses');
    await world.drain({ without: ['deliver'] });
    const all = (await statusIntents()).map(({ state }) => state);

    expect(whilePaused).toHaveLength(1);
    expect(all.toSorted()).toEqual(['APPLIED', 'PLANNED', 'SUPERSEDED']);
  });

  test('applied, it is in step at the opportunity, the contract and the order', async () => {
    await world.drain();
    await show();
    const [plan] = await story.plansOf(opportunityId);
    const writes = await story.intentsOf(plan?.id ?? '');
    const order = await story.orderOf(plan?.id ?? '');
    const contract = writes.find(({ object }) => object === 'Contract');

    expect(plan?.status).toBe('applied');
    expect(await opportunity()).toMatchObject({ Trueup_Status__c: 'In step' });
    expect(await shownAt('salesforce', 'Contract', 'Id', contract?.result?.vendorId)).toMatchObject({ Trueup_Status__c: 'In step', Trueup_Id__c: contract?.externalId }); // prettier-ignore
    expect(order).toMatchObject({ custbody_trueup_status: 'In step', custbody_trueup_link: 'https://hub.example.com/', custbody_trueup_intent: writes.find(({ object }) => object === 'salesOrder')?.id }); // prettier-ignore
  });

  test('when a status changed its record is known from then on, so that it is not taken for a change of theirs', async () => {
    const kept = await world.inTx((tx) => statusChanges(tx, { connection: 'crm', object: 'Opportunity' }, [opportunityId])); // prettier-ignore
    const [held] = (await world.twins.salesforce.records('Opportunity')).filter((each) => each['Id'] === opportunityId); // prettier-ignore

    expect(kept.get(opportunityId)?.getTime()).toBe(
      new Date(textOf(held ?? {}, 'LastModifiedDate')).getTime(),
    );
  });

  test('what was shown by a lost answer is proven by its values, and shown once', async () => {
    await world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id: opportunityId, fields: { CloseDate: '2026-03-04' } }); // prettier-ignore
    await world.pull('crm');
    const writes = async () => (await world.twins.salesforce.oracle()).filter(({ object }) => object === 'Opportunity').length; // prettier-ignore
    const before = await writes();
    await world.twins.salesforce.faults({
      match: { method: 'PATCH', path: '/composite/sobjects' },
      times: 1,
      action: 'apply_then_reset',
    });

    await show();
    await world.drain({ skipWaits: true });
    await world.twins.salesforce.faults();

    const [newest] = await statusIntents();
    expect(newest).toMatchObject({ state: 'APPLIED', readBack: true });
    expect((await writes()) - before).toBe(1);
    expect(await opportunity()).toMatchObject({ Trueup_Status__c: 'Waits for approval' });
  });
});

describe('the reserve of a budget', () => {
  test('is not touched by what shows a status: it waits unsent until there are calls again', async () => {
    const { usedToday } = await getBudget(world.deps, world.caller, 'crm');
    const budget = (dailyCalls: number | null) => putBudget(world.deps, world.caller, 'crm', { dailyCalls, reservePercent: 90, concurrency: null }); // prettier-ignore
    await budget(usedToday + 100);
    const plan = await story.waiting(opportunityId);
    await approvePlan(world.deps, world.caller, { id: plan.id, hash: plan.hash });
    await delay(1_100);
    await show();
    const [waiting] = await statusIntents();

    await budget(null);
    await delay(1_100);
    await world.drain({ skipWaits: true });

    expect(waiting).toMatchObject({
      object: 'Opportunity.status',
      state: 'PLANNED',
      error: { code: 'rate_limited' },
    });
    expect(await opportunity()).toMatchObject({ Trueup_Status__c: 'Approved' });
  });
});

describe('what happened was told', () => {
  test('once each: the deal, its plan, and every run', async () => {
    const told = await world.inTx((tx) => tx.sql<{ type: string; count: number; subjects: number }>(`select v.type, count(*)::int as count, count(distinct v.subject)::int as subjects from hub_event v group by 1 order by 1`)); // prettier-ignore
    const runs = await world.inTx((tx) => tx.sql<{ count: number }>(`select count(*)::int as count from run where run.status = 'succeeded'`)); // prettier-ignore
    const sent = await world.inTx((tx) => tx.sql<{ count: number }>(`select count(*)::int as count from webhook_delivery`)); // prettier-ignore

    expect(told).toEqual([
      { type: 'opportunity.closed_won', count: 1, subjects: 1 },
      { type: 'plan.applied', count: 1, subjects: 1 },
      { type: 'run.completed', count: runs[0]?.count, subjects: runs[0]?.count },
    ]);
    expect(sent).toEqual([{ count: 2 }]);
  });
});

describe('several plans about one record', () => {
  const setAddress = (address: string) => putSettings(world.deps, systemCaller(world.caller.tenantId, 'test'), CommerceSettings.parse({ address })); // prettier-ignore

  test('only the newest is shown where all are due at once, and a reversal says what became of it', async () => {
    const [plan] = await story.plansOf(opportunityId);
    await requestApply(world.deps, world.caller, plan?.id ?? '');
    await world.drain({ skipWaits: true });
    const back = await reversePlan(world.deps, world.caller, { planId: plan?.id ?? '' });
    await setAddress('https://hub2.example.com');

    await show();
    const waiting = await opportunity();
    await approvePlan(world.deps, world.caller, { id: back.id, hash: back.hash });
    await requestApply(world.deps, world.caller, back.id);
    await world.drain({ skipWaits: true });
    await show();

    expect(waiting).toMatchObject({ Trueup_Status__c: 'Waits for approval', Trueup_Message__c: expect.stringMatching(/^It is being taken back\. /), Trueup_Link__c: 'https://hub2.example.com/' }); // prettier-ignore
    expect(await opportunity()).toMatchObject({ Trueup_Status__c: 'Taken back' });
  });

  test('what happens to an older plan of another occurrence is not shown over a newer one', async () => {
    const [newest] = await story.plansOf(opportunityId);
    const body = { ...newest?.body, dealId: `deal:crm:${opportunityId}:9`, problems: [{ message: 'No price.' }] }; // prettier-ignore
    const older = await world.inTx((tx) => savePlan(tx, { kind: 'closed_won', subject: body.dealId, hash: 'older', body, blocked: true, approvedByPolicy: false })); // prettier-ignore
    await world.force(`update plan set id = 'pln_00000000000000000000000000' where id = $1`, [older.plan.id]); // prettier-ignore
    const before = await opportunity();

    await show();
    const during = await opportunity();
    await world.force(`update plan set status = 'superseded' where subject = $1`, [body.dealId]);

    expect(before).toMatchObject({ Trueup_Status__c: 'Taken back' });
    expect(during).toEqual(before);
  });

  test('what is about no deal shows nothing at an opportunity', async () => {
    const opportunityNamed = (ref: string) => ({ connection: 'crm', ref, name: 'No deal' });
    const plans = [
      { kind: 'cancellation', body: { dealId: 'mapping-change:chg_1', opportunity: opportunityNamed('chg_1') } },
      { kind: 'reversal', body: { dealId: 'hld_1', opportunity: opportunityNamed('hld_1'), reversal: { of: { holdId: 'hld_1' }, left: [] } } },
      { kind: 'reversal', body: { dealId: 'mapping-change:chg_2', opportunity: opportunityNamed('chg_2'), reversal: { of: { planId: 'pln_1' }, left: [] } } },
    ] as const; // prettier-ignore
    for (const { kind, body } of plans)
      await world.inTx((tx) => savePlan(tx, { kind, subject: body.dealId, hash: body.dealId, body, blocked: false, approvedByPolicy: false })); // prettier-ignore
    const before = (await statusIntents()).length;

    await show();

    expect(await statusIntents()).toHaveLength(before);
  });

  test('a product that is only proposed shows nothing, and shows it once it is written', async () => {
    const [plan] = await story.plansOf(opportunityId);
    const first = (await story.plansOf(opportunityId)).find(({ kind }) => kind === 'closed_won');
    const sku = first?.body.effects.flatMap(({ about }) => about?.products ?? [])[0] ?? '';
    const setMode = (mode: 'propose' | null) => world.inTx((tx) => saveMode(tx, { scope: 'product', ref: sku, mode, reason: null, setBy: 'test' })); // prettier-ignore
    await world.force(`update plan set status = 'superseded' where id = $1`, [plan?.id]);
    await setMode('propose');
    const before = await opportunity();
    await show();
    const proposed = await opportunity();
    await setMode(null);
    await show();

    expect(sku).not.toBe('');
    expect(proposed).toEqual(before);
    expect(await opportunity()).toMatchObject({ Trueup_Status__c: 'In step' });
  });
});
