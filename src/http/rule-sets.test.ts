import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type * as z from 'zod';
import { makeCliHome, type CliHome } from '../../test/support/cli.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { runReconciliation } from '../app/flows/run-reconciliation.ts';
import { loadSnapshot } from '../app/load-snapshot.ts';
import { NOUNS } from '../canonical/nouns.ts';
import { decideFacts } from '../ledger/facts.ts';
import { reconcile } from '../licensing/reconcile.ts';

// The servers of G-27 and four rights, on 2026-03-02, and nobody but our own rule set knows core factors: each test takes up what
// the one before it left.

const GOLDEN = join(import.meta.dirname, '../../test/golden/scenarios/G-27.json');
const TABLE = {
  name: 'oracle_core_factor',
  kind: 'core_factor',
  edition: '2026-01',
  rows: [
    { key: 'p75', factor: '0.75' },
    { key: 'p50', factor: '1/2' },
  ],
};

let staffed: StaffedApi;
let cli: CliHome;
let golden: Record<string, unknown>;
let hashOf: string | null = null;

const call = (who: string, method: string, path: string, body?: object) =>
  staffed.call(who, method, path, body);
const post = (who: string, path: string, body?: object) =>
  call(who, 'POST', `rule-sets/oracle${path}`, body);
const person = (name: string) => staffed.people.get(name);
const trueup = async (who: string, ...args: readonly string[]) =>
  cli.run(['rules', ...args, '--url', staffed.api.url], { TRUEUP_KEY: staffed.keyOf(who) });

/** A version that rounds so, with a test that says to what. */
function versionOf(version: string, roundingScope: string, required: string, change: object = {}) {
  return {
    schemaVersion: 1,
    version,
    summary: `Rounded ${roundingScope}.`,
    metrics: [{ metric: 'oracle_processor', parameters: { roundingScope } }],
    factorTables: [TABLE],
    tests: [{ ...golden, cases: [{ name: 'the contract', expect: { P: { rightsRequired: required } } }] }],
    ...change,
  }; // prettier-ignore
}

async function save(who: string, document: object, seen = hashOf) {
  const answer = await call(who, 'PUT', 'rule-sets/oracle/draft', { document, seen });
  if (answer.status === 200) hashOf = answer.body.contentHash;
  return answer;
}

/** Reconciles a day (today where none is named), and gives the run and the position. */
async function reconciled(asOf: string | null = null) {
  const context = { tenantId: 'acme', signal: AbortSignal.timeout(60_000), hold: async () => {} };
  await runReconciliation(staffed.api.deps, context, { reconciliationId: null, asOf, knownAt: null });
  const [run] = (await call('Vera', 'GET', 'reconciliations?limit=1')).body.data;
  const { data } = (await call('Vera', 'GET', `reconciliations/${run.id}/positions?sku=P`)).body;
  return { run, line: data[0].line };
} // prettier-ignore

/** Computes a kept run once more. */
const again = ({ asOf, knownAt }: { asOf: string; knownAt: string }) =>
  staffed.inTx(async (tx) =>
    reconcile(
      (await loadSnapshot(tx, asOf, new Date(knownAt))).snapshot,
      staffed.api.deps.registry.metrics,
    ),
  );

beforeAll(async () => {
  staffed = await staffedApi({ Ed: ['editor'], Lena: ['licence-manager'], Adam: ['approver'], Vera: ['viewer'] }); // prettier-ignore
  cli = await makeCliHome();
  golden = JSON.parse(await readFile(GOLDEN, 'utf8'));
  const facts = golden['facts'] as Readonly<Record<string, readonly object[]>>;
  const bodies = <Body>(noun: string, schema: z.ZodType<Body>, change: object = {}) =>
    (facts[noun] ?? []).map((each) => schema.parse({ ...each, ...change }));
  await staffed.inTx(async (tx) => {
    await decideFacts(tx, 'sku', bodies('sku', NOUNS.sku));
    await decideFacts(tx, 'entitlement', bodies('entitlement', NOUNS.entitlement, { unitPrice: '100', currency: 'EUR' }));
    await decideFacts(tx, 'entitlementTransaction', bodies('entitlementTransaction', NOUNS.entitlementTransaction, { quantityDelta: '4' }));
    await decideFacts(tx, 'host', bodies('host', NOUNS.host));
    await decideFacts(tx, 'productInstance', bodies('productInstance', NOUNS.productInstance));
  }); // prettier-ignore
}, 240_000);
afterAll(async () => {
  await cli?.stop();
  await staffed?.close();
});

