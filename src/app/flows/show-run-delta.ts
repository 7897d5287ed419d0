import { NotFoundError, ValidationError } from '../../kernel/errors.ts';
import { runDelta, type LineDelta } from '../../licensing/run-delta.ts';
import { getRun, latestRun, listRuns, type ReconciliationSummary } from '../../licensing/runs.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';

/** What moved between two reconciliations, line by line and by cause. */
export interface RunDelta {
  readonly before: { readonly id: string; readonly asOf: string; readonly knownAt: string };
  readonly after: { readonly id: string; readonly asOf: string; readonly knownAt: string };
  readonly lines: readonly LineDelta[];
}

/** How far back a former run of today is looked for. */
const LOOK_BACK = 500;

async function formerRun(
  tx: TenantTx,
  after: ReconciliationSummary,
): Promise<ReconciliationSummary> {
  const runs = await listRuns(tx, LOOK_BACK);
  const at = runs.findIndex(({ id }) => id === after.id);
  const former = runs.slice(at + 1).find(({ current }) => current);
  if (at >= 0 && former !== undefined) return former;
  throw new ValidationError(
    `Before ${after.id} there is no reconciliation to compare it with. Name one: trueup recon delta ${after.id} --against rec_…`,
  );
}

/**
 * Compares a reconciliation (the newest of today unless named) with an earlier one (the one of today before it unless
 * named). Both worlds are read again as known to their runs. Throws NotFoundError, and ValidationError without two runs.
 */
export function showRunDelta(
  deps: Deps,
  caller: Caller,
  input: { readonly runId?: string | undefined; readonly against?: string | undefined },
): Promise<RunDelta> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const after = input.runId === undefined ? await latestRun(tx) : await getRun(tx, input.runId);
    if (after === undefined) {
      throw new NotFoundError('Nothing was reconciled yet. Start with: trueup recon run');
    }
    const before =
      input.against === undefined ? await formerRun(tx, after) : await getRun(tx, input.against);
    const world = async ({ asOf, knownAt }: ReconciliationSummary) =>
      (await loadSnapshot(tx, asOf, new Date(knownAt))).snapshot;
    const lines = runDelta(await world(before), await world(after), deps.registry.metrics);
    const named = ({ id, asOf, knownAt }: ReconciliationSummary) => ({ id, asOf, knownAt });
    return { before: named(before), after: named(after), lines };
  });
}
