import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { loadRegistry } from '../../registry/load-registry.ts';
import type { Metrics } from '../figures.ts';
import { snapshotOfScenario } from '../scenario/to-snapshot.ts';
import { evaluateScenario } from '../scenario/evaluate.ts';
import { Scenario } from '../scenario/scenario.ts';
import { statedRules } from '../metric-rules.ts';
import { checkRuleSet } from './check-rule-set.ts';
import { RuleSetDocument } from './rule-set-document.ts';
import { scenarioUnder } from './rule-facts.ts';
import { shadowRules } from './shadow-rules.ts';

const GOLDEN = join(import.meta.dirname, '../../../test/golden/scenarios/G-27.json');

let metrics: Metrics;
let golden: Scenario;
/** G-27 under a reading that the scenario itself does not state. */
const rules = (change: object = {}): RuleSetDocument =>
  RuleSetDocument.parse({
    schemaVersion: 1,
    version: '1.0.0',
    summary: 'Annex 3 of the contract: rounded once over all servers.',
    metrics: [{ metric: 'oracle_processor', parameters: { roundingScope: 'total' } }],
    tests: [{ ...golden, cases: [{ name: 'all together', expect: { P: { rightsRequired: '5' } } }] }],
    ...change,
  }); // prettier-ignore
const problems = (change: object) =>
  checkRuleSet(rules(change), metrics).problems.map(({ path, message }) => `${path} ${message}`);

beforeAll(async () => {
  ({ metrics } = await loadRegistry());
  golden = Scenario.parse(JSON.parse(await readFile(GOLDEN, 'utf8')));
});

describe('the checks of a version', () => {
  test('G-27: run its tests under its own rules, whatever the scenario itself states', () => {
    const wrong = rules({
      tests: [{ ...golden, cases: [{ ...golden.cases[1], expect: { P: { rightsRequired: '7' } } }] }],
    }); // prettier-ignore

    expect(checkRuleSet(rules(), metrics)).toMatchObject({ ok: true, tests: [{ problems: [] }] });
    expect(checkRuleSet(wrong, metrics)).toMatchObject({
      ok: false,
      tests: [{ test: 'G-27', case: 'by server', problems: ['P.rightsRequired: expected "7", got "5"'] }],
    }); // prettier-ignore
  });

  test('G-27: a table of factors stands in place of every other of its name', () => {
    const rows = [
      { key: 'p75', factor: '1' },
      { key: 'p50', factor: '1/2' },
    ];
    const table = { name: 'oracle_core_factor', kind: 'core_factor', edition: '2026-02', rows };
    const { tests } = checkRuleSet(
      rules({ metrics: [], factorTables: [table], tests: [{ ...golden, cases: [golden.cases[0]] }] }),
      metrics,
    ); // prettier-ignore

    expect(tests[0]?.problems).toEqual(['P.rightsRequired: expected "6", got "7"']);
  });

  test('name metrics, parameters and tables that cannot hold, each with its place', () => {
    const oracle = { metric: 'oracle_processor', parameters: {} };
    const rows = [
      { key: 'a', factor: '1' },
      { key: 'a', factor: '2' },
    ];

    expect(problems({ metrics: [{ metric: 'by_the_moon', parameters: {} }] })).toContain('/metrics/0/metric no metric "by_the_moon" is installed'); // prettier-ignore
    expect(problems({ metrics: [{ ...oracle, parameters: { roundingScope: 'never' } }] })[0]).toMatch(/^\/metrics\/0\/parameters\/roundingScope Invalid option/); // prettier-ignore
    expect(problems({ metrics: [{ ...oracle, parameters: { scope: 'total' } }] })[0]).toMatch(/Unrecognized key/); // prettier-ignore
    expect(problems({ metrics: [oracle, oracle] })).toEqual(['/metrics/1 "oracle_processor" is stated twice']); // prettier-ignore
    expect(problems({ factorTables: [{ name: 't', kind: 'other', edition: '1', rows }] })).toEqual(['/factorTables/0/rows/1 "a" is stated twice']); // prettier-ignore
    expect(problems({ metrics: [] })).toEqual(['/ states nothing: neither parameters of a metric nor a table']); // prettier-ignore
  });

  test('ask for a test of each metric that is stated, with something that is expected', () => {
    const user = { metric: 'named_user', parameters: { humansOnly: false } };

    expect(problems({ tests: [] })).toEqual(['/tests there is no test of these rules']);
    expect(problems({ tests: [{ ...golden, cases: [] }] })).toEqual(['/tests/0 has no case that says what is expected']); // prettier-ignore
    expect(problems({ metrics: [...rules().metrics, user] })).toEqual(['/metrics/1 no test counts by "named_user"']); // prettier-ignore
  });

  test('refuse what another rule set states already', () => {
    const other = { ruleSet: 'general', metrics: ['oracle_processor'], factorTables: [] };

    expect(checkRuleSet(rules(), metrics, [other]).problems).toEqual([
      { path: '/metrics/0', message: 'the rule set "general" states "oracle_processor" already' },
    ]);
  });
});