describe('a rule set', () => {
  test('is begun by those who may, once, and states nothing: a company counts as before', async () => {
    const body = { id: 'oracle', title: 'How our Oracle contract counts' };
    const mayNot = await call('Vera', 'POST', 'rule-sets', body);
    const made = await call('Ed', 'POST', 'rule-sets', body);
    const twice = await call('Lena', 'POST', 'rule-sets', body);
    const { run, line } = await reconciled();

    expect([mayNot.status, made.status, twice.status]).toEqual([403, 201, 409]);
    expect(made.headers.get('location')).toBe('/api/v1/rule-sets/oracle');
    expect([run.ruleSets, run.factorTables, line.status]).toEqual([{}, {}, 'indeterminate']);
  });

  test('keeps a draft that does not pass its checks, says why, and does not take it in', async () => {
    const noVersion = await save('Ed', { ...versionOf('1.0', 'total', '5') });
    const wrong = await save('Ed', versionOf('1.0.0', 'total', '6'));
    const submitted = await post('Ed', '/draft:submit');
    const checked = await post('Ed', ':validate', { document: versionOf('1.0.0', 'total', '5') });

    expect([noVersion.status, wrong.status, submitted.status]).toEqual([422, 200, 422]);
    expect(noVersion.body.detail).toContain('/version is not a version such as 1.4.0');
    expect(wrong.body.check).toMatchObject({ ok: false, tests: [{ test: 'G-27', problems: ['P.rightsRequired: expected "6", got "5"'] }] }); // prettier-ignore
    expect(submitted.body.detail).toContain('expected "6", got "5"');
    expect(checked.body).toMatchObject({ ok: true, problems: [] });
  });

  test('is not overwritten unseen', async () => {
    const stale = await save('Lena', versionOf('1.0.0', 'per_factor_class', '6'), null);
    const seen = await save('Lena', versionOf('1.0.0', 'per_factor_class', '6'));

    expect([stale.status, seen.status]).toEqual([409, 200]);
    expect(seen.body.authors).toEqual(
      [person('Ed'), person('Lena')].toSorted((a = '', b = '') => (a < b ? -1 : 1)),
    );
  });
});

describe('a version', () => {
  test('is approved by who wrote none of it, over the shadow run that was looked at', async () => {
    const submitted = await post('Lena', '/draft:submit');
    const untried = await post('Adam', '/versions/1.0.0:approve', { shadow: 'rsh_none' });
    const first = await post('Lena', '/versions/1.0.0:shadow', {});
    const { body: shadow } = await post('Lena', '/versions/draft:shadow', {});
    const old = await post('Adam', '/versions/1.0.0:approve', { shadow: first.body.id });
    const own = await post('Lena', '/versions/1.0.0:approve', { shadow: shadow.id });
    const viewer = await post('Vera', '/versions/1.0.0:approve', { shadow: shadow.id });
    const early = await post('Adam', '/versions/1.0.0:activate', {});
    const given = await post('Adam', '/versions/1.0.0:approve', { shadow: shadow.id });
    const twice = await post('Adam', '/versions/1.0.0:approve', { shadow: shadow.id });

    expect([submitted.body.status, untried.status, first.status]).toEqual(['submitted', 422, 201]);
    expect([old, own, viewer, early, given, twice].map(({ status }) => status)).toEqual([409, 403, 403, 409, 200, 409]); // prettier-ignore
    expect(given.body).toMatchObject({ status: 'approved', approvedBy: person('Adam'), shadowId: shadow.id }); // prettier-ignore
    expect(shadow).toMatchObject({
      asOf: '2026-03-02', compared: 1, resultHash: first.body.resultHash,
      moved: [{ skuCode: 'P', status: { before: 'indeterminate', after: 'non_compliant' }, figures: {
        shortfall: { before: null, after: '2', difference: null }, trueUpCost: { before: null, after: '200.00', difference: null },
      } }],
      money: [{ currency: 'EUR', trueUpCost: { before: '0.00', after: '200.00', difference: '200.00' } }],
    }); // prettier-ignore
  });

  test('cannot be approved by its author in the database either', async () => {
    await save('Ed', versionOf('1.0.1', 'total', '5'), null);
    const forged = staffed.inTx((tx) =>
      tx.run(
        `update rule_set_version set status = 'approved', approved_by = authors[1], approved_at = app.clock(), shadow_id = 'x',
           submitted_by = authors[1], submitted_at = app.clock() where version = '1.0.1'`,
      ),
    );

    await expect(forged).rejects.toThrow(/rule_set_version_check/);
  });

  test('counts from its day on, and each run keeps by what it counted', async () => {
    const late = await post('Adam', '/versions/1.0.0:activate', { from: '2026-03-01' });
    const given = await post('Adam', '/versions/1.0.0:activate', { reason: 'signed' });
    const { run, line } = await reconciled();
    const yesterday = await reconciled('2026-03-01');

    expect([late.status, given.status]).toEqual([422, 200]);
    expect(line).toMatchObject({ rightsRequired: '6', shortfall: '2', trueUpCost: '200.00' });
    expect(run).toMatchObject({ ruleSets: { oracle: '1.0.0' }, factorTables: { oracle_core_factor: '2026-01' } }); // prettier-ignore
    expect(yesterday).toMatchObject({ run: { ruleSets: {} }, line: { status: 'indeterminate' } });
  });
});

