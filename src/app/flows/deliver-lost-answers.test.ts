import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dealStory, type DealStory } from '../../../test/support/deal-story.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { getConnection } from '../../intake/connections.ts';
import { listIntents } from '../../delivery/intents.ts';
import { writeCauses } from '../../delivery/write-groups.ts';
import { changeConnection } from './change-connection.ts';
import { checkConnection } from './check-connection.ts';
import { retryErrors } from './retry-errors.ts';

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

const intents = (object: string) => world.inTx((tx) => listIntents(tx, { object, limit: 100 }));
/** How often each intent took effect on records of this kind. */
const effects = async (system: 'netsuite' | 'salesforce', object: string) => {
  const entries = (await world.twins[system].oracle()).filter((each) => each.object === object);
  const byIntent = Map.groupBy(entries, (each) => each.intentId);
  return [...byIntent.values()].map((each) => each.map(({ operation }) => operation).join('+'));
};
const erpMode = (mode: 'read-only' | 'read-write') =>
  changeConnection(world.deps, world.caller, { id: 'erp', mode });
const PUT_ORDER = { method: 'PUT', path: 'salesOrder' };

describe('a batch in which some answers were lost and the login ended', () => {
  test('F-13: each intent takes effect once, and the connection asks for credentials', async () => {
    const { toClose, toReopen } = world.company.deals;
    await erpMode('read-only');
    for (const { opportunityId } of [toClose, toReopen]) {
      await story.moveTo(opportunityId, 'Closed Won');
      await story.approveAndApply(opportunityId);
    }
    await world.twins.netsuite.faults(
      { action: 'status', status: 401, match: PUT_ORDER, nth: 1 },
      { action: 'apply_then_reset', match: PUT_ORDER, nth: 2 },
      // Two fresh logins are refused as well: a 401 under load alone would not end a login.
      { action: 'status', status: 401, match: PUT_ORDER, nth: 3 },
      { action: 'status', status: 401, match: PUT_ORDER, nth: 4 },
      { action: 'status', status: 401, match: PUT_ORDER, nth: 5 },
    );

    await erpMode('read-write');
    await world.drain();
    const between = (await intents('salesOrder')).map(({ state }) => state).toSorted();
    const { status } = await world.inTx((tx) => getConnection(tx, 'erp'));
    await world.twins.netsuite.faults();
    await checkConnection(world.deps, world.caller, 'erp');
    await world.drain({ skipWaits: true });

    expect(between).toEqual(['PLANNED', 'UNKNOWN']);
    expect(status).toBe('reauth_required');
    for (const intent of await intents('salesOrder'))
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
    expect(await effects('netsuite', 'salesOrder')).toEqual(['create', 'create']);
  });
});

describe('a renewal whose lines were throttled after the opportunity was written', () => {
  test('F-13: only the lines are sent again', async () => {
    await world.ask('sync-entitlements');
    await world.drain();
    await world.twins.salesforce.faults({
      action: 'status',
      status: 429,
      match: { method: 'PATCH', path: 'sobjects/OpportunityLineItem' },
      times: 1,
    });

    await world.ask('sync-renewals');
    await world.drain({ without: ['sync-reconciliation'] });
    for (let turn = 0; turn < 3; turn += 1) await world.drain({ skipWaits: true });

    const renewals = await intents('Opportunity');
    expect(renewals.length).toBeGreaterThan(0);
    for (const intent of renewals)
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true, revision: 1 });
    expect(new Set(await effects('salesforce', 'Opportunity'))).toEqual(new Set(['create']));
  });
});

describe('a call that timed out on our side and is still on its way', () => {
  test('F-4: is not overtaken by a second one, and is found when it has arrived', async () => {
    await world.inTx((tx) =>
      tx.run(`update connection set config = config || '{"timeoutSeconds": 0.7}' where id = 'erp'`),
    );
    await world.twins.netsuite.faults({
      action: 'delay',
      delayMs: 2_500,
      match: PUT_ORDER,
      nth: 1,
    });
    await story.moveTo(world.company.deals.toReopen.opportunityId, 'Negotiation/Review');
    const waiting = await intents('salesOrder');

    for (let turn = 0; turn < 2; turn += 1) await world.drain({ skipWaits: true });
    const during = await intents('salesOrder');
    await delay(2_500);
    await world.drain({ skipWaits: true });

    expect(waiting[0]).toMatchObject({ state: 'UNKNOWN', revision: 2 });
    expect(during[0]).toMatchObject({ state: 'UNKNOWN', revision: 2 });
    expect((await intents('salesOrder'))[0]).toMatchObject({ state: 'APPLIED', readBack: true });
    expect((await effects('netsuite', 'salesOrder')).toSorted()).toEqual([
      'create',
      'create',
      'update',
    ]);
  });
});

