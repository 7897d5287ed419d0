import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { entitlement, grant, KNOWN_AT, ownSeat, sku } from '../../test/support/licensing-facts.ts';
import type { MetricDefinition } from '../sdk/define-metric.ts';
import averageEndpoints from './metrics/average-endpoints.ts';
import metered from './metrics/metered.ts';
import userSubscription from './metrics/user-subscription.ts';
import { computePositions } from './position.ts';
import { snapshotOf, type SnapshotFacts } from './snapshot.ts';

const ALL = new Map<string, MetricDefinition>(
  [metered, userSubscription, averageEndpoints].map((each) => [each.code, each]),
);
const paper = {
  skus: [sku('FIG', 'user_subscription'), sku('API', 'metered')],
  entitlements: [entitlement('p1', { posture: 'licensee', ownerRef: 'own', skuCode: 'FIG' })],
  transactions: [grant('p1', '10', '2026-01-01')],
  seats: [ownSeat('ann')],
} satisfies Partial<SnapshotFacts>;
const lineOf = (facts: Partial<SnapshotFacts>, skuCode = 'FIG') =>
  computePositions(snapshotOf('2026-03-02', KNOWN_AT, { ...paper, ...facts }), ALL)
    .map(({ line }) => line)
    .find((line) => line.skuCode === skuCode);
const reading = (id: string, quantity: string, unit?: string, skuCode = 'API') =>
  factOf('usageObservation', 'meter', {
    externalRef: id, posture: 'licensee', subjectType: 'instance', subjectRef: 'i', skuCode, kind: 'metered', quantity,
    observedAt: '2026-03-01T00:00:00Z', ...(unit === undefined ? {} : { unit }),
  }); // prettier-ignore

describe('a figure is indeterminate, and says why,', () => {
  test('where something was used less than not at all', () => {
    const usage = [reading('r1', '-5'), reading('r2', '7')];
    const allocations = [
      factOf('allocation', 'trueup', {
        externalRef: 'a1',
        entitlementRef: 'p1',
        subjectType: 'person',
        subjectRef: 'x',
        quantity: '-1',
      }),
    ];

    expect(lineOf({ usage }, 'API')).toMatchObject({
      status: 'indeterminate',
      shortfall: null,
      warnings: expect.arrayContaining(['negative_quantity: r1']),
    });
    expect(lineOf({ allocations })).toMatchObject({
      status: 'indeterminate',
      surplus: null,
      warnings: ['negative_quantity: a1'],
    });
  });

  test('where more is taken back than was granted; rights that all have ended are none, and no contradiction', () => {
    const overdrawn = [...paper.transactions, grant('p1', '-11', '2026-02-01')];
    const over = [grant('p1', '10', '2025-01-01', '2026-01-01'), grant('p1', '-3', '2025-06-01')];

    expect(lineOf({ transactions: overdrawn })).toMatchObject({
      status: 'indeterminate',
      warnings: ['negative_rights: p1'],
    });
    expect(lineOf({ transactions: over })).toMatchObject({
      rightsOwned: '0',
      shortfall: '1',
      status: 'non_compliant',
    });
  });

  test('where a right ends before it begins', () => {
    const transactions = [...paper.transactions, grant('p1', '5', '2026-06-01', '2026-05-01')];

    expect(lineOf({ transactions })).toMatchObject({
      status: 'indeterminate',
      warnings: ['period_ends_before_it_begins: p1/2026-06-01/5'],
    });
  });

  test('where use is metered in several units, or in another one than the metric counts', () => {
    const mixed = [reading('r1', '5', 'call'), reading('r2', '7', 'gigabyte')];
    const other = [reading('r1', '5', 'call', 'EDR')];
    const skus = [...paper.skus, sku('EDR', 'average_endpoints')];

    expect(lineOf({ usage: mixed }, 'API')).toMatchObject({
      status: 'indeterminate',
      warnings: expect.arrayContaining(['mixed_units: call, gigabyte']),
    });
    expect(lineOf({ usage: other, skus }, 'EDR')).toMatchObject({
      status: 'indeterminate',
      warnings: expect.arrayContaining([`unit_mismatch: call for ${averageEndpoints.unit}`]),
    });
    expect(lineOf({ usage: [reading('r1', '5', 'call')] }, 'API')?.warnings.join()).not.toContain(
      'unit',
    );
  });
});

test('of many records that are wrong three are named and the rest is counted', () => {
  const usage = ['r5', 'r4', 'r3', 'r2', 'r1'].map((id) => reading(id, '-1'));

  expect(lineOf({ usage }, 'API')?.warnings).toContain('negative_quantity: r1, r2, r3 and 2 more');
});

test('an allocation to a group that nobody knows leaves open what is set aside', () => {
  const allocations = [
    factOf('allocation', 'trueup', {
      externalRef: 'a1',
      entitlementRef: 'p1',
      subjectType: 'group',
      subjectRef: 'gone',
    }),
  ];

  expect(lineOf({ allocations })).toMatchObject({
    surplus: null,
    status: 'indeterminate',
    warnings: ['unknown_group: gone'],
  });
});
