import { computePositions } from '../../licensing/position.ts';
import { varianceOf, type VarianceRow } from '../../licensing/four-way/variance.ts';
import { getRun, latestRun } from '../../licensing/runs.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';

export interface VarianceFilter {
  readonly posture?: 'licensor' | 'licensee' | undefined;
  readonly ownerRef?: string | undefined;
  readonly skuCode?: string | undefined;
  /** Only rows on which two sides differ. */
  readonly differing?: boolean | undefined;
}

/** The four sides of a reconciliation's world, row by row. */
export interface Variances {
  readonly runId: string;
  readonly asOf: string;
  readonly knownAt: string;
  readonly rows: readonly VarianceRow[];
}

/**
 * Contract, order and invoice, seats and telemetry side by side, for the day and the knowledge of a reconciliation: the
 * newest of today unless one is named. Throws NotFoundError for a run that is not there.
 */
export function listVariances(
  deps: Deps,
  caller: Caller,
  input: VarianceFilter & { readonly runId?: string | undefined },
): Promise<Variances> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const run = input.runId === undefined ? await latestRun(tx) : await getRun(tx, input.runId);
    if (run === undefined) {
      throw new NotFoundError('Nothing was reconciled yet. Start with: trueup recon run');
    }
    const { snapshot } = await loadSnapshot(tx, run.asOf, new Date(run.knownAt));
    const rows = varianceOf(snapshot, computePositions(snapshot, deps.registry.metrics));
    const { id: runId, asOf, knownAt } = run;
    return { runId, asOf, knownAt, rows: rows.filter((row) => isWanted(row, input)) };
  });
}

function isWanted(row: VarianceRow, filter: VarianceFilter): boolean {
  return (
    (filter.posture === undefined || row.posture === filter.posture) &&
    (filter.ownerRef === undefined || row.ownerRef === filter.ownerRef) &&
    (filter.skuCode === undefined || row.skuCode === filter.skuCode) &&
    (filter.differing !== true || row.differences.length > 0)
  );
}
