import { hashJson } from '../../kernel/hash.ts';
import { linkAccounts } from '../../ledger/identity/link-accounts.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { Fact } from '../../ledger/fact.ts';
import { snapshotOf, type Snapshot, type SnapshotFacts } from '../snapshot.ts';
import {
  SCENARIO_NOUNS,
  type Scenario,
  type ScenarioCase,
  type ScenarioFacts,
  type ScenarioNoun,
} from './scenario.ts';

/** What everybody knows from the start. */
const ALWAYS = '0001-01-01T00:00:00.000Z';
/** Where a scenario does not say until when it is known, all of it is. */
const EVERYTHING = '9999-12-31T23:59:59.999Z';

const NOUNS = Object.keys(SCENARIO_NOUNS) as ScenarioNoun[];

/** A layer of facts over the earlier ones. */
interface Layer {
  readonly recordedAt: string;
  readonly facts: ScenarioFacts;
}

/** The world of a scenario, or of one of its cases, as a reconciliation reads it. People are linked as in every run. */
export function snapshotOfScenario(scenario: Scenario, variant?: ScenarioCase): Snapshot {
  const asOf = variant?.asOf ?? scenario.asOf;
  const knownAt = new Date(variant?.knownAt ?? scenario.knownAt ?? EVERYTHING).toISOString();
  const window = variant?.window ?? scenario.window;
  const layers: readonly Layer[] = [
    { recordedAt: ALWAYS, facts: scenario.facts },
    ...scenario.amendments.toSorted(
      (left, right) => Date.parse(left.recordedAt) - Date.parse(right.recordedAt),
    ),
  ].filter(({ recordedAt }) => Date.parse(recordedAt) <= Date.parse(knownAt));
  const lists = Object.fromEntries(
    NOUNS.map((noun) => {
      const earlier = variant?.without.includes(noun) === true ? [] : layers;
      const own = variant === undefined ? [] : [{ recordedAt: ALWAYS, facts: variant.facts }];
      return [SCENARIO_NOUNS[noun], factsOf(noun, [...earlier, ...own])];
    }),
  ) as Partial<SnapshotFacts>;
  const { accounts = [], spells = [] } = lists;
  const facts = { ...lists, links: linkAccounts({ accounts, spells }).links };
  return snapshotOf(
    asOf,
    knownAt,
    facts,
    window === undefined
      ? {}
      : { window: { from: Date.parse(window.from), to: Date.parse(window.to) } },
  );
}

/** The facts of a noun: of several with one reference the last layer's. */
function factsOf(noun: ScenarioNoun, layers: readonly Layer[]): readonly Fact<ScenarioNoun>[] {
  const newest = new Map<string, Fact<ScenarioNoun>>();
  for (const { recordedAt, facts } of layers) {
    for (const { connection, ...body } of facts[noun]) {
      const fact = {
        factId: `fct_${hashJson([noun, connection, body]).slice(0, 26)}`,
        noun,
        connection,
        externalRef: body.externalRef,
        body,
        lineage: null,
        recordedFrom: new Date(recordedAt).toISOString(),
      };
      newest.set(byAccount(connection, body.externalRef), fact);
    }
  }
  return [...newest.values()];
}
