import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dealStory, statuses, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents, proposeIntents } from '../../delivery/intents.ts';
import type { HubError } from '../../kernel/errors.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import { systemCaller } from '../../security/caller.ts';
import type { ReversalBody } from '../draw-up-reversal.ts';
import { proposeRun } from '../propose-effects.ts';
import { deliverWork, request } from '../request.ts';
import { sendDue } from '../send-intents.ts';
import { applyPlan } from './apply-plan.ts';
import { approvePlan } from './approve-plan.ts';
import { changeConnection } from './change-connection.ts';
import { decideWriteHold } from './decide-write-hold.ts';
import { listPlans } from './list-plans.ts';
import { listObserved } from './list-observed.ts';
import { listWriteHolds } from './list-write-holds.ts';
import { putWriteLimits } from './put-write-limits.ts';
import { requestApply } from './request-apply.ts';
import { resumePlan } from './resume-plan.ts';
import { reversePlan } from './reverse-plan.ts';
import { setWriteMode } from './set-write-mode.ts';
import { showPlan } from './show-plan.ts';

// What a person sees of a plan, what keeps it from being applied, and how it is taken back.

let world: Harness;
let story: DealStory;
let opportunityId: string;

beforeAll(async () => {
  world = await startHarness();
  story = dealStory(world);
  opportunityId = world.company.deals.toClose.opportunityId;
  for (const each of ['crm', 'erp']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
}, 90_000);
afterAll(() => world?.stop());

const setMode = async (mode: 'observe' | 'propose' | 'write' | null) => {
  await setWriteMode(world.deps, world.caller, { scope: 'connection', ref: 'erp', mode, reason: null }); // prettier-ignore
  await world.drain();
};
const orders = async () =>
  (await world.twins.netsuite.oracle()).filter((each) => each.object === 'salesOrder');

describe('a roll-out that starts narrow', () => {
  test('observed, a won deal is shown with all that it would do, and nobody can approve it', async () => {
    await setMode('observe');
    await story.moveTo(opportunityId, 'Closed Won');
    const [plan] = await story.plansOf(opportunityId);
    const view = await showPlan(world.deps, world.caller, plan?.id ?? '');

    expect(plan?.status).toBe('observed');
    expect(view.changes.records.map(({ object, does }) => [object, does])).toEqual([
      ['salesOrder', 'create'],
      ['Contract', 'create'],
    ]);
    await expect(approvePlan(world.deps, world.caller, { id: view.id, hash: view.hash })).rejects.toThrow('only shown'); // prettier-ignore
  });

  test('proposed, it waits and is approved, and is not applied until the mode is write', async () => {
    await setMode('propose');
    const plan = await story.waiting(opportunityId);
    await approvePlan(world.deps, world.caller, plan);

    const applying = requestApply(world.deps, world.caller, plan.id);

    await expect(applying).rejects.toThrow('connection erp is set to propose');
    await world.ask('apply-plan', { planId: plan.id });
    await world.drain();
    expect(await orders()).toEqual([]);
    await setMode(null);
  });

  test('F-75: a plan says which versions decided it, and drawn up again it is the same plan', async () => {
    const before = await story.plansOf(opportunityId);
    await world.ask('detect-closed-won');
    await world.drain();

    const [plan] = await story.plansOf(opportunityId);

    expect(plan?.body.decidedWith).toEqual({ settings: 0, program: expect.any(String) });
    expect(plan?.body.mappings.every(({ version }) => version > 0)).toBe(true);
    expect((await story.plansOf(opportunityId)).map(({ id, hash }) => [id, hash])).toEqual(before.map(({ id, hash }) => [id, hash])); // prettier-ignore
  });
});

test('F-76: a mode that is set, or a connection that is closed, after a write was taken up keeps it from being sent', async () => {
  const target = { connection: 'crm', object: 'Opportunity' };
  const delivery = { deps: world.deps, context: { tenantId: world.caller.tenantId, signal: new AbortController().signal, hold: async () => undefined }, target, batch: 9, partFields: [], byState: false, oneByOne: false, parents: {}, leaseSeconds: 60 };
  const effect = { ...target, canonicalId: 'late-mode', vendorId: opportunityId, fields: { NextStep: 'x' }, mapping: { id: 'm', version: 1 } };
  await world.inTx((tx) => proposeIntents(tx, [effect]));
  const sent: string[] = [];
  const during = async (happens: () => Promise<unknown>) => {
    const session = {
      readBack: async () => happens().then(() => []),
      write: async () => { sent.push('x'); return []; },
    } as unknown as ConnectorSession;
    await sendDue(delivery, session);
    const [intent] = await world.inTx((tx) => listIntents(tx, { object: 'Opportunity', state: 'PLANNED', limit: 1 }));
    return intent;
  };
  const mode = (value: 'observe' | null) => setWriteMode(world.deps, world.caller, { scope: 'connection', ref: 'crm', mode: value, reason: null });

  const kept = await during(() => mode('observe'));
  await mode(null);
  const closed = await during(() => changeConnection(world.deps, world.caller, { id: 'crm', mode: 'read-only' }));
  await changeConnection(world.deps, world.caller, { id: 'crm', mode: 'read-write' });

  expect([kept?.error?.code, closed?.state, closed?.sentAt, sent]).toEqual(['waits_for_mode', 'PLANNED', null, []]);
  await world.force(`update intent set state = 'SUPERSEDED' where id = $1`, [closed?.id ?? '']);
}); // prettier-ignore

describe('an applied plan', () => {
  test('shows how far it is, and what is done is not resumed', async () => {
    const [plan] = await story.plansOf(opportunityId);
    await requestApply(world.deps, world.caller, plan?.id ?? '');
    await world.drain();

    const view = await showPlan(world.deps, world.caller, plan?.id ?? '');

    expect([view.status, view.progress]).toEqual([
      'applied',
      { of: 2, done: 2, overtaken: [], waiting: [], more: 0 },
    ]);
    await expect(resumePlan(world.deps, world.caller, view.id)).rejects.toThrow('is applied');
  });

  test('a changed deal is refused where somebody changed a planned field in the ERP after the approval, and the field is named', async () => {
    const fields = { CloseDate: '2026-03-03' };
    await world.twins.salesforce.mutate({ object: 'Opportunity', operation: 'update', id: opportunityId, fields }); // prettier-ignore
    await world.pull('crm');
    const plan = await story.waiting(opportunityId);
    const seen = await showPlan(world.deps, world.caller, plan.id);
    await approvePlan(world.deps, world.caller, plan);
    const [first] = await world.inTx((tx) => listIntents(tx, { object: 'salesOrder', limit: 1 }));
    const id = first?.result?.vendorId ?? '';
    await world.twins.netsuite.mutate({ object: 'salesOrder', operation: 'update', id, fields: { tranDate: '2026-01-15' } }); // prettier-ignore

    const applying = requestApply(world.deps, world.caller, plan.id);

    expect(seen.changes.records[0]).toMatchObject({ does: 'update', vendorId: id });
    await expect(applying).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('tranDate: approved '),
      details: { moved: [{ path: `erp salesOrder ${id}.tranDate`, now: '2026-01-15' }] },
    });
    expect((await showPlan(world.deps, world.caller, plan.id)).status).toBe('stale');
  });

  test('whose connection was removed leaves its records there for a person, and names them', async () => {
    const [applied] = (await story.plansOf(opportunityId)).filter(({ status }) => status === 'applied');
    const status = (value: string) => world.inTx((tx) => tx.run(`update connection set status = $1 where id = 'erp'`, [value]));
    await status('removed');

    const { body, id } = await reversePlan(world.deps, world.caller, { planId: applied?.id ?? '' });

    await status('ok');
    await world.inTx((tx) => tx.run(`update plan set status = 'superseded' where id = $1`, [id]));
    const { left } = (body as ReversalBody).reversal;
    expect(left.filter(({ object }) => object === 'salesOrder').map(({ reason }) => reason)).toEqual(['Its connection was removed.']);
  }); // prettier-ignore

  test.each([
    [401, 'auth_expired', true],
    [400, 'remote_rejected', false],
  ])('whose reversal meets a %i says why it is not applied, stays approved, and can be tried again', async (status, code, isWaiting) => {
    const [applied] = (await story.plansOf(opportunityId)).filter((each) => each.status === 'applied');
    const { id, hash } = await reversePlan(world.deps, world.caller, { planId: applied?.id ?? '' });
    await approvePlan(world.deps, world.caller, { id, hash }).catch(() => null);
    await world.twins.netsuite.faults({ action: 'status', status, match: { path: 'salesOrder' } });
    const context = { tenantId: world.caller.tenantId, signal: new AbortController().signal, hold: async () => undefined };

    const failed = await applyPlan(world.deps, context, { planId: id }).then(() => null, (error: HubError) => error.code);

    await world.twins.netsuite.faults();
    const waits = await world.inTx((tx) => tx.sql(`select from outbox w where w.job = 'apply-plan' and w.key = $1`, [id]));
    await world.inTx((tx) => tx.run(`delete from outbox w where w.job = 'apply-plan'`));
    expect([failed, waits.length]).toEqual([isWaiting ? null : code, isWaiting ? 1 : 0]);
    expect(await showPlan(world.deps, world.caller, id)).toMatchObject({ status: 'approved', problem: { code } });
  }); // prettier-ignore

  test('is taken back by a plan of its own; what somebody changed since is left and named', async () => {
    await world.inTx((tx) => tx.run(`update connection set status = 'ok' where id = 'erp'`));
    await world.pull('erp');
    const [applied] = (await story.plansOf(opportunityId)).filter(({ status }) => status === 'applied'); // prettier-ignore
    await world.inTx((tx) =>
      tx.run(`update plan set status = 'superseded' where kind = 'reversal'`),
    );
    const reversal = await reversePlan(world.deps, world.caller, { planId: applied?.id ?? '' });
    const { left } = (reversal.body as ReversalBody).reversal;
    await approvePlan(world.deps, world.caller, reversal);
    await requestApply(world.deps, world.caller, reversal.id);
    await world.drain();
    // What the ERP said of the order before it was closed gives no rights again.
    await world.ask('sync-entitlements');
    await world.drain();

    const order = (await story.orderOf(applied?.id ?? '')) as unknown as { item: { items: { isClosed: boolean }[] } }; // prettier-ignore
    const view = await showPlan(world.deps, world.caller, reversal.id);
    expect([reversal.kind, reversal.status, view.status]).toEqual(['reversal', 'waiting', 'applied']); // prettier-ignore
    expect(view.problem).toBeNull();
    expect(order.item.items.every(({ isClosed }) => isClosed)).toBe(true);
    expect(left.map(({ object }) => object)).toEqual(['Contract']);
    expect(new Set(statuses(await story.entitlementsOf(applied?.subject ?? '')))).toEqual(new Set(['reversed'])); // prettier-ignore
  });

  test('is not taken back while it is not applied', async () => {
    const [plan] = (await story.plansOf(opportunityId)).filter(({ status }) => status !== 'applied'); // prettier-ignore

    await expect(reversePlan(world.deps, world.caller, { planId: plan?.id ?? '' })).rejects.toMatchObject({ code: 'conflict' }); // prettier-ignore
  });
});

