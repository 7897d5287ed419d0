import { listRuns, type ReconciliationSummary } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Reconciliations of the company, newest first. */
export function listReconciliations(
  deps: Deps,
  caller: Caller,
  limit: number,
): Promise<readonly ReconciliationSummary[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => listRuns(tx, limit));
}