test('the example of the how-to passes its checks', async () => {
  const guide = await readFile(join(import.meta.dirname, '../../../docs/how-to/state-licence-rules.md'), 'utf8'); // prettier-ignore
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(guide) ?? [];
  const document = RuleSetDocument.parse(parse(text));

  expect(checkRuleSet(document, metrics)).toMatchObject({ ok: true, tests: [{ problems: [] }] });
});

describe('a shadow run', () => {
  test('G-27: tells which positions move and how far, in rights and in money, and the same again', () => {
    const priced = {
      ...golden,
      facts: {
        ...golden.facts,
        entitlement: golden.facts.entitlement.map((each) => ({ ...each, unitPrice: '100', currency: 'EUR' })),
        entitlementTransaction: golden.facts.entitlementTransaction.map((each) => ({ ...each, quantityDelta: '4' })),
      },
    }; // prettier-ignore
    const snapshot = snapshotOfScenario(priced);
    const draft = { ruleSet: 'oracle', document: rules() };
    const shadow = shadowRules(snapshot, metrics, draft);

    expect(shadow).toMatchObject({
      compared: 1,
      moved: [{ skuCode: 'P', currency: 'EUR', figures: {
        rightsRequired: { before: '6', after: '5', difference: '-1' },
        shortfall: { before: '2', after: '1', difference: '-1' },
        trueUpCost: { before: '200.00', after: '100.00', difference: '-100.00' },
      } }],
      money: [{ currency: 'EUR', trueUpCost: { before: '200.00', after: '100.00', difference: '-100.00' } }],
    }); // prettier-ignore
    expect(shadowRules(snapshot, metrics, draft).resultHash).toBe(shadow.resultHash);
    expect(shadowRules(snapshot, metrics, { ...draft, document: rules({ metrics: [{ metric: 'oracle_processor', parameters: {} }] }) }).moved).toEqual([]); // prettier-ignore
  });
});

test('what the company states itself holds against what any system says, with a higher number too', () => {
  const [, perServer] = golden.cases;
  const higher = (perServer?.facts.metricRuleVersion ?? []).map((each) => ({
    ...each,
    version: 9,
  }));
  const facts = { ...golden.facts, metricRuleVersion: higher } as Scenario['facts'];
  const stated = scenarioUnder({ ...golden, facts }, rules());
  const turned = { ...stated, facts: { ...stated.facts, metricRuleVersion: stated.facts.metricRuleVersion.toReversed() } }; // prettier-ignore
  for (const world of [stated, turned]) {
    expect(evaluateScenario(world, metrics).positions[0]?.figures).toMatchObject({
      roundingScope: 'total',
    });
  }
  expect(statedRules(snapshotOfScenario(stated))).toEqual({
    ruleSets: {},
    factorTables: { oracle_core_factor: 'the case' },
  });
});