describe('a system that gives what nobody foresaw', () => {
  test('F-18: the intents wait for their next turn however often that happens, and work never gets stuck', async () => {
    const { opportunityId } = world.company.deals.toClose;
    // Run by its id alone: nothing was applied before it.
    if ((await intents('Contract')).length === 0) {
      await story.moveTo(opportunityId, 'Closed Won');
      await story.approveAndApply(opportunityId);
    }
    const sessions = { ...world.deps.sessions };
    const garbage = () => Promise.reject(new TypeError('x is undefined'));
    Object.assign(world.deps.sessions, {
      of: async (tenant: string, connection: string) => ({
        ...(await sessions.of(tenant, connection)),
        write: garbage,
        readBack: garbage,
      }),
    });
    await world.force(
      `update intent set state = 'PLANNED', read_back = false where object = 'Contract'`,
    );
    await world.ask('deliver', { connection: 'crm', object: 'Contract' });

    for (let turn = 0; turn < 12; turn += 1) await world.drain({ skipWaits: true });
    const during = await intents('Contract');
    Object.assign(world.deps.sessions, sessions);
    await world.drain({ skipWaits: true });

    expect(during.length).toBeGreaterThan(0);
    for (const intent of during) expect(intent).toMatchObject({ state: 'UNKNOWN' });
    for (const intent of await intents('Contract'))
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
  });
});

describe('a record that its system refuses to show', () => {
  /** The newest write of each order, by record. */
  const newest = async () => {
    const all = (await intents('salesOrder')).toSorted((a, b) => b.revision - a.revision);
    return [...Map.groupBy(all, ({ externalId }) => externalId).values()].flatMap((each) => each[0] ?? []);
  };
  const refuse = async (externalId: string) =>
    world.twins.netsuite.faults({ action: 'status', status: 400, match: { method: 'GET', path: `eid:${externalId}` } });
  const waiting = () => world.inTx((tx) => writeCauses(tx));

  test('waits alone with the reason, and what else was written is read back', async () => {
    const [first, second] = await newest();
    await world.force(`update intent set read_back = false where id = any($1)`, [[first?.id ?? '', second?.id ?? '']]);
    await refuse(first?.externalId ?? '');
    await world.ask('deliver', { connection: 'erp', object: 'salesOrder' });

    await world.drain();
    const during = new Map((await newest()).map((each) => [each.id, each]));
    const [cause] = await waiting();
    await world.twins.netsuite.faults();
    const { intents: asked } = await retryErrors(world.deps, world.caller, { id: cause?.id ?? '' });
    await world.drain();

    expect(during.get(first?.id ?? '')).toMatchObject({ state: 'APPLIED', readBack: false, error: { code: 'read_refused' } });
    expect(during.get(second?.id ?? '')).toMatchObject({ state: 'APPLIED', readBack: true });
    expect(cause).toMatchObject({ code: 'read_refused', count: 1, object: 'salesOrder' });
    expect(asked).toBe(1);
    for (const intent of await newest()) expect(intent).toMatchObject({ readBack: true, error: null });
    expect(await waiting()).toEqual([]);
  });

  test('is not written before it is seen, and what else is due goes out', async () => {
    const [first, second] = await newest();
    await world.force(`update intent set state = 'PLANNED', read_back = false where id = any($1)`, [[first?.id ?? '', second?.id ?? '']]);
    await world.force(`insert into store_restore (tenant_id) values ($1)`, [world.caller.tenantId]);
    await refuse(first?.externalId ?? '');
    await world.ask('deliver', { connection: 'erp', object: 'salesOrder' });

    await world.drain();
    const during = new Map((await newest()).map((each) => [each.id, each]));
    await world.twins.netsuite.faults();
    await world.drain({ skipWaits: true });
    await world.force(`delete from store_restore`);

    expect(during.get(first?.id ?? '')).toMatchObject({ state: 'PLANNED', error: { code: 'read_refused' } });
    expect(during.get(second?.id ?? '')).toMatchObject({ state: 'APPLIED', readBack: true });
    for (const intent of await newest()) expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
  });
}); // prettier-ignore

describe('a plan with nothing left to send', () => {
  const plan = async () => (await story.plansOf(world.company.deals.toClose.opportunityId))[0];
  const setStatus = (status: string) =>
    world.inTx(async (tx) =>
      tx.run(`update plan set status = $2 where id = $1`, [(await plan())?.id ?? '', status]),
    );

  test('is applied also while the connection is closed for writing', async () => {
    await erpMode('read-only');
    await setStatus('applying');

    await world.ask('deliver', { connection: 'erp', object: 'salesOrder' });
    await world.drain();

    expect(await plan()).toMatchObject({ status: 'applied' });
  });

  test('is applied at once when all that it asks for is there already', async () => {
    await setStatus('approved');

    await world.ask('apply-plan', { planId: (await plan())?.id ?? '' });
    await world.drain({ without: ['deliver'] });

    expect(await plan()).toMatchObject({ status: 'applied' });
  });
});
