import { PositionLine } from '../canonical/position-line.ts';
import type { TenantTx } from '../db/store.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Position, PositionInputs } from './figures.ts';
import {
  resolveUnseen,
  selectFindings,
  upsertFindings,
  type FindingFilter,
  type SavedFinding,
} from './finding-store.ts';
import type { Reconciliation } from './reconcile.ts';
import {
  insertPositions,
  insertRun,
  lockRuns,
  selectPositions,
  selectRuns,
  type PositionFilter,
} from './run-store.ts';
import type { PositionRow, RunCounts, RunRow } from './tables.ts';

export type { SavedFinding } from './finding-store.ts';

export interface RunToSave {
  /** The id under which it was asked for; a new one when absent. */
  readonly id?: string | undefined;
  readonly reconciliation: Reconciliation;
  readonly startedAt: Date;
  /** True if every input was certified complete; only such a run resolves findings that it did not see. */
  readonly complete: boolean;
  /** True for a run over today as known now; a look into the past keeps its lines and leaves findings alone. */
  readonly current: boolean;
}

/** A run as it is shown. */
export interface ReconciliationSummary {
  readonly id: string;
  readonly asOf: LocalDate;
  readonly knownAt: string;
  readonly ruleVersions: Readonly<Record<string, number>>;
  /** The version of each rule set, and the edition of each table of factors, that it counted by. */
  readonly ruleSets: Readonly<Record<string, string>>;
  readonly factorTables: Readonly<Record<string, string>>;
  readonly inputHash: string;
  readonly resultHash: string;
  readonly status: 'computed' | 'failed' | 'superseded';
  readonly complete: boolean;
  readonly current: boolean;
  readonly counts: RunCounts;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** A line with the run that computed it. */
export interface SavedPosition extends Position {
  readonly runId: string;
}

/**
 * Saves a run with its lines, and brings the findings up to date: known ones keep their identity, owner and due
 * date, resolved ones that are back open again, unseen ones are resolved by a complete run. One at a time a tenant.
 */
export async function saveRun(tx: TenantTx, run: RunToSave): Promise<ReconciliationSummary> {
  await lockRuns(tx);
  const { reconciliation, complete, current } = run;
  const id = run.id ?? newId('rec');
  const opened = current
    ? await upsertFindings(tx, { runId: id, asOf: reconciliation.asOf }, reconciliation.findings)
    : 0;
  const resolved = current && complete ? await resolveUnseen(tx, id) : 0;
  const row: Omit<RunRow, 'tenant_id'> = {
    id,
    as_of: reconciliation.asOf,
    known_at: new Date(reconciliation.knownAt),
    rule_versions: reconciliation.ruleVersions,
    rule_sets: reconciliation.ruleSets,
    factor_tables: reconciliation.factorTables,
    input_hash: reconciliation.inputHash,
    result_hash: reconciliation.resultHash,
    status: 'computed',
    complete,
    current,
    counts: {
      positions: reconciliation.positions.length,
      findings: reconciliation.findings.length,
      opened,
      resolved,
    },
    started_at: run.startedAt,
    finished_at: await tx.clock(),
  };
  await insertRun(tx, row);
  await insertPositions(tx, id, reconciliation.positions);
  return fromRunRow(row);
}

/** The latest run over the present, or undefined before the first one. */
export async function latestRun(tx: TenantTx): Promise<ReconciliationSummary | undefined> {
  const [row] = await selectRuns(tx, { currentOnly: true, limit: 1 });
  return row === undefined ? undefined : fromRunRow(row);
}

/** The newest run over the present that looked at a day before the given one; undefined where there is none. */
export async function runBefore(
  tx: TenantTx,
  day: LocalDate,
): Promise<ReconciliationSummary | undefined> {
  const [row] = await selectRuns(tx, { currentOnly: true, before: day, limit: 1 });
  return row === undefined ? undefined : fromRunRow(row);
}

/** The newest runs, newest first. */
export async function listRuns(
  tx: TenantTx,
  limit = 50,
): Promise<readonly ReconciliationSummary[]> {
  return (await selectRuns(tx, { limit })).map(fromRunRow);
}

/** One run. Throws NotFoundError for an id that this tenant does not have. */
export async function getRun(tx: TenantTx, id: string): Promise<ReconciliationSummary> {
  const [row] = await selectRuns(tx, { id, limit: 1 });
  if (row === undefined)
    throw new NotFoundError(`There is no reconciliation run ${id}. List them with "recon list".`);
  return fromRunRow(row);
}

/** The lines of a run (the latest one unless named), by line id; none before the first run. */
export async function listPositions(
  tx: TenantTx,
  filter: PositionFilter & { readonly runId?: string | undefined } = {},
): Promise<readonly SavedPosition[]> {
  const { runId = (await latestRun(tx))?.id, ...rest } = filter;
  return runId === undefined ? [] : (await selectPositions(tx, runId, rest)).map(fromPositionRow);
}

/** One line, of the latest run unless a run is named. Throws NotFoundError when the run has no such line. */
export async function getLine(
  tx: TenantTx,
  lineId: string,
  runId?: string,
): Promise<SavedPosition> {
  const [line] = await listPositions(tx, { lineId, runId });
  if (line !== undefined) return line;
  const where = runId === undefined ? 'The latest reconciliation' : `Reconciliation ${runId}`;
  throw new NotFoundError(
    `${where} has no position line ${lineId}. See "recon show" for its lines.`,
  );
}

/** Findings by id; those that are resolved only when asked for. */
export async function listFindings(
  tx: TenantTx,
  filter: FindingFilter = {},
): Promise<readonly SavedFinding[]> {
  return await selectFindings(tx, filter);
}

/** One finding, resolved or not. Throws NotFoundError for an id that this tenant does not have. */
export async function getFinding(tx: TenantTx, id: string): Promise<SavedFinding> {
  const [finding] = await selectFindings(tx, { id, status: 'any' });
  if (finding === undefined)
    throw new NotFoundError(`There is no finding ${id}. See "findings list".`);
  return finding;
}

function fromRunRow(row: Omit<RunRow, 'tenant_id'>): ReconciliationSummary {
  return {
    id: row.id,
    asOf: row.as_of,
    knownAt: row.known_at.toISOString(),
    ruleVersions: row.rule_versions,
    ruleSets: row.rule_sets,
    factorTables: row.factor_tables,
    inputHash: row.input_hash,
    resultHash: row.result_hash,
    status: row.status,
    complete: row.complete,
    current: row.current,
    counts: row.counts,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at.toISOString(),
  };
}

function fromPositionRow(row: PositionRow): SavedPosition {
  return {
    runId: row.run_id,
    line: PositionLine.parse(row.body),
    // We wrote both columns ourselves, from a Position.
    inputs: row.inputs as PositionInputs,
    steps: row.steps as readonly string[],
  };
}
