import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadRegistry } from '../../registry/load-registry.ts';
import type { Metrics } from '../figures.ts';
import { evaluateScenario, type EvaluatedPosition } from '../scenario/evaluate.ts';
import { Scenario } from '../scenario/scenario.ts';

let metrics: Metrics;
beforeAll(async () => {
  ({ metrics } = await loadRegistry());
});

type Edition = 'EE' | 'STD';
interface Unit {
  readonly cores: number;
  readonly machines: readonly { readonly edition: Edition; readonly vCpus: number }[];
}

const PRICES = { EE: 5000, STD: 1300 } as const;
const EDITIONS = ['EE', 'STD'] as const;

/** Hosts of one socket, each with its own machines, under rights that are enough for everything unless told otherwise. */
function world(units: readonly Unit[], more: Readonly<Record<string, unknown>> = {}) {
  const machines = units.flatMap((unit, at) =>
    unit.machines.map((each, place) => ({ ...each, ref: `m${at}-${place}`, hostRef: `h${at}` })),
  );
  return {
    sku: EDITIONS.map((skuCode) => ({ externalRef: skuCode, skuCode, name: skuCode, metricCode: 'cores_virtual' })), // prettier-ignore
    metricRuleVersion: [
      {
        externalRef: 'r',
        metricCode: 'cores_virtual',
        handlerKey: 'cores_virtual',
        version: 1,
        attributes: { minPerVm: 4, minPerProcessor: 4, minPerServer: 0 },
        status: 'active',
      },
    ],
    entitlement: EDITIONS.map((skuCode) => ({ externalRef: skuCode, posture: 'licensee', skuCode, ownerRef: 'own', status: 'active', unitPrice: String(PRICES[skuCode]), currency: 'USD' })), // prettier-ignore
    entitlementTransaction: EDITIONS.map((skuCode) => ({ externalRef: `g-${skuCode}`, entitlementRef: skuCode, type: 'grant', quantityDelta: '9999', reason: 'order', validFrom: '2025-04-01' })), // prettier-ignore
    useRight: [
      { externalRef: 'u', entitlementRef: 'EE', kind: 'unlimited_virtualization', targetModelRefs: ['STD'] }, // prettier-ignore
    ],
    host: units.map(({ cores }, at) => ({ externalRef: `h${at}`, name: `h${at}`, occupiedSockets: 1, coresPerSocket: cores })), // prettier-ignore
    vm: machines.map(({ ref, vCpus, hostRef }) => ({
      externalRef: ref,
      name: ref,
      vCpus,
      hostRef,
    })),
    productInstance: machines.map(({ ref, edition }) => ({ externalRef: `i-${ref}`, posture: 'licensee', skuCode: edition, vmRef: ref })), // prettier-ignore
    ...more,
  };
}

function evaluate(facts: Readonly<Record<string, unknown>>): {
  readonly EE: EvaluatedPosition | undefined;
  readonly STD: EvaluatedPosition | undefined;
  readonly hash: string;
} {
  const scenario = Scenario.parse({ schemaVersion: 1, asOf: '2026-03-02', facts });
  const { positions, hashes } = evaluateScenario(scenario, metrics);
  const of = (skuCode: Edition) => positions.find((each) => each.skuCode === skuCode);
  return { EE: of('EE'), STD: of('STD'), hash: hashes.result };
}

const units = fc.array(
  fc.record({
    cores: fc.integer({ min: 2, max: 40 }),
    machines: fc.array(
      fc.record({ edition: fc.constantFrom(...EDITIONS), vCpus: fc.integer({ min: 1, max: 16 }) }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

describe('hosts or machines', () => {
  test('the choice costs what the best of all combinations costs, whatever the hosts and machines are', () => {
    fc.assert(
      fc.property(units, (some) => {
        // Enough is owned of both, so that hosts do not depend on each other: each takes its own best way.
        const least = some.map(({ cores, machines }) => {
          const machine = machines.reduce((sum, { edition, vCpus }) => sum + Math.max(4, vCpus) * PRICES[edition], 0); // prettier-ignore
          return Math.min(machine, Math.max(4, cores) * PRICES.EE);
        });
        const { EE } = evaluate(world(some));
        const anyMachine = some.some(({ machines }) => machines.length > 0);

        expect(anyMachine && EE?.figures['layerCost']).toBe(
          `${least.reduce((sum, each) => sum + each, 0)}.00`,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('the order in which facts stand changes nothing', () => {
    fc.assert(
      fc.property(units, (some) => {
        const facts = world(some);
        const turned = Object.fromEntries(
          Object.entries(facts).map(([noun, list]) => [noun, (list as unknown[]).toReversed()]),
        );

        expect(evaluate(turned).hash).toBe(evaluate(facts).hash);
      }),
      { numRuns: 20 },
    );
  });

  test('of two ways that cost the same the machines are licensed', () => {
    const { EE } = evaluate(world([{ cores: 8, machines: [{ edition: 'EE', vCpus: 8 }] }]));

    expect(EE).toMatchObject({ rightsRequired: '8', figures: { 'layer.scenario/h0': 'eachMachine' } }); // prettier-ignore
  });

  test('what is short decides before what is used: the dearer host is licensed where rights for its machines are missing', () => {
    const unit = { cores: 12, machines: [{ edition: 'STD', vCpus: 16 }] } as const;
    const facts = world([unit]);
    const few = facts.entitlementTransaction.map((each) => ({ ...each, quantityDelta: each.entitlementRef === 'STD' ? '2' : '12' })); // prettier-ignore

    const { EE, STD } = evaluate({ ...facts, entitlementTransaction: few });
    expect([EE?.rightsRequired, EE?.shortfall, STD?.rightsRequired]).toEqual(['12', '0', '0']);
  });

  test('hosts whose processors nobody knows are no choice, and neither are machines in a cloud', () => {
    const unit = { cores: 4, machines: [{ edition: 'EE', vCpus: 16 }] } as const;
    const unknown = world([unit], { host: [{ externalRef: 'h0', name: 'h0' }] });
    const cloud = world([unit], { vm: [{ externalRef: 'm0-0', name: 'm', vCpus: 16, hostRef: 'h0', cloud: 'aws' }] }); // prettier-ignore

    expect([evaluate(unknown), evaluate(cloud)].map(({ EE }) => EE?.rightsRequired)).toEqual(['16', '16']); // prettier-ignore
  });

  test('beyond 4,096 combinations hosts are decided one after the other, and the position says so', () => {
    const many = Array.from({ length: 13 }, () => ({ cores: 4, machines: [{ edition: 'EE', vCpus: 8 }] }) as const); // prettier-ignore

    const { EE } = evaluate(world(many));
    expect(EE).toMatchObject({ rightsRequired: '52', warnings: [expect.stringContaining('heuristic')] }); // prettier-ignore
    expect(evaluate(world(many.slice(10))).EE?.warnings).toEqual([]);
  });
});
