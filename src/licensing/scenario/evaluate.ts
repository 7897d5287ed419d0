import type { PositionLine } from '../../canonical/position-line.ts';
import { hashJson } from '../../kernel/hash.ts';
import { addMoney, money, type Money } from '../../kernel/money.ts';
import type { Metrics } from '../figures.ts';
import { explainLine, type ExplainedSubject } from '../explain.ts';
import { reconcile } from '../reconcile.ts';
import type { Scenario, ScenarioCase } from './scenario.ts';
import { snapshotOfScenario } from './to-snapshot.ts';

/** A position with the arithmetic that leads to it. */
export interface EvaluatedPosition extends PositionLine {
  readonly figures: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
  readonly demand: readonly ExplainedSubject[];
}

/** What a scenario comes to. The same document gives the same `resultHash`, in whatever order its facts stand. */
export interface Evaluation {
  readonly asOf: string;
  readonly knownAt: string;
  readonly window: { readonly from: string; readonly to: string };
  readonly ruleVersions: Readonly<Record<string, number>>;
  readonly positions: readonly EvaluatedPosition[];
  /** Demand that needs no right, and why. */
  readonly exclusions: readonly {
    readonly positionId: string;
    readonly skuCode: string;
    readonly subjectId: string;
    readonly reason: string;
  }[];
  readonly warnings: readonly {
    readonly positionId: string;
    readonly skuCode: string;
    readonly warning: string;
  }[];
  /** Per currency; nothing is converted. */
  readonly money: readonly {
    readonly currency: string;
    readonly trueUpCost: string;
    readonly overLicensedAmount: string;
  }[];
  readonly hashes: { readonly input: string; readonly result: string };
}

/**
 * Computes the positions of a scenario, or of one of its cases, as a run over the ledger would. Pure. Throws InternalError
 * when an invariant does not hold, and ValidationError for rules that no metric knows.
 */
export function evaluateScenario(
  scenario: Scenario,
  metrics: Metrics,
  variant?: ScenarioCase,
): Evaluation {
  const snapshot = snapshotOfScenario(scenario, variant);
  const run = reconcile(snapshot, metrics);
  const positions = run.positions.map(({ line, steps, inputs }) => ({
    ...line,
    figures: inputs.figures ?? {},
    steps,
    demand: explainLine(line.id, snapshot, metrics)?.demand ?? [],
  }));
  return {
    asOf: run.asOf,
    knownAt: run.knownAt,
    window: {
      from: new Date(snapshot.window.from).toISOString(),
      to: new Date(snapshot.window.to).toISOString(),
    },
    ruleVersions: run.ruleVersions,
    positions,
    exclusions: positions.flatMap(({ id, skuCode, demand }) =>
      demand.flatMap(({ subjectId, excludedBecause }) =>
        excludedBecause === null
          ? []
          : [{ positionId: id, skuCode, subjectId, reason: excludedBecause }],
      ),
    ),
    warnings: positions.flatMap(({ id, skuCode, warnings }) =>
      warnings.map((warning) => ({ positionId: id, skuCode, warning })),
    ),
    money: moneyOf(positions),
    hashes: { input: hashJson([run.inputHash, run.asOf, run.knownAt]), result: run.resultHash },
  };
}

function moneyOf(positions: readonly PositionLine[]): Evaluation['money'] {
  const groups = Map.groupBy(
    positions.filter(({ currency }) => currency !== null),
    ({ currency }) => currency ?? '',
  );
  const sum = (currency: string, amounts: readonly (string | null)[]): string =>
    amounts.reduce<Money>(
      (total, each) => addMoney(total, money(each ?? '0', currency)),
      money('0', currency),
    ).amount;
  return [...groups].map(([currency, own]) => ({
    currency,
    trueUpCost: sum(
      currency,
      own.map(({ trueUpCost }) => trueUpCost),
    ),
    overLicensedAmount: sum(
      currency,
      own.map(({ overLicensedAmount }) => overLicensedAmount),
    ),
  }));
}