describe('the next version', () => {
  let first: { id: string; asOf: string; knownAt: string; resultHash: string; inputHash: string };

  test('goes its whole way from the command line, and is put off to a day', async () => {
    first = (await reconciled()).run;
    const file = join(cli.desk, 'oracle.json');
    await writeFile(file, JSON.stringify(versionOf('1.1.0', 'total', '5')));
    const steps = [
      await trueup('Ed', 'edit', 'oracle', file),
      await trueup('Ed', 'submit', 'oracle'),
      await trueup('Lena', 'shadow', 'oracle', '1.1.0'),
    ];
    const shown = await trueup('Adam', 'show', 'oracle', 'draft', '--json');
    const { shadow } = JSON.parse(shown.out);
    steps.push(
      await trueup('Adam', 'approve', 'oracle', '1.1.0', '--shadow', shadow.id),
      await trueup('Adam', 'activate', 'oracle', '1.1.0', '--from', '2026-04-01'),
      await trueup('Vera', 'list'),
    );

    expect(steps.map(({ code, err }) => [code, err])).toEqual(steps.map(() => [0, '']));
    expect(steps[0]?.out).toContain('Tests: 1 passed, 0 failed.');
    expect(steps[2]?.out).toMatch(/6 -> 5 .*2 -> 1 .*200\.00 -> 100\.00 EUR/);
    expect(steps[2]?.out).toContain('True-up: 200.00 -> 100.00 EUR (-100.00)');
    expect(steps[4]?.out).toContain('From 2026-03-02 until before 2026-04-01: 1.0.0\nFrom 2026-04-01: 1.1.0'); // prettier-ignore
    expect(steps[5]?.out).toMatch(/oracle .*1\.0\.0 +1\.1\.0 from 2026-04-01/);
  });

  test('holds for runs of its days; what it moved is a change of rules', async () => {
    const april = await reconciled('2026-04-01');
    const { body } = await call('Vera', 'GET', `reconciliations/${april.run.id}/delta?against=${first.id}`); // prettier-ignore

    expect((await reconciled()).line.rightsRequired).toBe('6');
    expect(april).toMatchObject({ run: { ruleSets: { oracle: '1.1.0' } }, line: { rightsRequired: '5' } }); // prettier-ignore
    expect(body.lines[0].figures.rightsRequired).toEqual({
      before: '6', after: '5', total: '-1', by: { rule: '-1', dataCorrection: '0', entitlement: '0', demand: '0' },
    }); // prettier-ignore
  });

  test('L5: is taken back, and every run that was kept comes to the same when it is computed again', async () => {
    const april = (await reconciled('2026-04-01')).run;
    const back = await trueup('Adam', 'rollback', 'oracle', '--reason', 'read the wrong annex');
    const now = await reconciled('2026-04-01');

    expect(back.out).toContain('From 2026-04-01: 1.0.0 (1.1.0 was taken back)');
    expect(now).toMatchObject({ run: { ruleSets: { oracle: '1.0.0' } }, line: { rightsRequired: '6' } }); // prettier-ignore
    for (const run of [first, april, now.run])
      expect(await again(run)).toMatchObject({ resultHash: run.resultHash, inputHash: run.inputHash }); // prettier-ignore
    expect(now.run.resultHash).not.toBe(april.resultHash);
  });

  test('of another set cannot state what this one states', async () => {
    await call('Ed', 'POST', 'rule-sets', { id: 'general', title: 'Everything else' });
    const document = versionOf('1.0.0', 'total', '5');
    const { body } = await call('Ed', 'POST', 'rule-sets/general:validate', { document });

    expect(body.problems).toEqual([
      { path: '/metrics/0', message: 'the rule set "oracle" states "oracle_processor" already' },
      { path: '/factorTables/0', message: 'the rule set "oracle" states "oracle_core_factor" already' },
    ]); // prettier-ignore
  });

  test('sent back is a draft again, and the history of all of it is in the audit', async () => {
    await save('Ed', versionOf('1.2.0', 'per_server', '7'), null);
    await post('Ed', '/draft:submit');
    const declined = await post('Adam', '/versions/1.2.0:decline', { reason: 'not what it says' });
    const { body } = await staffed.api.call('GET', '/api/v1/audit-events?subject=oracle', { key: (await staffed.api.person('acme', ['auditor'])).key }); // prettier-ignore
    const other = (await staffed.api.person('globex', ['admin'])).key;
    const hidden = await staffed.api.call('GET', '/api/v1/rule-sets/oracle', { key: other });

    expect(declined.body).toMatchObject({ status: 'draft', reason: 'not what it says' });
    expect(body.data[0]).toMatchObject({ action: 'rule_set.declined', details: { version: '1.2.0' } }); // prettier-ignore
    expect(new Set(body.data.map(({ action }: { action: string }) => action))).toEqual(
      new Set(['created', 'draft_saved', 'submitted', 'shadowed', 'approved', 'declined', 'activated', 'rolled_back'].map((verb) => `rule_set.${verb}`)),
    ); // prettier-ignore
    expect(hidden.status).toBe(404);
  });
});

test('the metrics are listed with what may be stated for them', async () => {
  const { data } = (await call('Vera', 'GET', 'licence-metrics')).body;
  const oracle = data.find(({ code }: { code: string }) => code === 'oracle_processor');

  expect(oracle.parameters.properties.roundingScope).toMatchObject({
    enum: ['per_factor_class', 'per_server', 'total'],
    default: 'per_factor_class',
  });
});
