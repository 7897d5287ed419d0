import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { dealStory, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { CommerceSettings } from '../../commerce/settings.ts';
import type { Effect } from '../../delivery/effect.ts';
import { listIntents, proposeIntents } from '../../delivery/intents.ts';
import { getPlan } from '../../delivery/plans.ts';
import { saveMode } from '../../delivery/write-modes.ts';
import { factsOf } from '../../ledger/facts.ts';
import { systemCaller, type Caller } from '../../security/caller.ts';
import type { ReversalBody } from '../draw-up-reversal.ts';
import { deliverWork, request } from '../request.ts';
import { approvePlan } from './approve-plan.ts';
import { decideWriteHold } from './decide-write-hold.ts';
import { dropIntent } from './drop-intent.ts';
import { listWriteHolds } from './list-write-holds.ts';
import { putSettings } from './put-settings.ts';
import { putWriteLimits } from './put-write-limits.ts';
import { requestApply } from './request-apply.ts';
import { reversePlan } from './reverse-plan.ts';
import { setWriteMode } from './set-write-mode.ts';
import { showPlan } from './show-plan.ts';

// What an approval is given over, and what a mode holds back after the approval. Each test takes up the story.

let world: Harness;
let story: DealStory;
let opportunityId: string;
let orderId: string;
let ana: Caller;
let ben: Caller;

beforeAll(async () => {
  world = await startHarness();
  story = dealStory(world);
  opportunityId = world.company.deals.toClose.opportunityId;
  [ana, ben] = [systemCaller(world.caller.tenantId, 'ana'), systemCaller(world.caller.tenantId, 'ben')]; // prettier-ignore
  for (const each of ['crm', 'erp']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
  await story.moveTo(opportunityId, 'Closed Won');
  const plan = await story.approveAndApply(opportunityId);
  orderId = textOf(await story.orderOf(plan.id), 'id');
}, 90_000);
afterAll(() => world?.stop());

/** Moves the deal's day in the CRM, so that its order is planned anew. */
const closeOn = async (day: string) => {
  const fields = { CloseDate: day };
  await world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id: opportunityId, fields }); // prettier-ignore
  await world.pull('crm');
};
/** Somebody in finance sets the order's day in the ERP. */
const dateInErp = (day: string) =>
  world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'update', id: orderId, fields: { tranDate: day } }); // prettier-ignore
const look = (caller: Caller, id: string) => showPlan(world.deps, caller, id);
const planAnew = async () => {
  await world.ask('detect-closed-won');
  await world.drain({ skipWaits: true });
  return story.waiting(opportunityId);
};

describe('an approval', () => {
  test('is given over what its own person was shown, though somebody else was shown another value since', async () => {
    await closeOn('2026-03-03');
    const plan = await story.waiting(opportunityId);
    const seen = await look(ana, plan.id);
    await dateInErp('2026-01-15');
    await look(ben, plan.id);
    await approvePlan(world.deps, ana, plan);

    const applying = requestApply(world.deps, ana, plan.id);

    const present = seen.changes.records[0]?.fields.find(({ field }) => field === 'tranDate')?.present; // prettier-ignore
    expect(present).not.toBe('2026-01-15');
    await expect(applying).rejects.toMatchObject({
      status: 409,
      details: { moved: [{ path: `erp salesOrder ${orderId}.tranDate`, approved: present, now: '2026-01-15' }] }, // prettier-ignore
    });
  });

  test('that names what was shown is given over exactly that; what nobody was shown cannot be named', async () => {
    const plan = await planAnew();
    const first = await look(ana, plan.id);
    await dateInErp('2026-01-16');
    const second = await look(ana, plan.id);
    const unknown = approvePlan(world.deps, ana, { ...plan, shown: 'never' });

    await expect(unknown).rejects.toMatchObject({ status: 409, message: expect.stringContaining('not shown') }); // prettier-ignore
    expect(second.changes.shown).not.toBe(first.changes.shown);
    await approvePlan(world.deps, ana, { ...plan, shown: first.changes.shown ?? undefined });
    await expect(requestApply(world.deps, ana, plan.id)).rejects.toMatchObject({
      details: { moved: [expect.objectContaining({ approved: '2026-01-15', now: '2026-01-16' })] },
    });
  });

  test('stands, and nothing is applied, while what it was given over cannot be compared; the system is named', async () => {
    const plan = await planAnew();
    await look(ana, plan.id);
    await approvePlan(world.deps, ana, plan);
    await world.twins.netsuite.faults({ action: 'status', status: 500, match: { method: 'GET', path: 'salesOrder' } }); // prettier-ignore

    const applying = requestApply(world.deps, ana, plan.id);

    await expect(applying).rejects.toMatchObject({ status: 502, message: expect.stringContaining('erp salesOrder') }); // prettier-ignore
    await world.ask('apply-plan', { planId: plan.id });
    await world.drain();
    const waits = await world.inTx((tx) => getPlan(tx, plan.id));
    await world.twins.netsuite.faults();
    await world.drain({ skipWaits: true });
    expect([waits.status, (await look(ana, plan.id)).status]).toEqual(['approved', 'applied']);
  });

  test('by the release of a hold is compared as well: what moved after it was looked at is not written over', async () => {
    const { currency } = world.company.deals.toClose;
    const autoApproveUpTo = [{ amount: '100000000.00', currency }];
    await putSettings(world.deps, world.caller, CommerceSettings.parse({ approval: { autoApproveUpTo } })); // prettier-ignore
    await putWriteLimits(world.deps, world.caller, { money: [{ amount: '1.00', currency }] });
    await closeOn('2026-03-04');
    const [hold] = await listWriteHolds(world.deps, ana, { status: 'open', limit: 5 });
    const plan = await story.waiting(opportunityId);
    await look(ana, plan.id);
    await dateInErp('2026-01-17');

    const release = { id: hold?.id ?? '', decision: 'released', hash: hold?.hash ?? '', reason: null } as const; // prettier-ignore
    await decideWriteHold(world.deps, ana, release);
    await world.drain();

    const now = await world.inTx((tx) => getPlan(tx, plan.id));
    expect(now.status).toBe('stale');
    expect(now.moved).toEqual([expect.objectContaining({ path: `erp salesOrder ${orderId}.tranDate`, now: '2026-01-17' })]); // prettier-ignore
    expect((await story.orderOf(now.id).catch(() => null)) ?? null).toBeNull();
    await putWriteLimits(world.deps, world.caller, {});
    await putSettings(world.deps, world.caller, CommerceSettings.parse({}));
  });
});

