import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents } from '../../delivery/intents.ts';
import { factsOf } from '../../ledger/facts.ts';
import { getRun, latestRun, listFindings, listRuns } from '../../licensing/runs.ts';
import { loadOrganizationLinks } from '../organization-links.ts';
import { listVariances } from './list-variances.ts';
import { showKpis } from './show-kpis.ts';
import { showRunDelta } from './show-run-delta.ts';
import { startReconciliation } from './start-reconciliation.ts';

let world: Harness;

beforeAll(async () => {
  world = await startHarness();
  for (const each of ['crm', 'erp', 'people', 'files']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
}, 90_000);
afterAll(() => world?.stop());

const reconcile = async (): Promise<void> => {
  await startReconciliation(world.deps, world.caller);
  await world.drain();
};
const creates = async (system: 'salesforce' | 'netsuite', object: string) =>
  (await world.twins[system].oracle()).filter((each) => each.object === object);
const terms = () => world.inTx((tx) => factsOf(tx, 'renewalTerm'));
const intentsFor = (object: string) => world.inTx((tx) => listIntents(tx, { object, limit: 500 }));

describe('a reconciliation', () => {
  test('finds what was planted and next to nothing else of its kinds, read through every connector', async () => {
    await reconcile();

    const { findings } = await world.inTx(async (tx) => ({ findings: await listFindings(tx) }));
    const key = (each: {
      readonly kind: string;
      readonly subject: { readonly id: string };
      readonly sku: string | null;
    }): string => [each.kind, each.subject.id, each.sku].join(' ');
    const kinds = new Set(world.company.planted.map(({ kind }) => kind));
    const found = new Set(findings.filter(({ kind }) => kinds.has(kind)).map(key));
    const planted = new Set(world.company.planted.map(key));
    const hits = found.intersection(planted).size;

    expect(hits / planted.size).toBeGreaterThanOrEqual(0.9);
    expect(hits / found.size).toBeGreaterThanOrEqual(0.9);
  });

  test('L5: of the same facts on the same day it comes out the same', async () => {
    await reconcile();

    const runs = await world.inTx((tx) => listRuns(tx));

    expect(runs).toHaveLength(2);
    expect(new Set(runs.map(({ resultHash }) => resultHash)).size).toBe(1);
    expect(runs.every(({ complete }) => complete)).toBe(true);
  });

  test('of another day, or as known earlier, keeps its lines and changes nothing else', async () => {
    const before = await world.inTx(async (tx) => ({
      latest: await latestRun(tx),
      findings: await listFindings(tx, { status: 'any' }),
      intents: await listIntents(tx, { limit: 500 }),
    }));
    const firstKnown = (await world.inTx((tx) => listRuns(tx))).at(-1)?.knownAt;
    const look = await startReconciliation(world.deps, world.caller, { asOf: '2025-06-30' });
    const again = await startReconciliation(world.deps, world.caller, { knownAt: firstKnown });
    await world.drain();

    const [past, same] = await world.inTx(async (tx) => [
      await getRun(tx, look.reconciliationId),
      await getRun(tx, again.reconciliationId),
    ]);
    expect(past).toMatchObject({ asOf: '2025-06-30', current: false });
    expect(past.counts.positions).toBeGreaterThan(0);
    expect(same).toMatchObject({ current: false, resultHash: before.latest?.resultHash });
    await world.inTx(async (tx) => {
      expect(await latestRun(tx)).toEqual(before.latest);
      expect(await listFindings(tx, { status: 'any' })).toEqual(before.findings);
      expect(await listIntents(tx, { limit: 500 })).toEqual(before.intents);
    });
    await expect(
      startReconciliation(world.deps, world.caller, { knownAt: '2999-01-01T00:00:00Z' }),
    ).rejects.toThrow('Nobody knows yet what will be known');
  });

  test('is compared with another one: the lines that moved, and what moved them', async () => {
    const runs = await world.inTx((tx) => listRuns(tx));
    const past = runs.find(({ asOf }) => asOf === '2025-06-30');
    const delta = await showRunDelta(world.deps, world.caller, { against: past?.id });
    const still = await showRunDelta(world.deps, world.caller, {});

    expect(delta.before.asOf).toBe('2025-06-30');
    const owned = delta.lines.flatMap(({ figures }) => figures.rightsOwned ?? []);
    expect(owned.length).toBeGreaterThan(0);
    // The same facts: no figure was corrected, and no rule changed.
    for (const each of owned)
      expect(each.by).toMatchObject({ rule: '0', dataCorrection: '0', entitlement: each.total });
    expect(still.lines).toEqual([]);
  });

  test('lays contract, order, seats and use side by side: what was planted between two papers differs there', async () => {
    const { rows } = await listVariances(world.deps, world.caller, { posture: 'licensor' });
    const changed = world.company.planted.filter(({ kind }) => kind === 'quantity_mismatch');
    const differing = await listVariances(world.deps, world.caller, { differing: true });
    const classes = (sku: string | null) =>
      rows
        .filter(({ skuCode }) => skuCode === sku)
        .flatMap(({ differences }) => differences.filter(({ right }) => right === 'order'));

    for (const { sku } of changed) expect(classes(sku).length).toBeGreaterThan(0);
    expect(rows.some((row) => row.contract !== null && row.contract === row.order)).toBe(true);
    expect(differing.rows.every(({ differences }) => differences.length > 0)).toBe(true);
  });

  test('gives figures of use, of findings and of their trend that agree with its lines', async () => {
    const { rows } = await listVariances(world.deps, world.caller, {});
    const { utilisation, findings, trend } = await showKpis(world.deps, world.caller, {
      by: 'posture',
      days: 90,
    });
    const open = await world.inTx((tx) => listFindings(tx));

    expect(utilisation.map(({ group }) => group)).toEqual(['licensee', 'licensor']);
    for (const { group, seats } of utilisation) {
      const own = rows.filter((row) => row.posture === group && row.owned !== null);
      expect(seats).toBe(String(own.reduce((sum, row) => sum + Number(row.seats ?? 0), 0)));
    }
    expect(findings.reduce((sum, kpi) => sum + kpi.open, 0)).toBe(open.length);
    expect(trend).toHaveLength(1);
    expect(trend[0]?.asOf).toBe('2026-03-02');
  });

  test('groups the same seats by country, region, family and criticality: no group makes or loses one', async () => {
    const by = async (group: 'posture' | 'country' | 'region' | 'family' | 'criticality') => {
      const { utilisation } = await showKpis(world.deps, world.caller, { by: group, days: 90 });
      const sum = (figure: 'seats' | 'uncovered') =>
        utilisation.reduce((total, each) => total + Number(each[figure]), 0);
      return { groups: utilisation.length, seats: sum('seats'), uncovered: sum('uncovered') };
    };
    const { seats, uncovered } = await by('posture');

    expect(uncovered).toBeGreaterThan(0);
    expect((await by('country')).groups).toBeGreaterThan(1);
    for (const group of ['country', 'region', 'family', 'criticality'] as const)
      expect(await by(group)).toMatchObject({ seats, uncovered });
  });

  test('shows each customer its position in the CRM, read back, and once', async () => {
    const intents = await intentsFor('Account');
    const accounts = await world.twins.salesforce.records('Account');
    const shown = accounts.filter(
      (account) => account['Trueup_Position_As_Of__c'] === '2026-03-02',
    );

    expect(intents.length).toBeGreaterThan(5);
    for (const intent of intents)
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true, revision: 1 });
    expect(shown).toHaveLength(intents.length);
    expect(await creates('salesforce', 'Account')).toHaveLength(intents.length);
  });

  test('shows it on each of its customers in the ERP, too, as it is shown in the CRM', async () => {
    const intents = await intentsFor('customer');
    const accounts = new Map((await world.twins.salesforce.records('Account')).map((each) => [each['Id'], each])); // prettier-ignore
    const customers = await world.twins.netsuite.records('customer');
    const shown = customers.filter((each) => each['custentity_trueup_position_as_of'] === '2026-03-02'); // prettier-ignore
    const { links } = await world.inTx((tx) => loadOrganizationLinks(tx));

    expect(intents.length).toBeGreaterThan(5);
    for (const intent of intents)
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true, revision: 1 });
    expect(shown).toHaveLength(intents.length);
    for (const customer of shown) {
      const account = accounts.get(links.find(({ customerRef }) => customerRef === customer['id'])?.accountRef ?? ''); // prettier-ignore
      expect(customer['custentity_trueup_rights_owned']).toBe(account?.['Trueup_Rights_Owned__c']); // prettier-ignore
      expect(account?.['Trueup_Position_Status__c']).toBe(customer['custentity_trueup_position_status']); // prettier-ignore
    }
  });
});

