import { addDays } from '../../kernel/dates.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { systemClock } from '../../kernel/clock.ts';
import { DETECTORS } from '../../licensing/find-drift.ts';
import { reconcile } from '../../licensing/reconcile.ts';
import { loadBuiltins } from '../../mapping/builtin.ts';
import type { Registry } from '../../registry/load-registry.ts';
import { driftedCompany, type DriftedCompany } from '../../sample/further/further-drift.ts';
import { readCompany, saidBy, TRIAL_ROLES } from '../drift-trial/read-company.ts';
import {
  addScores,
  scoreDrift,
  type KindScore,
  type TrialRun,
} from '../drift-trial/score-drift.ts';
import { createTrialLedger, type TrialLedger } from '../drift-trial/trial-ledger.ts';
import { rightsIn, snapshotIn } from '../drift-trial/trial-world.ts';

export type { KindScore };

/** The score of one company. */
export interface DriftTrial {
  readonly seed: number;
  readonly asOf: string;
  readonly positions: number;
  readonly kinds: readonly KindScore[];
}

/** How many days before the company's day the reconciliations of a trial are made: one a week. */
const RUN_DAYS = [21, 14, 7, 0] as const;
/** How many days before it everything was read first. */
const FIRST_READ_DAYS = 10;

/** What to try. */
interface DriftTrials {
  readonly seeds: readonly number[];
  /** Size against the usual company; the number of cases stays the same. */
  readonly scale?: number;
  /** Told of each company as soon as it is scored. */
  readonly onTrial?: (trial: DriftTrial) => void;
}

/**
 * Plants drift of every kind in the sample company of each seed, reads and reconciles it as a tenant of its own, and
 * scores what is found. The company lives in memory and in twins of its own: no store is touched and nothing is left.
 * Throws ValidationError on a scale that is out of range.
 */
export async function simulateDrift(
  registry: Registry,
  { seeds, scale = 1, onTrial }: DriftTrials,
): Promise<{ readonly trials: readonly DriftTrial[]; readonly kinds: readonly KindScore[] }> {
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  const trials: DriftTrial[] = [];
  for (const seed of seeds) {
    const trial = await trialOf(registry, mappings, driftedCompany(seed, { scale }));
    trials.push(trial);
    onTrial?.(trial);
  }
  return { trials, kinds: addScores(trials.map(({ kinds }) => kinds)) };
}

async function trialOf(
  registry: Registry,
  mappings: Awaited<ReturnType<typeof loadBuiltins>>,
  company: DriftedCompany,
): Promise<DriftTrial> {
  const { seed, today, planted } = company;
  const deps = { registry, mappings, logger: silentLogger, clock: systemClock(today) };
  const ledger = createTrialLedger();
  const firstRead = atNine(addDays(today, -FIRST_READ_DAYS));
  await readCompany(deps, company, ledger, firstRead);
  ledger.record(rightsIn(ledger, TRIAL_ROLES, today), firstRead);
  ledger.record(company.later.map(saidBy), atNine(today));
  ledger.record(rightsIn(ledger, TRIAL_ROLES, today), atNine(today));
  const runs = RUN_DAYS.map((days) => runOn(registry, ledger, addDays(today, -days)));
  const kinds = DETECTORS.map(({ kind }) => kind);
  const positions = runs.at(-1)?.positions.length ?? 0;
  return { seed, asOf: today, positions, kinds: scoreDrift(kinds, planted, runs) };
}

function runOn(registry: Registry, ledger: TrialLedger, asOf: string): TrialRun {
  const snapshot = snapshotIn(ledger, TRIAL_ROLES, asOf, atNine(asOf));
  const { findings, positions } = reconcile(snapshot, registry.metrics);
  return { asOf, findings, positions };
}

function atNine(day: string): string {
  return `${day}T09:00:00.000Z`;
}
