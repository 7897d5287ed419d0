import type { PositionLine } from '../../canonical/position-line.ts';
import { hashJson } from '../../kernel/hash.ts';
import { addMoney, money, type Money } from '../../kernel/money.ts';
import type { AllocatedLine } from '../allocation/pool-allocation.ts';
import type { AppliedException } from '../exceptions.ts';
import type { ExpiryForecast, Metrics } from '../figures.ts';
import { explainLine, type ExplainedSubject } from '../explain.ts';
import { reconcile } from '../reconcile.ts';
import type { Scenario, ScenarioCase } from './scenario.ts';
import { snapshotOfScenario } from './to-snapshot.ts';

/** A position with the arithmetic that leads to it. */
export interface EvaluatedPosition extends PositionLine {
  readonly figures: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
  readonly demand: readonly ExplainedSubject[];
  /** Which rights cover which demand, where agreements let pools share; what is short with why. */
  readonly allocation: readonly AllocatedLine[];
  readonly exceptions: readonly AppliedException[];
  readonly expiries: readonly ExpiryForecast[];
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
    /** The exception that takes it out; null where none does. */
    readonly exceptionId: string | null;
  }[];
  /** What exceptions took out of the demand, and what is to be expected when they end. */
  readonly exceptions: readonly (AppliedException & {
    readonly positionId: string;
    readonly skuCode: string;
  })[];
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
    allocation: inputs.allocation ?? [],
    exceptions: inputs.exceptions ?? [],
    expiries: inputs.expiries ?? [],
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
      demand.flatMap(({ subjectId, excludedBecause, exceptionId }) =>
        excludedBecause === null
          ? []
          : [{ positionId: id, skuCode, subjectId, reason: excludedBecause, exceptionId }],
      ),
    ),
    exceptions: positions.flatMap(({ id, skuCode, exceptions }) =>
      exceptions.map((each) => ({ positionId: id, skuCode, ...each })),
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
