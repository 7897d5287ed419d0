import { auditExtract } from '../../audit/evidence/audit-extract.ts';
import { headFile, readHeads } from '../../audit/head-file.ts';
import type { TenantTx } from '../../db/store.ts';
import { NotFoundError, StaleError, ValidationError } from '../../kernel/errors.ts';
import { factsOf } from '../../ledger/facts.ts';
import { cycleRecord, type CycleRecord } from '../../licensing/cycles/cycle-record.ts';
import { reconcile } from '../../licensing/reconcile.ts';
import { getRun, type ReconciliationSummary } from '../../licensing/runs.ts';
import { auditSigner } from '../audit-signer.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';
import { cutOf, type CutTo } from './evidence-cut.ts';
import type { EvidenceSource, Papers } from './evidence-tables.ts';

/** What a pack is asked of: the figures of a cycle's present round, or a run. */
export type PackOf = { readonly cycleId: string } | { readonly runId: string };

/** What a step of a cycle writes beside it may be that much later. */
const BESIDE_MS = 1_000;

/** What was gathered, with the run that it is of. */
export interface Gathered extends EvidenceSource {
  readonly run: ReconciliationSummary;
}

/**
 * Reads all that a pack tells of on one snapshot, and computes the run once more: a pack holds figures that can be computed
 * again. Throws NotFoundError, StaleError where the run no longer comes out as it did, and ValidationError for a cut that leaves
 * nothing.
 */
export async function gatherEvidence(
  deps: Deps,
  tx: TenantTx,
  of: PackOf,
  to: CutTo,
): Promise<Gathered> {
  const cycle = 'cycleId' in of ? await cycleRecord(tx, of.cycleId) : null;
  const run = await getRun(tx, 'runId' in of ? of.runId : runOf(cycle));
  const knownAt = new Date(run.knownAt);
  const { snapshot } = await loadSnapshot(tx, run.asOf, knownAt);
  const reconciliation = reconcile(snapshot, deps.registry.metrics);
  if (reconciliation.resultHash !== run.resultHash)
    throw new StaleError(
      `The run ${run.id} comes out otherwise when it is computed again: its rules or its data were changed since. Compute ${cycle === null ? 'a new run' : `the cycle ${cycle.id} again`}, and build a pack of that.`,
    );
  const cut = cutOf(cycle?.scope ?? { kind: 'all', ref: null }, to, snapshot);
  const left = reconciliation.positions.some(({ line }) => cut.line(line));
  if (!left && (to.publisher !== null || to.country !== null))
    throw new ValidationError(
      `No position of ${run.id} is ${[to.publisher, to.country].filter((each) => each !== null).join(' in ')}: the pack would be empty. \`trueup recon show\` lists the positions.`,
    );
  const signer = await auditSigner(deps.kek);
  const exported = await readHeads(headFile(deps.home, tx.tenantId));
  const until = lastMoment(run, cycle);
  const audit = await auditExtract(tx, signer, { until, exported });
  return { run, runId: run.id, snapshot, reconciliation, papers: await papersOf(tx, knownAt), cycle, audit, cut }; // prettier-ignore
}

function runOf(cycle: CycleRecord | null): string {
  if (cycle !== null && cycle.runId !== null) return cycle.runId;
  throw new NotFoundError(`The cycle ${cycle?.id} has no figures yet. Compute them first.`);
}

/** The audit goes as far as the last thing that the pack tells of, so that it is the same whenever it is built. */
function lastMoment(run: ReconciliationSummary, cycle: CycleRecord | null): Date {
  const steps = (cycle?.history ?? []).map(({ at }) => Date.parse(at));
  return new Date(Math.max(Date.parse(run.finishedAt), ...steps) + BESIDE_MS);
}

async function papersOf(tx: TenantTx, knownAt: Date): Promise<Papers> {
  return {
    agreementDocuments: await factsOf(tx, 'agreementDocument', { knownAt }),
    activations: await factsOf(tx, 'activation', { knownAt }),
    purchaseOrders: await factsOf(tx, 'purchaseOrder', { knownAt }),
    purchaseOrderLines: await factsOf(tx, 'purchaseOrderLine', { knownAt }),
  };
}