describe('a reversal', () => {
  test('tells the money of its own, and follows the modes of what it is about', async () => {
    const applied = (await story.plansOf(opportunityId)).filter(({ status, kind }) => status === 'applied' && kind === 'closed_won'); // prettier-ignore
    await dateInErp('2026-03-03');
    const changed = await reversePlan(world.deps, ana, { planId: applied[0]?.id ?? '' });
    const sku = world.company.deals.toClose.lines[0]?.sku ?? '';
    await setWriteMode(world.deps, world.caller, { scope: 'product', ref: sku, mode: 'propose', reason: null }); // prettier-ignore
    await approvePlan(world.deps, ana, changed);

    const applying = requestApply(world.deps, ana, changed.id);

    // Only the day was changed: nothing is billed otherwise for it.
    expect(applied[0]?.body.total).not.toBeNull();
    expect((changed.body as ReversalBody).total).toBeNull();
    await expect(applying).rejects.toThrow(`product ${sku} is set to propose`);
    await setWriteMode(world.deps, world.caller, { scope: 'product', ref: sku, mode: null, reason: null }); // prettier-ignore
  });
});

describe('a mode that is set after something was planned', () => {
  let sku: string;
  const renewal = (at: number, fields: Effect['fields']): Effect => ({
    connection: 'crm',
    object: 'Opportunity',
    canonicalId: `gate:${at}`,
    vendorId: null,
    fields: { Name: `Gate ${at}`, StageName: 'Prospecting', CloseDate: '2026-12-31', ...fields },
    mapping: null,
    about: { products: [sku], account: null, worth: null },
  });
  const plan = (at: number, fields: Effect['fields'] = {}) =>
    world.inTx(async (tx) => {
      const { targets } = await proposeIntents(tx, [renewal(at, fields)]);
      await request(world.deps, tx, targets.map(deliverWork));
    });
  const putBack = async () => {
    await setWriteMode(world.deps, world.caller, { scope: 'product', ref: sku, mode: null, reason: null }); // prettier-ignore
    await world.drain();
  };
  const written = async (at: number) =>
    (await world.twins.salesforce.records('Opportunity')).some(({ Name: name }) => name === `Gate ${at}`); // prettier-ignore
  const intentOf = async (at: number) => {
    const all = await world.inTx((tx) => listIntents(tx, { object: 'Opportunity', limit: 500 }));
    return all.find(({ canonicalId }) => canonicalId === `gate:${at}`);
  };

  beforeAll(async () => {
    const [found] = await world.inTx((tx) => factsOf(tx, 'sku', {}));
    sku = found?.body.skuCode ?? '';
  });

  test('holds for it too: it waits, says for what, and goes once the mode is put back', async () => {
    await plan(1);
    await setWriteMode(world.deps, world.caller, { scope: 'product', ref: sku, mode: 'observe', reason: null }); // prettier-ignore
    const waits = await intentOf(1);
    await world.drain();
    const before = await written(1);
    await putBack();

    expect(before).toBe(false);
    expect(waits).toMatchObject({ state: 'PLANNED', attempts: 0, error: { code: 'waits_for_mode', message: expect.stringContaining(`product ${sku} is set to observe`) } }); // prettier-ignore
    expect(await written(1)).toBe(true);
    expect(await intentOf(1)).toMatchObject({ state: 'APPLIED', error: null });
  });

  test('holds at the moment of sending, whoever planned it meanwhile', async () => {
    await plan(2);
    // As if it had been set in the moment between the plan and the send.
    await world.inTx((tx) => saveMode(tx, { scope: 'product', ref: sku, mode: 'observe', reason: null, setBy: 'test' })); // prettier-ignore
    await world.drain();

    expect(await intentOf(2)).toMatchObject({ state: 'PLANNED', attempts: 0, error: { code: 'waits_for_mode' } }); // prettier-ignore
    expect(await written(2)).toBe(false);
  });

  test('lets a person drop what waits: it never goes, not for a run that asks for it again as it was, and other values do', async () => {
    const id = (await intentOf(2))?.id ?? '';
    const dropped = await dropIntent(world.deps, ana, id);
    await putBack();
    await plan(2);
    await world.drain();
    const asItWas = await written(2);
    await plan(2, { StageName: 'Qualification' });
    await world.drain();

    expect([dropped.state, asItWas, await written(2)]).toEqual(['SUPERSEDED', false, true]);
    await expect(dropIntent(world.deps, ana, id)).rejects.toMatchObject({ status: 409 });
  });
});
