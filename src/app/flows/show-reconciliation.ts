import { getRun, type ReconciliationSummary } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One reconciliation. Throws NotFoundError, also while it is still being computed. */
export function showReconciliation(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<ReconciliationSummary> {
  return deps.store.readTenant(caller.tenantId, (tx) => getRun(tx, id));
}
