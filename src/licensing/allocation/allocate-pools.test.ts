import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadRegistry } from '../../registry/load-registry.ts';
import type { Metrics } from '../figures.ts';
import { evaluateScenario, type EvaluatedPosition } from '../scenario/evaluate.ts';
import { Scenario } from '../scenario/scenario.ts';

let metrics: Metrics;
beforeAll(async () => {
  ({ metrics } = await loadRegistry());
});

type Facts = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

const sku = (skuCode: string, more = {}) => ({ externalRef: skuCode, skuCode, name: skuCode, metricCode: 'device', ...more }); // prettier-ignore

/** Devices of a company with a product on each. */
function devices(skuCode: string, count: number, organizationRef = 'Own'): Facts {
  const names = Array.from({ length: count }, (_, at) => `${organizationRef}-${skuCode}-${at}`);
  return {
    device: names.map((name) => ({ externalRef: name, name, organizationRef })),
    productInstance: names.map((name) => ({
      externalRef: `i-${name}`,
      posture: 'licensee',
      skuCode,
      deviceRef: name,
    })),
  };
}

function rights(ref: string, skuCode: string, quantity: number, more = {}): Facts {
  return {
    entitlement: [{ externalRef: ref, posture: 'licensee', skuCode, ownerRef: 'Own', status: 'active', ...more }], // prettier-ignore
    entitlementTransaction: [
      {
        externalRef: `${ref}-grant`,
        entitlementRef: ref,
        type: 'grant',
        quantityDelta: String(quantity),
        reason: 'order',
        validFrom: '2025-04-01',
      },
    ],
  };
}

/** The positions of a world by part number. */
function evaluate(...parts: readonly Facts[]): Readonly<Record<string, EvaluatedPosition>> {
  const nouns = [...new Set(parts.flatMap((part) => Object.keys(part)))];
  const facts = Object.fromEntries(
    nouns.map((noun) => [noun, parts.flatMap((part) => part[noun] ?? [])]),
  );
  const scenario = Scenario.parse({ schemaVersion: 1, asOf: '2026-03-02', facts });
  const { positions } = evaluateScenario(scenario, metrics);
  return Object.fromEntries(positions.map((each) => [each.skuCode, each]));
}

const kinds = (position: EvaluatedPosition | undefined) =>
  position?.allocation.map(({ entitlementRef, quantity, phase, coverageKind }) => [entitlementRef, quantity, phase, coverageKind]); // prettier-ignore
const whyNot = (position: EvaluatedPosition | undefined) =>
  position?.allocation.at(-1)?.whyNot.map(({ reason }) => reason);

