import type { FactorRow } from '../../canonical/factor-row.ts';
import type { FactorTable } from '../../canonical/factor-table.ts';
import type { MetricRuleVersion } from '../../canonical/metric-rule-version.ts';
import type { Noun } from '../../canonical/nouns.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { Fact, FactNoun } from '../../ledger/fact.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Snapshot } from '../snapshot.ts';
import type { RuleSetDocument } from './rule-set-document.ts';

/** What a version of a rule set says to runs. */
interface RuleFacts {
  readonly metricRuleVersion: readonly MetricRuleVersion[];
  readonly factorTable: readonly FactorTable[];
  readonly factorRow: readonly FactorRow[];
}

/** When a version holds, and the number of the decision that says so; references begin with it. */
interface Term {
  readonly ruleSet: string;
  readonly number: number;
  readonly validFrom?: LocalDate | undefined;
  readonly validTo?: LocalDate | undefined;
}

/** The reference of everything that one decision about a rule set puts in force. */
export function ruleRef({ ruleSet, number }: Pick<Term, 'ruleSet' | 'number'>): string {
  return `rules/${ruleSet}/${number}`;
}

/** A version as runs read it, over the days of a term. */
export function ruleFactsOf(document: RuleSetDocument, term: Term): RuleFacts {
  const base = ruleRef(term);
  const { number, validFrom, validTo } = term;
  const days = {
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  };
  const tableRef = (name: string): string => `${base}/table/${name}`;
  return {
    metricRuleVersion: document.metrics.map(({ metric, parameters }) => ({
      externalRef: `${base}/metric/${metric}`,
      metricCode: metric,
      version: number,
      handlerKey: metric,
      attributes: parameters,
      status: 'active',
      ...days,
    })),
    factorTable: document.factorTables.map(({ name, kind, edition, sourceUri }) => ({
      externalRef: tableRef(name),
      name,
      kind,
      edition,
      ...(sourceUri === undefined ? {} : { sourceUri }),
      ...days,
    })),
    factorRow: document.factorTables.flatMap(({ name, rows }) =>
      rows.map(({ key, factor }) => ({
        externalRef: `${tableRef(name)}/${key}`,
        tableRef: tableRef(name),
        key,
        factor,
        ...days,
      })),
    ),
  };
}

const OWN = 'trueup';

/** The world with a version of a rule set in place of what the set says now. */
export function withRules(
  snapshot: Snapshot,
  ruleSet: string,
  document: RuleSetDocument,
): Snapshot {
  const facts = ruleFactsOf(document, { ruleSet, number: 1 });
  const others = <Name extends FactNoun>(list: readonly Fact<Name>[]): readonly Fact<Name>[] =>
    list.filter(
      ({ connection, externalRef }) =>
        connection !== OWN || !externalRef.startsWith(`rules/${ruleSet}/`),
    );
  const asFact = <Name extends FactNoun>(noun: Name, body: Noun<Name>): Fact<Name> => ({
    factId: `draft ${noun} ${body.externalRef}`,
    noun,
    connection: OWN,
    externalRef: body.externalRef,
    body,
    lineage: null,
    recordedFrom: snapshot.knownAt,
  });
  return {
    ...snapshot,
    metricRules: [...others(snapshot.metricRules), ...facts.metricRuleVersion.map((each) => asFact('metricRuleVersion', each))],
    factorTables: [...others(snapshot.factorTables), ...facts.factorTable.map((each) => asFact('factorTable', each))],
    factorRows: [...others(snapshot.factorRows), ...facts.factorRow.map((each) => asFact('factorRow', each))],
  }; // prettier-ignore
}

/** A scenario, and each of its cases, with the rules of a version; they hold against what the scenario says itself. */
export function scenarioUnder(scenario: Scenario, document: RuleSetDocument): Scenario {
  const own = { connection: OWN };
  const { metricRuleVersion, factorTable, factorRow } = ruleFactsOf(document, {
    ruleSet: 'draft',
    number: 1,
  });
  const ruled = (facts: Scenario['facts']): Scenario['facts'] => ({
    ...facts,
    metricRuleVersion: [...facts.metricRuleVersion, ...metricRuleVersion.map((each) => ({ ...each, ...own }))],
    factorTable: [...facts.factorTable, ...factorTable.map((each) => ({ ...each, ...own }))],
    factorRow: [...facts.factorRow, ...factorRow.map((each) => ({ ...each, ...own }))],
  }); // prettier-ignore
  return {
    ...scenario,
    facts: ruled(scenario.facts),
    cases: scenario.cases.map((each) => ({ ...each, facts: ruled(each.facts) })),
  };
}
