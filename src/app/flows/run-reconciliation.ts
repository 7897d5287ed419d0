import { lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import { listConnections } from '../../intake/connections.ts';
import { isAllCertified } from '../../intake/unfinished.ts';
import { reconcile } from '../../licensing/reconcile.ts';
import { saveRun } from '../../licensing/runs.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { streamsInUse } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { foundForCycle, keepCycleRound } from '../keep-cycle-round.ts';
import { keepIdentities } from '../identity-facts.ts';
import { keepStewardFindings } from '../steward-view.ts';
import { loadSnapshot } from '../load-snapshot.ts';
import { request } from '../request.ts';

/**
 * Reconciles the company as of the business day: freezes what is known, links identities, computes every position
 * and finding, keeps them, and asks for the results to be shown in the CRM. A look at another day, or at what was known at
 * another instant, keeps its run and changes nothing else.
 */
export async function runReconciliation(
  deps: Deps,
  context: JobContext,
  payload: {
    readonly reconciliationId: string | null;
    readonly asOf: string | null;
    readonly knownAt: string | null;
  },
): Promise<void> {
  const current = payload.asOf === null && payload.knownAt === null;
  const { snapshot, identities, startedAt } = await deps.store.readTenant(
    context.tenantId,
    async (tx) => {
      const startedAt = await tx.clock();
      const knownAt = payload.knownAt === null ? startedAt : new Date(payload.knownAt);
      const asOf = payload.asOf ?? deps.clock.today();
      return { ...(await loadSnapshot(tx, asOf, knownAt)), startedAt };
    },
  );
  const reconciliation = reconcile(snapshot, deps.registry.metrics);
  const id = payload.reconciliationId;
  const found = await foundForCycle(deps, context.tenantId, { id, snapshot, reconciliation });
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    await lockWriter(tx, OWN_CONNECTION);
    if (current) await keepIdentities(tx, identities, 'rules');
    await saveRun(tx, {
      id: id ?? undefined,
      reconciliation,
      startedAt,
      complete: await isAllCertified(tx, streamsInUse(deps.registry, await listConnections(tx))),
      current,
    });
    await keepCycleRound(tx, id, found);
    if (!current) return;
    await keepStewardFindings(deps, tx);
    await request(deps, tx, [{ job: 'sync-reconciliation', key: '', payload: {} }]);
  });
}
