import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import {
  core,
  entitlement,
  grant,
  metrics,
  ownSeat,
  seats,
  sku,
} from '../../test/support/licensing-facts.ts';
import { factOf } from '../../test/support/facts.ts';
import type { TenantTx } from '../db/store.ts';
import { linkAccounts } from '../ledger/identity/link-accounts.ts';
import { reconcile, type Reconciliation } from './reconcile.ts';
import {
  getFinding,
  getLine,
  getRun,
  latestRun,
  listFindings,
  listPositions,
  listRuns,
  saveRun,
} from './runs.ts';
import { snapshotOf } from './snapshot.ts';
import { keepStandingFindings } from './standing-findings.ts';

const KNOWN_AT = '2026-03-02T09:00:00.000Z';
const STARTED = new Date('2026-03-02T09:00:00.000Z');
let database: TestStore;

beforeAll(async () => {
  database = await testStore();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  await inTenant(async (tx) => {
    await tx.run('delete from finding');
    await tx.run('delete from reconciliation_run');
  });
});

async function inTenant<T>(work: (tx: TenantTx) => Promise<T>): Promise<T> {
  return await database.store.withTenant(database.tenantId, work);
}

/** A reconciliation in which so many leavers hold a seat each; only those findings, since how they are kept is tested here. */
function leavers(users: readonly string[], asOf = '2026-03-02'): Reconciliation {
  const accounts = users.map((id) =>
    factOf('userAccount', 'directory', {
      externalRef: id,
      userName: id,
      active: true,
      employeeNumber: id,
    }),
  );
  const spells = [...users, 'nobody'].map((id) =>
    factOf('employmentSpell', 'hr', {
      externalRef: id,
      employeeNumber: id,
      validFrom: '2020-01-01',
      validTo: '2026-02-01',
    }),
  );
  const facts = {
    skus: [sku('FIG', 'user_subscription'), ...core.skus],
    accounts,
    spells,
    links: linkAccounts({ accounts, spells }).links,
    entitlements: [entitlement('e1', { unitPrice: '120', currency: 'JPY' })],
    transactions: [grant('e1', '2', '2026-01-01')],
    orders: [factOf('order', 'paper', { externalRef: 'A-1', number: 'A-1', kind: 'opening_balance', posture: 'licensee', status: 'activated', orderDate: '2026-01-01', currency: 'JPY' })],
    orderLines: [factOf('orderLine', 'paper', { externalRef: 'A-1/1', orderRef: 'A-1', lineNumber: 1, skuCode: 'FIG', quantity: '40', unitPrice: '480' })],
    seats: [...seats(3), ...users.map((id) => ownSeat(id))],
  }; // prettier-ignore
  const all = reconcile(snapshotOf(asOf, KNOWN_AT, facts), metrics);
  return { ...all, findings: all.findings.filter(({ kind }) => kind === 'orphaned_seat') };
}

const save = (reconciliation: Reconciliation, { complete = true, current = true } = {}) =>
  inTenant((tx) => saveRun(tx, { reconciliation, startedAt: STARTED, complete, current }));

describe('a saved run', () => {
  test('is read back as it was computed, with lines, inputs, steps and hashes', async () => {
    const reconciliation = leavers(['u1']);
    const saved = await save(reconciliation);

    const [run, positions] = await inTenant(
      async (tx) => [await getRun(tx, saved.id), await listPositions(tx)] as const,
    );

    expect(run).toEqual(saved);
    expect(run).toMatchObject({
      asOf: '2026-03-02', knownAt: KNOWN_AT, resultHash: reconciliation.resultHash, ruleVersions: reconciliation.ruleVersions,
      counts: { positions: 2, findings: 1, opened: 1, resolved: 0 },
    }); // prettier-ignore
    const byId = reconciliation.positions.toSorted((a, b) => (a.line.id < b.line.id ? -1 : 1));
    expect(positions).toEqual(byId.map((each) => ({ ...each, runId: saved.id })));
  });

  test('lines can be filtered, paged by key, and asked for one by one', async () => {
    const saved = await save(leavers(['u1']));

    await inTenant(async (tx) => {
      const [short] = await listPositions(tx, { status: 'non_compliant' });
      const [first] = await listPositions(tx, { limit: 1 });
      const rest = await listPositions(tx, { after: first?.line.id, runId: saved.id });

      expect(short?.line).toMatchObject({ skuCode: 'CORE', shortfall: '1', trueUpCost: '120' });
      expect(rest).toHaveLength(1);
      expect(await getLine(tx, short?.line.id ?? '')).toEqual(short);
      await expect(getLine(tx, 'pos_x')).rejects.toThrow(
        'The latest reconciliation has no position line pos_x',
      );
      await expect(getRun(tx, 'rec_x')).rejects.toThrow('There is no reconciliation run rec_x');
    });
  });

  test('the latest run is the latest over the present; before the first there are no lines', async () => {
    expect(await inTenant(listPositions)).toEqual([]);
    const present = await save(leavers([]));
    const past = await save(leavers([], '2026-02-01'), { current: false });

    expect((await inTenant(latestRun))?.id).toBe(present.id);
    expect((await inTenant(listRuns)).map((run) => run.id)).toEqual([past.id, present.id]);
  });
});

