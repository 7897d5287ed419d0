import { describe, expect, test } from '@jest/globals';
import type { SavedFinding } from './finding-store.ts';
import type { VarianceRow } from './four-way/variance.ts';
import { findingKpis, utilisationOf } from './kpis.ts';

const row = (change: Partial<VarianceRow>): VarianceRow => ({
  posture: 'licensor',
  ownerRef: '001A',
  ownerName: 'Acme',
  skuCode: 'CORE',
  contract: null,
  order: null,
  invoice: null,
  owned: '100',
  seats: '80',
  used: '60',
  differences: [],
  evidence: [],
  ...change,
});
const finding = (change: Partial<SavedFinding>): SavedFinding => ({
  id: 'fnd',
  kind: 'orphaned_seat',
  severity: 'high',
  subject: { type: 'UserAccount', id: 'u1' },
  sku: 'FIG',
  amount: '10.00',
  currency: 'EUR',
  evidence: ['fct'],
  owner: null,
  dueAt: '2026-03-09',
  status: 'open',
  summary: '',
  firstRunId: 'rec_1',
  lastRunId: 'rec_1',
  openedAt: '2026-02-01T10:00:00.000Z',
  resolvedAt: null,
  accepted: null,
  ...change,
});
const resolved = (openedAt: string, resolvedAt: string) =>
  finding({ status: 'resolved', openedAt: `${openedAt}T10:00:00.000Z`, resolvedAt: `${resolvedAt}T10:00:00.000Z` }); // prettier-ignore
const kpis = (...findings: readonly SavedFinding[]) =>
  findingKpis(findings, { today: '2026-03-10', days: 28 });

describe('utilisation', () => {
  test('is seats and use by rights owned, and use by seats', () => {
    expect(utilisationOf([row({})], () => 'all')).toEqual([
      { group: 'all', owned: '100', seats: '80', used: '60', uncovered: '0', assigned: '80', active: '60', yield: '75' },
    ]); // prettier-ignore
  });

  test('of a group adds its rows, and leaves out what nobody measures', () => {
    const rows = [
      row({}),
      row({ owned: '50', seats: '40', used: '40' }),
      row({ owned: '900', seats: null }),
      row({ owned: null }),
    ];

    expect(utilisationOf(rows, () => 'all')[0]).toMatchObject({ owned: '150', assigned: '80' });
  });

  test('tells what no right covers, and nets no surplus of one row against it', () => {
    const rows = [row({}), row({ owned: '50', seats: '57' }), row({ owned: '10', seats: '12' })];

    expect(utilisationOf(rows, () => 'all')[0]).toMatchObject({ owned: '160', uncovered: '9' });
  });

  test('is unknown where a part of it is, and where no right is owned', () => {
    const [mixed] = utilisationOf([row({}), row({ used: null })], () => 'all');
    const [none] = utilisationOf([row({ owned: '0' })], () => 'all');

    expect(mixed).toMatchObject({ assigned: '80', active: null, yield: null });
    expect(none).toMatchObject({ assigned: null, active: null, yield: '75' });
  });

  test('groups come in the order of their names', () => {
    const rows = [row({ skuCode: 'B' }), row({ skuCode: 'A' })];

    expect(utilisationOf(rows, ({ skuCode }) => skuCode).map(({ group }) => group)).toEqual(['A', 'B']); // prettier-ignore
  });
});

describe('findings', () => {
  test('are counted as they stand, and late ones by their due date', () => {
    const [kpi] = kpis(
      finding({}),
      finding({ status: 'in_progress', dueAt: '2026-03-10' }),
      finding({ status: 'accepted' }),
    );

    expect(kpi).toMatchObject({ open: 2, overdue: 1, accepted: 1, resolved: 0 });
    expect(kpi?.daysToRemediate).toBeNull();
  });

  test('take the days from open to resolved, of those resolved within the period', () => {
    const [kpi] = kpis(
      resolved('2026-02-20', '2026-02-22'),
      resolved('2026-02-20', '2026-02-25'),
      resolved('2026-02-20', '2026-03-10'),
      resolved('2025-01-01', '2026-02-10'),
    );

    expect(kpi).toMatchObject({ resolved: 3, daysToRemediate: { median: 5, mean: 8.33 } });
  });

  test('money is added by currency: what is at stake, and what was saved', () => {
    const [kpi] = kpis(
      finding({}),
      finding({ amount: '5.50' }),
      finding({ amount: '7.00', currency: 'USD', status: 'accepted' }),
      finding({ amount: null, currency: null }),
      resolved('2026-02-20', '2026-03-01'),
    );

    expect(kpi?.atStake).toEqual([
      { amount: '15.50', currency: 'EUR' },
      { amount: '7.00', currency: 'USD' },
    ]);
    expect(kpi?.saved).toEqual([{ amount: '10.00', currency: 'EUR' }]);
  });
});
