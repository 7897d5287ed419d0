import concurrent from '../../src/licensing/metrics/concurrent.ts';
import type { Detector } from '../../src/licensing/detectors/detector.ts';
import { findDrift } from '../../src/licensing/find-drift.ts';
import meteredUnits from '../../src/licensing/metrics/metered.ts';
import namedUser from '../../src/licensing/metrics/named-user.ts';
import userSubscription from '../../src/licensing/metrics/user-subscription.ts';
import { computePositions } from '../../src/licensing/position.ts';
import { snapshotOf, type SnapshotFacts } from '../../src/licensing/snapshot.ts';
import type { DetectionPolicy } from '../../src/licensing/detection-policy.ts';
import { DEFAULT_DETECTION } from '../../src/licensing/detection-policy.ts';
import type { MetricDefinition } from '../../src/sdk/define-metric.ts';
import { factOf } from './facts.ts';

/** The day that the drift tests reconcile: a Monday. */
export const AS_OF = '2026-03-02';

const METRICS = new Map<string, MetricDefinition>(
  [concurrent, meteredUnits, namedUser, userSubscription].map((each) => [each.code, each]),
);

/** What one detector finds in a world on `AS_OF`, its lines computed by real metrics. */
export function driftOf(
  detector: Detector,
  facts: Partial<SnapshotFacts>,
  policy: Partial<DetectionPolicy> = {},
) {
  const detection = { ...DEFAULT_DETECTION, ...policy };
  const snapshot = snapshotOf(AS_OF, '2026-03-02T09:00:00.000Z', facts, { detection });
  return findDrift(snapshot, [detector], computePositions(snapshot, METRICS));
}

/** Rights of our own in a part number, and their transaction of that quantity, for a term. */
export function ownRights(
  skuCode: string,
  quantity: string,
  term: { readonly from?: string; readonly to?: string; readonly id?: string } = {},
  change: Partial<Parameters<typeof factOf<'entitlement'>>[2]> = {},
) {
  const id = term.id ?? `ent-${skuCode}`;
  return {
    entitlement: factOf('entitlement', 'trueup', {
      externalRef: id,
      posture: 'licensee',
      skuCode,
      ownerRef: 'own',
      status: 'active',
      ...change,
    }),
    transaction: factOf('entitlementTransaction', 'trueup', {
      externalRef: `${id}/grant`,
      entitlementRef: id,
      type: 'grant',
      quantityDelta: quantity,
      reason: 'order',
      validFrom: term.from ?? '2025-01-01',
      ...(term.to === undefined ? {} : { validTo: term.to }),
    }),
  };
}

/** A part number, its rights and nothing else. */
export function ownPool(
  skuCode: string,
  metricCode: string,
  quantity: string,
  change: Partial<Parameters<typeof factOf<'entitlement'>>[2]> = {},
): Pick<SnapshotFacts, 'skus' | 'entitlements' | 'transactions'> {
  const { entitlement, transaction } = ownRights(skuCode, quantity, {}, change);
  return {
    skus: [factOf('sku', 'crm', { externalRef: skuCode, skuCode, name: skuCode, metricCode })],
    entitlements: [entitlement],
    transactions: [transaction],
  };
}

/** So much measured on each day, the last one the day before `AS_OF`. */
export function meteredDays(skuCode: string, quantities: readonly number[]) {
  const end = Date.parse(`${AS_OF}T00:00:00Z`);
  return quantities.map((quantity, at) => {
    const from = end - (quantities.length - at) * 86_400_000;
    return factOf('usageObservation', 'telemetry', {
      externalRef: `${skuCode}/${at}`,
      posture: 'licensee',
      subjectType: 'account',
      subjectRef: 'gateway',
      skuCode,
      kind: 'metered',
      quantity: String(quantity),
      observedAt: new Date(from + 86_400_000).toISOString(),
      from: new Date(from).toISOString(),
      to: new Date(from + 86_400_000).toISOString(),
    });
  });
}
