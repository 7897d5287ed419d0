import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Metrics } from '../../src/licensing/figures.ts';
import { evaluateScenario } from '../../src/licensing/scenario/evaluate.ts';
import type { Scenario } from '../../src/licensing/scenario/scenario.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { checkCase } from '../../src/licensing/scenario/check-case.ts';
import { goldenScenarios, workedExamples } from './scenarios.ts';

const scenarios = await goldenScenarios();
let metrics: Metrics;
beforeAll(async () => {
  ({ metrics } = await loadRegistry());
});

describe('golden scenarios', () => {
  test.each(scenarios.map((scenario) => [scenario.id, scenario.title, scenario] as const))(
    '%s: %s',
    (_id, _title, scenario) => {
      expect(scenario.cases.length).toBeGreaterThan(0);
      expect(scenario.source).toMatch(/\S/);
      expect(scenario.cases.flatMap((each) => checkCase(scenario, each, metrics))).toEqual([]);
    },
  );

  test('the worked examples of the documentation come to what they say', async () => {
    const examples = await workedExamples();

    expect(examples).toHaveLength(3);
    expect(
      examples.flatMap((each) => each.cases.flatMap((one) => checkCase(each, one, metrics))),
    ).toEqual([]);
  });

  test('an expectation that is wrong is told, with the figure that came out', () => {
    const scenario = scenarios.find(({ id }) => id === 'G-23') as Scenario;
    const [base] = scenario.cases;
    const wrong = {
      ...base,
      name: 'as published',
      without: [],
      facts: { ...scenario.facts },
      expect: { P: { rightsRequired: '32' }, Q: {} },
    };

    expect(checkCase(scenario, wrong as Scenario['cases'][number], metrics)).toEqual([
      'P.rightsRequired: expected "32", got "64"',
      'Q: there is no position',
    ]);
  });

  test('L5: the order in which facts stand changes no result', () => {
    for (const scenario of scenarios) {
      const turned = {
        ...scenario,
        facts: Object.fromEntries(
          Object.entries(scenario.facts).map(([noun, list]) => [noun, [...list].toReversed()]),
        ) as Scenario['facts'],
      };

      expect(evaluateScenario(turned, metrics).hashes).toEqual(
        evaluateScenario(scenario, metrics).hashes,
      );
    }
  });

  test('what became known later is left out of a look from before, and replaces its fact afterwards', () => {
    const scenario = scenarios.find(({ id }) => id === 'G-12') as Scenario;
    const [grant] = scenario.facts.entitlementTransaction;
    const nothing = Object.fromEntries(
      Object.keys(scenario.facts).map((noun) => [noun, []]),
    ) as unknown as Scenario['facts'];
    const later = {
      ...nothing,
      entitlementTransaction: [{ ...grant, quantityDelta: '3' }],
    } as Scenario['facts'];
    const amended: Scenario = {
      ...scenario,
      amendments: [{ recordedAt: '2026-04-01T00:00:00Z', facts: later }],
    };
    const owned = (knownAt: string) =>
      evaluateScenario({ ...amended, knownAt }, metrics).positions.map(
        ({ rightsOwned }) => rightsOwned,
      );

    expect([owned('2026-03-31T00:00:00Z'), owned('2026-04-02T00:00:00Z')]).toEqual([['10'], ['3']]);
  });
});