describe('findings across runs', () => {
  const list = (status?: 'any') => inTenant((tx) => listFindings(tx, { status }));

  test('what stands about who answers for what is left alone by a run, and resolved only where it is mended', async () => {
    const draft = (id: string) => ({
      kind: 'unowned' as const,
      severity: 'low' as const,
      subject: { type: 'product', id },
      sku: id,
      evidence: ['fct_1'],
      owner: null,
      summary: 'Name one.',
    });
    const keep = (...ids: readonly string[]) =>
      inTenant((tx) => keepStandingFindings(tx, '2026-03-02', ids.map(draft)));
    const kinds = async () => (await list()).map(({ kind, subject }) => `${kind} ${subject.id}`);

    await keep('A', 'B');
    await save(leavers(['u1']));
    const all = await kinds();
    await keep('B');

    expect(all.toSorted()).toEqual(['orphaned_seat u1', 'unowned A', 'unowned B']);
    expect((await kinds()).toSorted()).toEqual(['orphaned_seat u1', 'unowned B']);
  });

  test('a finding that is seen again keeps its identity, its due date and its first run', async () => {
    const first = await save(leavers(['u1']));
    const second = await save(leavers(['u1'], '2026-03-05'));

    const [finding, ...others] = await list();

    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'orphaned_seat',
      firstRunId: first.id,
      lastRunId: second.id,
      dueAt: '2026-03-09',
      status: 'open',
      amount: '480',
      currency: 'JPY',
    });
    expect(second.counts).toMatchObject({ opened: 0, resolved: 0 });
  });

  test('a complete run resolves what it no longer sees, an incomplete one does not', async () => {
    await save(leavers(['u1', 'u2']));

    await save(leavers(['u2']), { complete: false });
    expect(await list()).toHaveLength(2);

    const complete = await save(leavers(['u2']));
    expect((await list()).map((each) => each.subject.id)).toEqual(['u2']);
    expect(complete.counts).toMatchObject({ opened: 0, resolved: 1 });
    expect((await list('any')).find((each) => each.subject.id === 'u1')).toMatchObject({
      status: 'resolved',
      resolvedAt: expect.any(String),
    });
  });

  test('a resolved finding that is back is the same one, open again with a new due date', async () => {
    const first = await save(leavers(['u1']));
    await save(leavers([]));
    const back = await save(leavers(['u1'], '2026-04-01'));

    const [finding] = await list('any');

    expect(finding).toMatchObject({
      status: 'open',
      firstRunId: first.id,
      lastRunId: back.id,
      dueAt: '2026-04-08',
      resolvedAt: null,
    });
    expect(back.counts.opened).toBe(1);
  });

  test('what a person decided about a finding survives the next run', async () => {
    await save(leavers(['u1']));
    await inTenant((tx) => tx.run(`update finding set status = 'accepted', owner = 'usr_1'`));
    await save(leavers(['u1']));

    expect((await list())[0]).toMatchObject({ status: 'accepted', owner: 'usr_1' });
  });

  test('a look into the past opens and resolves nothing', async () => {
    await save(leavers(['u1']));
    await save(leavers(['u2'], '2026-02-20'), { current: false });

    expect((await list('any')).map((each) => [each.subject.id, each.status])).toEqual([
      ['u1', 'open'],
    ]);
  });

  test('one finding can be read by its id, an unknown id is told', async () => {
    await save(leavers(['u1']));
    const [finding] = await list();

    expect(await inTenant((tx) => getFinding(tx, finding?.id ?? ''))).toEqual(finding);
    await expect(inTenant((tx) => getFinding(tx, 'fnd_x'))).rejects.toThrow(
      'There is no finding fnd_x',
    );
  });

  test('another tenant sees neither runs nor lines nor findings', async () => {
    await save(leavers(['u1']));

    const seen = await database.store.withTenant(database.otherTenantId, async (tx) => [
      ...(await listRuns(tx)),
      ...(await listPositions(tx)),
      ...(await listFindings(tx, { status: 'any' })),
    ]);

    expect(seen).toEqual([]);
  });
});
