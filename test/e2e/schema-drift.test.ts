import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { acceptSchema } from '../../src/app/flows/accept-schema.ts';
import { listAudit } from '../../src/app/flows/list-audit.ts';
import { listIntents } from '../../src/app/flows/list-intents.ts';
import { listMappings } from '../../src/app/flows/list-mappings.ts';
import { textOf } from '../support/company-twins.ts';
import { startHarness, type Harness } from '../support/flow-harness.ts';

const CRM = 'crm';
const WITHOUT_SENDING = { without: ['deliver', 'detect-closed-won'] };

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
  await world.pull(CRM, WITHOUT_SENDING);
}, 240_000);
afterAll(() => world?.stop());

const rule = (action: string, object: string, details: Record<string, string | string[]>) => ({
  action,
  match: { object },
  with: details,
});
const pull = (full = true) => world.pull(CRM, { full, ...WITHOUT_SENDING });

beforeEach(async () => {
  await world.twins.salesforce.faults();
  await pull(false);
  await acceptSchema(world.deps, world.caller, CRM);
  await world.drain(WITHOUT_SENDING);
}, 240_000);

/** How many facts hold a value in each of these fields. */
const filled = async () =>
  world.inTx((tx) =>
    tx.sql<{ noun: string; amounts: number; days: number; all: number }>(
      `select noun, count(body ->> 'amount')::int as amounts, count(body ->> 'closeDate')::int as days, count(*)::int as all
       from fact where recorded_to = 'infinity' and noun in ('opportunity', 'opportunityLine', 'organization') group by 1 order by 1`,
    ),
  );
const stateOf = async (id: string) => {
  const view = (await listMappings(world.deps, world.caller)).find((each) => each.id === id);
  return { state: view?.state, degraded: view?.degraded };
};
const alarms = async (since: Date) =>
  (await listAudit(world.deps, world.caller, { limit: 100 })).filter(
    ({ action, at }) => action.startsWith('mapping.') && at >= since,
  );
const waitingStreams = () =>
  world.inTx((tx) =>
    tx.sql<{ stream: string; mapping: string }>(
      `select distinct stream, because_of as mapping from run_page where mapped_at is null order by 1, 2`,
    ),
  );
const rename = async (object: string, name: string) => {
  const [record = {}] = await world.twins.salesforce.records(object);
  await world.twins.salesforce.mutate({
    object,
    operation: 'update',
    id: textOf(record, 'Id'),
    fields: { Name: name },
  });
};
const isKnown = async (name: string) => {
  const rows = await world.inTx((tx) =>
    tx.sql(`select 1 from fact where recorded_to = 'infinity' and body ->> 'legalName' = $1`, [
      name,
    ]),
  );
  return rows.length > 0;
};

const DRIFTS = [
  ['removed or hidden', rule('hide_field', 'Opportunity', { field: 'Amount' }), 'Amount', 'gone'],
  ['renamed', rule('hide_field', 'Opportunity', { field: 'Amount', to: 'Amount__c' }), 'Amount', 'gone'],
  ['retyped', rule('retype_field', 'Opportunity', { field: 'Amount', type: 'string' }), 'Amount', 'type'],
  ['hidden, a term', rule('hide_field', 'Opportunity', { field: 'CloseDate' }), 'CloseDate', 'gone'],
] as const; // prettier-ignore

