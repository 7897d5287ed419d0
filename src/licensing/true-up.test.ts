import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadRegistry } from '../registry/load-registry.ts';
import type { Metrics } from './figures.ts';
import { evaluateScenario } from './scenario/evaluate.ts';
import { Scenario } from './scenario/scenario.ts';

let metrics: Metrics;
beforeAll(async () => {
  ({ metrics } = await loadRegistry());
});

const DEVICES = ['d1', 'd2', 'd3'];

/** Two rights and three devices in use, under an agreement that squares what is beyond the count. */
const world = (agreement: object, more: Readonly<Record<string, unknown>> = {}) => ({
  sku: [{ externalRef: 'P', skuCode: 'P', name: 'P', metricCode: 'device' }],
  agreement: [{ externalRef: 'EA', number: 'EA', posture: 'licensee', type: 'enterprise', ...agreement }], // prettier-ignore
  entitlement: [{ externalRef: 'e', posture: 'licensee', skuCode: 'P', ownerRef: 'own', status: 'active', agreementRef: 'EA', unitPrice: '84', currency: 'USD' }], // prettier-ignore
  entitlementTransaction: [{ externalRef: 'g', entitlementRef: 'e', type: 'grant', quantityDelta: '2', reason: 'order', validFrom: '2025-04-01' }], // prettier-ignore
  device: DEVICES.map((name) => ({ externalRef: name, name, organizationRef: 'Own' })),
  productInstance: DEVICES.map((name) => ({ externalRef: `i-${name}`, posture: 'licensee', skuCode: 'P', deviceRef: name })), // prettier-ignore
  ...more,
});

function positionOf(facts: Readonly<Record<string, unknown>>) {
  const scenario = Scenario.parse({ schemaVersion: 1, asOf: '2026-03-02', facts });
  const [position] = evaluateScenario(scenario, metrics).positions;
  return position;
}

describe('use beyond the count under an agreement with a true-up', () => {
  test('is due at the next true-up, with its quantity and its money, and is not hidden as compliant', () => {
    const position = positionOf(world({ trueUpPolicyRef: 'yearly' }));

    expect(position).toMatchObject({ status: 'true_up_due', shortfall: '1', trueUpCost: '84.00' });
    expect(position?.steps).toContain('The agreement squares use beyond the count: 1 are due at its next true-up.'); // prettier-ignore
  });

  test('is a breach where no true-up was agreed, or the agreement is over', () => {
    const over = { trueUpPolicyRef: 'yearly', validFrom: '2024-01-01', validTo: '2026-03-02' };

    expect([world({}), world(over)].map((facts) => positionOf(facts)?.status)).toEqual(['non_compliant', 'non_compliant']); // prettier-ignore
  });

  test('is covered by no true-up for those who may not draw on its rights', () => {
    const rule = (value: string) => [{ externalRef: 'r', entitlementRef: 'e', dimension: 'org', value, reservedQuantity: '2' }]; // prettier-ignore
    const own = positionOf(world({ trueUpPolicyRef: 'yearly' }, { consumptionRule: rule('Own') }));
    const others = positionOf(world({ trueUpPolicyRef: 'yearly' }, { consumptionRule: rule('X') }));

    expect([own?.status, others?.status]).toEqual(['true_up_due', 'non_compliant']);
    expect(own?.allocation.at(-1)).toMatchObject({ phase: 7, coverageKind: 'true_up', entitlementRef: 'e', rightsConsumed: '0', quantity: '1' }); // prettier-ignore
    expect(others?.allocation.at(-1)).toMatchObject({ phase: 7, coverageKind: null, entitlementRef: null }); // prettier-ignore
  });
});
