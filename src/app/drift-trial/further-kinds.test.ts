import { beforeAll, describe, expect, test } from '@jest/globals';
import { DETECTORS } from '../../licensing/find-drift.ts';
import { reconcile } from '../../licensing/reconcile.ts';
import { loadRegistry, type Registry } from '../../registry/load-registry.ts';
import { driftedCompany } from '../../sample/further/further-drift.ts';
import { saidBy, TRIAL_ROLES } from './read-company.ts';
import { scoreDrift, type KindScore } from './score-drift.ts';
import { createTrialLedger } from './trial-ledger.ts';
import { rightsIn, snapshotIn } from './trial-world.ts';

const SEEDS = [3, 4, 5];
/** What the four systems of the company hold: their records are read from twins, and not here. */
const OF_TWINS = new Set([
  'active_leaver', 'department_mismatch', 'duplicate_identity', 'early_access', 'missing_in_crm', 'missing_in_directory', 'missing_in_erp',
  'orphaned_seat', 'overlapping_terms', 'price_leakage', 'price_mismatch', 'quantity_mismatch', 'sku_mismatch', 'unlinked_account',
]); // prettier-ignore
const KINDS = DETECTORS.map(({ kind }) => kind);

let registry: Registry;
beforeAll(async () => {
  registry = await loadRegistry();
});

/** What further systems say of a company, reconciled without the company itself. */
function scoresOf(seed: number): readonly KindScore[] {
  const { today, records, later, planted } = driftedCompany(seed, { scale: 0.25 });
  const ledger = createTrialLedger();
  for (const [said, at] of [[records, '2026-02-20T09:00:00.000Z'], [later, `${today}T09:00:00.000Z`]] as const) {
    ledger.record(said.map(saidBy), at);
    ledger.record(rightsIn(ledger, TRIAL_ROLES, today), at);
  } // prettier-ignore
  const snapshot = snapshotIn(ledger, TRIAL_ROLES, today, `${today}T09:00:00.000Z`);
  const { findings, positions } = reconcile(snapshot, registry.metrics);
  const here = planted.filter(({ kind }) => !OF_TWINS.has(kind));
  return scoreDrift(
    KINDS.filter((kind) => !OF_TWINS.has(kind)),
    here,
    [{ asOf: today, findings, positions }],
  );
}

describe('drift that further systems tell of', () => {
  test.each(SEEDS)(
    'is found case by case, and nothing that only looks like it, seed %s',
    (seed) => {
      const scores = scoresOf(seed);

      const short = scores.filter(({ planted, missed, wrong }) => planted < 4 || missed.length + wrong.length > 0); // prettier-ignore
      expect(short).toEqual([]);
      expect(scores.length + OF_TWINS.size).toBe(KINDS.length);
    },
  );

  test('every kind that is looked for is planted in every company, each case once', () => {
    for (const seed of SEEDS) {
      const { planted } = driftedCompany(seed, { scale: 0.25 });
      const keys = planted.map(({ kind, subject, sku }) => JSON.stringify([kind, subject, sku]));

      expect(KINDS.filter((kind) => !planted.some((each) => each.kind === kind))).toEqual([]);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('the same seed gives the same company', () => {
    expect(driftedCompany(6, { scale: 0.25 })).toEqual(driftedCompany(6, { scale: 0.25 }));
  });
});

test('what is said again unchanged keeps the instant at which it became known', () => {
  const ledger = createTrialLedger();
  const sku = (name: string) => [
    { connection: 'c', noun: 'sku' as const, body: { externalRef: 'X', skuCode: 'X', name }, lineage: null },
  ]; // prettier-ignore
  ledger.record(sku('One'), '2026-01-01T00:00:00.000Z');
  ledger.record(sku('One'), '2026-02-01T00:00:00.000Z');
  const [kept] = ledger.of('sku');
  ledger.record(sku('Two'), '2026-03-01T00:00:00.000Z');
  const [changed, ...more] = ledger.of('sku');

  expect(kept).toMatchObject({ recordedFrom: '2026-01-01T00:00:00.000Z', body: { name: 'One' } });
  expect(changed).toMatchObject({
    recordedFrom: '2026-03-01T00:00:00.000Z',
    body: { name: 'Two' },
  });
  expect([more, changed?.factId === kept?.factId]).toEqual([[], false]);
});
