import { listRuns as list, type Run } from '../../intake/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Runs of the company, newest first, with the sums of their streams. */
export function listRuns(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly connection?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Run[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