describe('sharing rights out between pools', () => {
  test('sublicences are set aside for their grantee, and never more than the parent owns', () => {
    const sublicense = (ref: string, granteeRef: string, quantity: string) => ({
      externalRef: ref,
      parentEntitlementRef: 'e1',
      granteeRef,
      quantity,
    });

    const { TOOL } = evaluate(
      {
        sku: [sku('TOOL')],
        sublicense: [sublicense('s1', 'One', '6'), sublicense('s2', 'Two', '9')],
      },
      rights('e1', 'TOOL', 10),
      devices('TOOL', 5, 'One'),
      devices('TOOL', 5, 'Two'),
    );

    expect(TOOL).toMatchObject({ rightsOwned: '10', shortfall: '1', surplus: '1' });
    expect(whyNot(TOOL)).toEqual(['exhausted']);
  });

  test('a sublicence that has ended sets nothing aside', () => {
    const ended = { externalRef: 's1', parentEntitlementRef: 'e1', granteeRef: 'One', quantity: '10', validTo: '2026-03-02' }; // prettier-ignore

    const { TOOL } = evaluate(
      { sku: [sku('TOOL')], sublicense: [ended, { ...ended, externalRef: 's2', quantity: '2', validTo: '2026-03-03' }] }, // prettier-ignore
      rights('e1', 'TOOL', 10),
      devices('TOOL', 8),
    );

    expect(TOOL).toMatchObject({ shortfall: '0', surplus: '2' });
  });

  test('a component that was allocated explicitly stays one, though a suite could be inferred', () => {
    const part = (model: string) => ({ externalRef: model, suiteModelRef: 'SUITE', componentModelRef: model, inferenceNumber: 2 }); // prettier-ignore
    const words = devices('WORD', 2);
    const sheets = words['device']?.map(({ externalRef }) => ({ externalRef: `x-${String(externalRef)}`, posture: 'licensee', skuCode: 'SHEET', deviceRef: externalRef })); // prettier-ignore

    const world = evaluate(
      {
        sku: [sku('SUITE'), sku('WORD'), sku('SHEET')],
        suiteComponent: [part('WORD'), part('SHEET')],
      },
      rights('s', 'SUITE', 5),
      rights('w', 'WORD', 5),
      rights('x', 'SHEET', 5),
      words,
      { productInstance: sheets ?? [] },
      { allocation: [{ externalRef: 'a', entitlementRef: 'w', subjectType: 'device', subjectRef: 'Own-WORD-0' }] }, // prettier-ignore
    );

    expect([world['SUITE'], world['WORD'], world['SHEET']].map((each) => each?.rightsRequired)).toEqual(['1', '1', '1']); // prettier-ignore
    expect(kinds(world['WORD'])).toEqual([['w', '1', 0, 'exact']]);
  });

  test('says why rights do not cover what is short: another metric, another version, not in force', () => {
    const down = (ref: string, target: string) => ({ externalRef: `${ref}-${target}`, entitlementRef: ref, kind: 'downgrade', targetModelRefs: [target] }); // prettier-ignore

    const world = evaluate(
      {
        sku: [sku('V5'), sku('V4'), sku('V3'), sku('USER', { metricCode: 'named_user' })],
        useRight: [down('u', 'V4'), down('e', 'V3')],
      },
      rights('u', 'USER', 9),
      rights('e', 'V5', 9),
      rights('d', 'V4', 9, { status: 'draft' }),
      devices('V4', 1),
      devices('V3', 1),
    );

    expect(kinds(world['V3'])).toEqual([['e', '1', 5, 'downgrade']]);
    expect(world['V4']?.allocation.at(-1)?.whyNot).toEqual([
      { entitlementRef: 'd', reason: 'not_effective' },
      { entitlementRef: 'e', reason: 'version_not_covered' },
      { entitlementRef: 'u', reason: 'metric_mismatch' },
    ]);
  });

  test('an unlimited entitlement serves before a counted one', () => {
    const { TOOL } = evaluate(
      { sku: [sku('TOOL')], consumptionRule: [{ externalRef: 'r', entitlementRef: 'e1', dimension: 'org', value: 'Own' }] }, // prettier-ignore
      rights('e1', 'TOOL', 3),
      rights('e2', 'TOOL', 0, { unlimited: true }),
      devices('TOOL', 5),
    );

    expect(kinds(TOOL)).toEqual([['e2', '5', 2, 'unlimited']]);
    expect(TOOL).toMatchObject({ surplus: '3', unlimitedCovered: '5', shortfall: '0' });
  });
});

describe('terms of another system than the one that wrote the entitlement', () => {
  const bought = (more: object): Facts => rights('granted', 'V5', 5, { connection: 'trueup', orderConnection: 'erp', ...more }); // prettier-ignore
  const world = (more: object, term: object): Facts[] => {
    const { entitlement = [], entitlementTransaction = [] } = bought(more);
    const granted = entitlementTransaction.map((each) => ({ ...each, connection: 'trueup' }));
    return [
      { sku: [sku('V5'), sku('V4')], entitlement, entitlementTransaction: granted },
      devices('V4', 3),
      { useRight: [{ externalRef: 'u', kind: 'downgrade', targetModelRefs: ['V4'], ...term }] },
    ];
  };

  test.each([
    ['its order line', { orderLineRef: '17_1' }, { connection: 'erp', entitlementRef: '17_1' }],
    ['its order', { orderRef: '17' }, { connection: 'erp', entitlementRef: '17' }],
  ])('reach it by %s', (_, more, term) => {
    expect(evaluate(...world(more, term))['V4']).toMatchObject({ shortfall: '0', coveredByOthers: '3' }); // prettier-ignore
  });

  test.each([
    ['an order of the same name elsewhere', { connection: 'crm', entitlementRef: '17' }],
    ['another order', { connection: 'erp', entitlementRef: '18' }],
  ])('do not reach it by %s', (_, term) => {
    expect(evaluate(...world({ orderRef: '17' }, term))['V4']?.coveredByOthers).toBe('0');
  });
});