describe('renewals', () => {
  test('each that is due becomes one opportunity and one estimate, read back', async () => {
    await world.ask('sync-renewals');
    await world.drain();

    const due = await terms();
    const opportunities = await creates('salesforce', 'Opportunity');
    const estimates = await creates('netsuite', 'estimate');
    const intents = [...(await intentsFor('Opportunity')), ...(await intentsFor('estimate'))];

    expect(due.length).toBeGreaterThan(0);
    expect(opportunities.map(({ operation }) => operation)).toEqual(due.map(() => 'create'));
    expect(estimates.map(({ operation }) => operation)).toEqual(due.map(() => 'create'));
    for (const intent of intents)
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
  });

  test('the opportunity names the customer, the notice date and the lines of the term', async () => {
    const [term] = await terms();
    const written = await world.twins.salesforce.records('Opportunity');
    const own = written.find((each) => each['Trueup_Renewal_Of__c'] === term?.externalRef);
    const lines = (await world.twins.salesforce.records('OpportunityLineItem')).filter(
      (line) => line['OpportunityId'] === own?.['Id'],
    );

    expect(own).toMatchObject({
      AccountId: term?.body.ownerRef,
      Type: 'Renewal',
      CurrencyIsoCode: term?.body.currency,
      Trueup_Notice_Date__c: term?.body.noticeDeadline,
    });
    expect(
      lines.map((line) => `${textOf(line, 'ProductCode')} ${Number(line['Quantity'])}`).toSorted(),
    ).toEqual(
      (term?.body.lines ?? []).map((line) => `${line.skuCode} ${line.quantity}`).toSorted(),
    );
  });

  test('a second run, also after both systems were read again, writes nothing', async () => {
    const before = [await world.twins.salesforce.oracle(), await world.twins.netsuite.oracle()];
    for (const each of ['crm', 'erp']) await world.pull(each);

    await world.ask('sync-renewals');
    await world.drain();

    expect([await world.twins.salesforce.oracle(), await world.twins.netsuite.oracle()]).toEqual(
      before,
    );
  });
});