describe('a run that would change too much', () => {
  const renewal = (at: number, name: string) => ({
    connection: 'crm',
    object: 'Opportunity',
    canonicalId: `renewal:${at}`,
    vendorId: null,
    fields: { Name: name, StageName: 'Prospecting', CloseDate: '2026-12-31' },
    mapping: null,
  });
  const run = async (name: string, count = 10) => {
    await world.inTx(async (tx) => {
      const effects = Array.from({ length: count }, (_, at) => renewal(at, `${name} ${at}`));
      const { targets } = await proposeRun(tx, 'renewals', effects);
      await request(world.deps, tx, targets.map(deliverWork));
    });
    await world.drain();
  };
  const names = async (prefix: string) =>
    (await world.twins.salesforce.records('Opportunity')).filter(({ Name: name }) => typeof name === 'string' && name.startsWith(prefix)).length; // prettier-ignore

  test('F-76: a mistake that would change 40 % of what stands is held before anything is sent; rejected, none of it goes out', async () => {
    await run('First');
    await putWriteLimits(world.deps, world.caller, { records: 1, percent: 30 });

    await run('Mistake');
    const [hold] = await listWriteHolds(world.deps, world.caller, { status: 'open', limit: 5 });
    const sentMeanwhile = await names('Mistake');
    // One of the held records alone is within the caps, and still waits.
    await run('Again', 1);

    expect([await names('First'), sentMeanwhile, await names('Again')]).toEqual([10, 0, 0]);
    expect(hold).toMatchObject({ source: 'renewals', intents: 10, counted: { changed: 10 } }); // prettier-ignore
    const reject = { id: hold?.id ?? '', decision: 'rejected', reason: 'a mistake' } as const;
    await decideWriteHold(world.deps, systemCaller(world.caller.tenantId, 'ben'), reject);
    await world.drain();
    expect(await names('First')).toBe(10);
  });

  test('F-76: released it is sent, and taken back in one step afterwards', async () => {
    await run('Meant');
    const [hold] = await listWriteHolds(world.deps, world.caller, { status: 'open', limit: 5 });
    const id = hold?.id ?? '';
    await run('Meant too');
    const [now] = await listWriteHolds(world.deps, world.caller, { status: 'open', limit: 5 });
    const release = (hash: string) => decideWriteHold(world.deps, world.caller, { id, decision: 'released', hash, reason: null }); // prettier-ignore
    const unseen = release(hold?.hash ?? '');

    await expect(unseen).rejects.toMatchObject({ status: 409, message: expect.stringContaining(`trueup holds show ${id}`) }); // prettier-ignore
    expect(now).toMatchObject({ id, counted: { changed: 20 }, reasons: hold?.reasons });
    expect(await names('Meant')).toBe(0);
    await release(now?.hash ?? '');
    await world.drain({ skipWaits: true });
    const sent = await names('Meant');

    const back = await reversePlan(world.deps, world.caller, { holdId: id });
    await approvePlan(world.deps, world.caller, back);
    await requestApply(world.deps, world.caller, back.id);
    await world.drain();

    expect([sent, await names('Meant'), await names('First')]).toEqual([10, 0, 10]);
    await expect(decideWriteHold(world.deps, world.caller, { id, decision: 'rejected', reason: null })).rejects.toMatchObject({ code: 'conflict' }); // prettier-ignore
  });

  test('where its connection is only observed a run plans nothing and shows what it would have done', async () => {
    await setWriteMode(world.deps, world.caller, { scope: 'connection', ref: 'crm', mode: 'observe', reason: 'pilot' }); // prettier-ignore
    await world.drain();
    await run('Watched', 2);

    const observed = await listObserved(world.deps, world.caller, { limit: 200, offset: 0 });

    expect(await names('Watched')).toBe(0);
    expect(observed.filter(({ canonicalId }) => /^renewal:\d+$/.test(canonicalId)).map(({ fields, because }) => [fields['Name'], because])).toEqual([['Watched 0', 'connection crm'], ['Watched 1', 'connection crm']]); // prettier-ignore
  });

  test('a mode of a product or an agreement that is not known is refused, for it would limit nothing', async () => {
    const set = (scope: 'product' | 'agreement', ref: string, mode: 'write' | null = 'write') =>
      setWriteMode(world.deps, world.caller, { scope, ref, mode, reason: null });
    const [sku, agreement] = await world.inTx((tx) => Promise.all([factsOf(tx, 'sku', {}), factsOf(tx, 'agreement', { connection: 'crm' })])); // prettier-ignore

    await expect(set('product', 'TYPO')).rejects.toMatchObject({ status: 404, message: expect.stringContaining('"TYPO"') }); // prettier-ignore
    await expect(set('agreement', 'TYPO')).rejects.toMatchObject({ status: 404 });
    await set('product', 'TYPO', null);
    await set('product', sku[0]?.body.skuCode ?? '');
    const modes = await set('agreement', agreement[0]?.externalRef ?? '');

    expect(modes.map(({ scope }) => scope)).toEqual(['agreement', 'connection', 'product']);
  });

  test('what waits is ranked by the money at stake', async () => {
    const plans = await listPlans(world.deps, world.caller, { limit: 50, sort: 'value' });

    const amounts = plans.flatMap(({ body }) => body.total ?? []).map(({ amount }) => Number(amount)); // prettier-ignore
    expect(amounts.length).toBeGreaterThan(1);
    expect(amounts).toEqual(amounts.toSorted((a, b) => b - a));
  });
});
