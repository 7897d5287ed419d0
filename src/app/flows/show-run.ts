import { getRun, type Run } from '../../intake/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One run with its streams, their sums and certificates. Throws NotFoundError. */
export function showRun(deps: Deps, caller: Caller, id: string): Promise<Run> {
  return deps.store.readTenant(caller.tenantId, (tx) => getRun(tx, id));
}
