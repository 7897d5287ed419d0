import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { freezeRound } from '../licensing/cycles/freeze-round.ts';
import { awaitingRun, keepRound } from '../licensing/cycles/rounds.ts';
import type { Reconciliation } from '../licensing/reconcile.ts';
import type { Snapshot } from '../licensing/snapshot.ts';
import type { Deps } from './deps.ts';

type Found = ReturnType<typeof freezeRound>;

/** What a run found within the scope of the cycle that waits for it; null where none does. Takes time, and keeps nothing. */
export async function foundForCycle(
  deps: Pick<Deps, 'store'>,
  tenantId: string,
  run: {
    readonly id: string | null;
    readonly snapshot: Snapshot;
    readonly reconciliation: Reconciliation;
  },
): Promise<Found | null> {
  const { id } = run;
  if (id === null) return null;
  const cycle = await deps.store.readTenant(tenantId, (tx) => awaitingRun(tx, id, false));
  return cycle === null ? null : freezeRound(cycle.scope, run);
}

/** Gives the cycle that waits for a run what was found for it, in the transaction that keeps the run. */
export async function keepCycleRound(
  tx: TenantTx,
  runId: string | null,
  found: Found | null,
): Promise<void> {
  const cycle = runId === null || found === null ? null : await awaitingRun(tx, runId, true);
  if (cycle === null || found === null) return;
  await keepRound(tx, cycle, found);
  await appendAudit(tx, {
    actor: 'system:reconcile',
    action: 'cycle.computed',
    subject: { type: 'reconciliation_cycle', id: cycle.id },
    details: {
      round: cycle.round,
      runId,
      resultHash: found.content.resultHash,
      variances: found.variances.length,
    },
  });
}