describe('F-36: a mapped field of the CRM is', () => {
  test.each(DRIFTS)('%s: told within one pull by name, nothing is blanked, all else goes on', async (kind, drift, field, word) => {
    const before = await filled();
    const since = await world.inTx((tx) => tx.clock());
    const sent = (await world.twins.salesforce.oracle()).length;
    await world.twins.salesforce.faults(drift);
    await rename('Account', `Renamed while ${kind}`);
    await rename('Opportunity', `Renamed while ${kind}`);

    await pull();

    const { state, degraded } = await stateOf('salesforce.opportunity');
    expect(state).toBe('paused');
    expect(degraded).toMatchObject([{ connection: CRM, field, reason: expect.stringContaining(word) }]);
    expect(degraded?.[0]?.rows.length).toBeGreaterThan(0);
    expect(await alarms(since)).toContainEqual(
      expect.objectContaining({
        action: 'mapping.paused',
        details: expect.objectContaining({ field, rows: degraded?.[0]?.rows }),
      }),
    );
    expect(await filled()).toEqual(before);
    expect((await world.twins.salesforce.oracle()).length).toBe(sent);
    expect(await isKnown(`Renamed while ${kind}`)).toBe(true);
    const waiting = await waitingStreams();
    // A query that names a field which is not there is refused whole, so those records do not even land.
    const lands = kind === 'retyped';
    expect(waiting.some(({ mapping }) => mapping === 'salesforce.opportunity')).toBe(lands);
    expect(waiting.map(({ mapping }) => mapping)).not.toContain(null);
  }, 240_000); // prettier-ignore

  test('back as it was: what waited is mapped, and nothing is degraded', async () => {
    await world.twins.salesforce.faults(
      rule('retype_field', 'Opportunity', { field: 'Amount', type: 'string' }),
    );
    await rename('Opportunity', 'Renamed while away');
    await pull();
    const waited = await waitingStreams();
    await world.twins.salesforce.faults();

    await pull(false);

    expect(await stateOf('salesforce.opportunity')).toEqual({ state: 'ok', degraded: [] });
    expect(waited).not.toEqual([]);
    expect(await waitingStreams()).toEqual([]);
  }, 240_000);

  test('given one more picklist value: degraded with its name, and nothing waits', async () => {
    await world.twins.salesforce.faults(
      rule('retype_field', 'Opportunity', { field: 'Type', addValues: ['Swap'] }),
    );

    await pull();

    const views = await listMappings(world.deps, world.caller);
    const degraded = views.filter(({ state }) => state === 'degraded');
    expect(degraded.flatMap((view) => view.degraded)).toContainEqual(
      expect.objectContaining({ field: 'Type', reason: 'the field has a new option: Swap' }),
    );
    expect(views.filter(({ state }) => state === 'paused')).toEqual([]);
    expect(await waitingStreams()).toEqual([]);
  }, 240_000);
});

describe('a field that we write', () => {
  test('and that is hidden at the target blocks what writes it, whole and with the reason; back, it is sent', async () => {
    await world.pull('erp', WITHOUT_SENDING);
    await world.allowWrites();
    await world.twins.salesforce.faults(
      rule('hide_field', 'Account', { field: 'Trueup_Shortfall__c' }),
    );
    await pull();
    const sent = (await world.twins.salesforce.oracle()).length;
    await world.ask('reconcile', {});
    await world.drain({ without: ['detect-closed-won'] });
    const blocked = async () =>
      (await listIntents(world.deps, world.caller, { limit: 500, object: 'Account' })).filter(
        ({ error }) => error?.code === 'mapping_paused',
      );

    const waiting = await blocked();
    const accounts = (await world.twins.salesforce.oracle())
      .slice(sent)
      .filter(({ object }) => object === 'Account');
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting[0]).toMatchObject({
      state: 'PLANNED',
      error: {
        field: 'Trueup_Shortfall__c',
        message: expect.stringContaining('salesforce.position-to-account'),
      },
    });
    expect(accounts).toEqual([]);
    expect(await stateOf('salesforce.position-to-account')).toMatchObject({
      state: 'paused',
      degraded: [{ field: 'Trueup_Shortfall__c', rows: ['Trueup_Shortfall__c'] }],
    });

    await world.twins.salesforce.faults();
    await pull(false);
    await world.drain({ without: ['detect-closed-won'], skipWaits: true });

    expect(await blocked()).toEqual([]);
    expect(
      (await world.twins.salesforce.oracle())
        .slice(sent)
        .some(({ object }) => object === 'Account'),
    ).toBe(true);
  }, 240_000);
});
