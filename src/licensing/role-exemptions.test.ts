import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadRegistry } from '../registry/load-registry.ts';
import type { Metrics } from './figures.ts';
import { evaluateScenario } from './scenario/evaluate.ts';
import { Scenario } from './scenario/scenario.ts';

let metrics: Metrics;
beforeAll(async () => {
  ({ metrics } = await loadRegistry());
});

const FREE = { externalRef: 'u', kind: 'nonprod_free' };
const right = (ref: string) => ({ externalRef: ref, posture: 'licensee', skuCode: 'P', ownerRef: 'own', status: 'active' }); // prettier-ignore
const grant = (ref: string) => ({ externalRef: `g-${ref}`, entitlementRef: ref, type: 'grant', quantityDelta: '9', reason: 'order', validFrom: '2025-04-01' }); // prettier-ignore

function evaluate(metricCode: string, facts: Readonly<Record<string, unknown>>) {
  const scenario = Scenario.parse({
    schemaVersion: 1,
    asOf: '2026-03-02',
    facts: {
      sku: [{ externalRef: 'P', skuCode: 'P', name: 'P', metricCode }],
      entitlement: [right('e')],
      entitlementTransaction: [grant('e')],
      useRight: [{ ...FREE, entitlementRef: 'e' }],
      ...facts,
    },
  });
  const { positions, exclusions } = evaluateScenario(scenario, metrics);
  return {
    required: positions[0]?.rightsRequired,
    gross: positions[0]?.grossRequired,
    left: exclusions.map(({ subjectId, reason }) => [subjectId, reason]),
  };
}

const devices = {
  device: [
    { externalRef: 'live', name: 'live' },
    { externalRef: 'test', name: 'test', environment: 'nonprod' },
  ],
  productInstance: ['live', 'test'].map((deviceRef) => ({ externalRef: `i-${deviceRef}`, posture: 'licensee', skuCode: 'P', deviceRef })), // prettier-ignore
};

describe('machines that do not produce', () => {
  test('need no right where the agreement says that such use is free, and are named with that reason', () => {
    const { required, gross, left } = evaluate('device', devices);

    expect([required, gross]).toEqual(['1', '1']);
    expect(left).toEqual([['device:scenario/test', 'nonproduction_free']]);
  });

  test('need one where nobody says so, or only some of the rights do', () => {
    const some = { entitlement: [right('e'), right('f')], entitlementTransaction: [grant('e'), grant('f')] }; // prettier-ignore

    expect(evaluate('device', { ...devices, useRight: [] }).required).toBe('2');
    expect(evaluate('device', { ...devices, ...some }).required).toBe('2');
  });

  test('are virtual machines for themselves, and a server only when nothing on it produces', () => {
    const host = (externalRef: string) => ({ externalRef, name: externalRef, occupiedSockets: 1, coresPerSocket: 8, environment: 'nonprod' }); // prettier-ignore
    const vm = (externalRef: string, hostRef: string, environment: string) => ({ externalRef, name: externalRef, vCpus: 8, hostRef, environment }); // prettier-ignore
    const facts = {
      host: [host('mixed'), host('idle')],
      vm: [vm('a', 'mixed', 'prod'), vm('b', 'mixed', 'nonprod'), vm('c', 'idle', 'nonprod')],
      productInstance: ['a', 'b', 'c'].map((vmRef) => ({ externalRef: vmRef, posture: 'licensee', skuCode: 'P', vmRef })), // prettier-ignore
    };

    expect(evaluate('cores_virtual', facts).required).toBe('8');
    expect(evaluate('cores_physical', facts).required).toBe('8');
    expect(evaluate('cores_physical', { ...facts, useRight: [] }).required).toBe('16');
  });
});
