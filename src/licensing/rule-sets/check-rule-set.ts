import { HubError } from '../../kernel/errors.ts';
import type { MetricDefinition } from '../../sdk/define-metric.ts';
import type { Metrics } from '../figures.ts';
import { checkCase } from '../scenario/check-case.ts';
import type { Scenario, ScenarioCase } from '../scenario/scenario.ts';
import { scenarioUnder } from './rule-facts.ts';
import type { RuleSetDocument } from './rule-set-document.ts';

/** What keeps a version from coming into effect, with the place in its document. */
interface RuleSetProblem {
  readonly path: string;
  readonly message: string;
}

/** How one case of a version's tests came out. */
interface RuleSetTest {
  readonly test: string;
  readonly case: string;
  readonly problems: readonly string[];
}

/** What the checks of a version found; it may go on if `ok`. */
export interface RuleSetCheck {
  readonly ok: boolean;
  readonly problems: readonly RuleSetProblem[];
  readonly tests: readonly RuleSetTest[];
}

/** What one rule set states, for others not to state it as well. */
export interface StatedNames {
  readonly ruleSet: string;
  readonly metrics: readonly string[];
  readonly factorTables: readonly string[];
}

/**
 * Checks a version: its parameters against the metrics that are installed, its tables, that no other set states the same, that
 * each metric it states is counted by in a test, and that every test comes to what it says. Pure.
 */
export function checkRuleSet(
  document: RuleSetDocument,
  metrics: Metrics,
  others: readonly StatedNames[] = [],
): RuleSetCheck {
  const problems = [
    ...statesSomething(document),
    ...document.metrics.flatMap((each, at) => metricProblems(each, `/metrics/${at}`, metrics)),
    ...repeated(document.metrics.map(({ metric }) => metric), '/metrics'),
    ...repeated(document.factorTables.map(({ name }) => name), '/factorTables'),
    ...document.factorTables.flatMap(({ rows }, at) => repeated(rows.map(({ key }) => key), `/factorTables/${at}/rows`)),
    ...statedElsewhere(document, others),
    ...untested(document),
  ]; // prettier-ignore
  // Parameters that no metric knows would fail each test in the same words.
  const tests = problems.length > 0 ? [] : testsOf(document, metrics);
  const ok = problems.length === 0 && tests.every((each) => each.problems.length === 0);
  return { ok, problems, tests };
}

function statesSomething({ metrics, factorTables }: RuleSetDocument): readonly RuleSetProblem[] {
  if (metrics.length + factorTables.length > 0) return [];
  return [{ path: '/', message: 'states nothing: neither parameters of a metric nor a table' }];
}

function metricProblems(
  { metric, parameters }: RuleSetDocument['metrics'][number],
  path: string,
  metrics: Metrics,
): readonly RuleSetProblem[] {
  const known: MetricDefinition | undefined = metrics.get(metric);
  if (known === undefined)
    return [{ path: `${path}/metric`, message: `no metric "${metric}" is installed` }];
  const parsed = known.attributes.safeParse(parameters);
  return (parsed.error?.issues ?? []).map(({ path: within, message }) => ({
    path: [path, 'parameters', ...within.map(String)].join('/'),
    message,
  }));
}

function repeated(names: readonly string[], path: string): readonly RuleSetProblem[] {
  return names.flatMap((name, at) =>
    names.indexOf(name) === at
      ? []
      : [{ path: `${path}/${at}`, message: `"${name}" is stated twice` }],
  );
}

function statedElsewhere(
  document: RuleSetDocument,
  others: readonly StatedNames[],
): readonly RuleSetProblem[] {
  const taken = (list: 'metrics' | 'factorTables', name: string, at: number): RuleSetProblem[] => {
    const other = others.find((each) => each[list].includes(name));
    if (other === undefined) return [];
    const message = `the rule set "${other.ruleSet}" states "${name}" already`;
    return [{ path: `/${list}/${at}`, message }];
  };
  return [
    ...document.metrics.flatMap(({ metric }, at) => taken('metrics', metric, at)),
    ...document.factorTables.flatMap(({ name }, at) => taken('factorTables', name, at)),
  ];
}

/** A rule that no test counts by is one that nobody has seen at work. */
function untested({ metrics, tests }: RuleSetDocument): readonly RuleSetProblem[] {
  const without = tests.flatMap(({ cases }, at) =>
    cases.some(({ expect }) => Object.keys(expect).length > 0)
      ? []
      : [{ path: `/tests/${at}`, message: 'has no case that says what is expected' }],
  );
  const worlds = tests.flatMap(({ facts, cases }): readonly Scenario['facts'][] => [
    facts,
    ...cases.map((each) => each.facts),
  ]);
  const counted = new Set(
    worlds.flatMap(({ sku }) => sku.map((each) => ('metricCode' in each ? each.metricCode : null))),
  );
  const missing = metrics.flatMap(({ metric }, at) =>
    counted.has(metric)
      ? []
      : [{ path: `/metrics/${at}`, message: `no test counts by "${metric}"` }],
  );
  const none =
    tests.length === 0 ? [{ path: '/tests', message: 'there is no test of these rules' }] : [];
  return [...none, ...without, ...(none.length > 0 ? [] : missing)];
}

function testsOf(document: RuleSetDocument, metrics: Metrics): readonly RuleSetTest[] {
  return document.tests.flatMap((test, at) => {
    const scenario = scenarioUnder(test, document);
    return scenario.cases.map((variant) => ({
      test: test.id ?? test.title ?? `tests/${at}`,
      case: variant.name,
      problems: problemsOf(scenario, variant, metrics),
    }));
  });
}

/** A world that contradicts itself, or rules that break an invariant, fail the test that shows it. */
function problemsOf(
  scenario: Scenario,
  variant: ScenarioCase,
  metrics: Metrics,
): readonly string[] {
  try {
    return checkCase(scenario, variant, metrics);
  } catch (error) {
    if (error instanceof HubError) return [error.message];
    throw error;
  }
}
