import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../../test/support/database.ts';
import type { Finding } from '../../canonical/finding.ts';
import { listAudit } from '../../audit/list-audit.ts';
import { fixedClock } from '../../kernel/clock.ts';
import { getFinding, saveRun } from '../../licensing/runs.ts';
import { loadBuiltins } from '../../mapping/builtin.ts';
import { loadRegistry } from '../../registry/load-registry.ts';
import { systemCaller, type Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { addUser } from './add-user.ts';
import { disableUser } from './disable-user.ts';
import { handleFinding, type FindingStep } from './handle-finding.ts';

const TODAY = '2026-03-02';

let db: TestStore;
let caller: Caller;
let deps: Deps;

const finding = (id: string): Finding => ({
  id,
  kind: 'orphaned_seat',
  severity: 'high',
  subject: { type: 'UserAccount', id },
  sku: 'FIG',
  amount: null,
  currency: null,
  evidence: ['fct_1'],
  owner: null,
  dueAt: '2026-03-09',
  status: 'open',
  summary: 'Take the seat back.',
});
/** A complete run of a day that found these. */
const run = (asOf: string, ...ids: readonly string[]) =>
  db.store.withTenant(db.tenantId, (tx) =>
    saveRun(tx, {
      reconciliation: {
        asOf, knownAt: `${asOf}T09:00:00.000Z`, ruleVersions: {}, ruleSets: {}, factorTables: {}, inputHash: 'a'.repeat(64), resultHash: 'b'.repeat(64), positions: [], findings: ids.map(finding),
      },
      startedAt: new Date(`${asOf}T09:00:00Z`),
      complete: true,
      current: true,
    }),
  ); // prettier-ignore
const step = (input: FindingStep, id = 'fnd_1') => handleFinding(deps, caller, { ...input, id });
const read = (id = 'fnd_1') => db.store.readTenant(db.tenantId, (tx) => getFinding(tx, id));
const accept = (until: string) => step({ do: 'accept', reason: 'Moves with the merger.', until });

beforeAll(async () => {
  db = await testStore();
  caller = systemCaller(db.tenantId, 'test');
  const { mappingsDir, transforms } = await loadRegistry();
  const mappings = await loadBuiltins(mappingsDir, transforms);
  deps = { store: db.store, clock: fixedClock(`${TODAY}T12:00:00.000Z`), mappings } as Partial<Deps> as Deps; // prettier-ignore
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.store.withTenant(db.tenantId, (tx) => tx.run('delete from finding'));
  await run(TODAY, 'fnd_1');
});

describe('a finding that somebody takes in hand', () => {
  test('is begun with by whoever begins, unless somebody sees to it already', async () => {
    const person = await addUser(deps, caller, { name: 'Ida', roles: ['editor'] });

    expect(await step({ do: 'start' })).toMatchObject({
      status: 'in_progress',
      owner: caller.personId,
    });
    await step({ do: 'assign', personId: person.id });
    expect(await step({ do: 'start' })).toMatchObject({ owner: person.id });
  });

  test('keeps its owner and state when it is found again', async () => {
    await step({ do: 'start' });

    await run('2026-03-03', 'fnd_1');

    expect(await read()).toMatchObject({
      status: 'in_progress',
      owner: caller.personId,
      dueAt: '2026-03-09',
    });
  });

  test('is not seen to by somebody who is disabled', async () => {
    const person = await addUser(deps, caller, { name: 'Gone', roles: ['editor'] });
    await disableUser(deps, caller, person.id);

    await expect(step({ do: 'assign', personId: person.id })).rejects.toThrow('is disabled');
  });

  test('once it is resolved there is nothing left to do', async () => {
    await run('2026-03-03');

    await expect(step({ do: 'start' })).rejects.toThrow('Finding fnd_1 is resolved');
    await expect(accept('2026-06-30')).rejects.toThrow('Nothing is left to do');
  });

  test('every step is audited', async () => {
    await accept('2026-06-30');
    await step({ do: 'reopen' });

    const audited = await db.store.readTenant(db.tenantId, (tx) => listAudit(tx, { limit: 10 }));
    const told = audited.filter(({ subjectId }) => subjectId === 'fnd_1').slice(0, 2);
    expect(told.map(({ action }) => action).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'finding.accepted',
      'finding.reopened',
    ]);
  });
});

describe('a finding that is accepted', () => {
  test('stays so, with who and why, until the day that was named', async () => {
    await accept('2026-03-10');

    await run('2026-03-09', 'fnd_1');
    expect(await read()).toMatchObject({
      status: 'accepted',
      accepted: { by: caller.personId, reason: 'Moves with the merger.', until: '2026-03-10' },
    });
    const { counts } = await run('2026-03-10', 'fnd_1');
    expect(counts.opened).toBe(1);
    expect(await read()).toMatchObject({ status: 'open', accepted: null });
  });

  test('is accepted for a year at most, and never for a day that has come', async () => {
    await expect(accept(TODAY)).rejects.toThrow('until a day after 2026-03-02');
    await expect(accept('2027-03-04')).rejects.toThrow('at most until 2027-03-03');
    expect(await accept('2027-03-03')).toMatchObject({ status: 'accepted' });
  });

  test('opened again by a person, it has the days of its severity anew', async () => {
    await db.store.withTenant(db.tenantId, (tx) =>
      tx.run(`update finding set due_at = '2026-01-01'`),
    );
    await accept('2026-03-10');

    expect(await step({ do: 'reopen' })).toMatchObject({
      status: 'open',
      accepted: null,
      dueAt: '2026-03-09',
    });
  });

  test('that is gone is resolved, and back it is open and no longer accepted', async () => {
    await accept('2026-12-31');
    await run('2026-03-03');
    await run('2026-03-04', 'fnd_1');

    expect(await read()).toMatchObject({ status: 'open', accepted: null });
  });
});
