import { listPositions as list, type SavedPosition } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Position lines of a reconciliation, the newest unless one is named, in the order of their ids. */
export function listPositions(
  deps: Deps,
  caller: Caller,
  filter: Parameters<typeof list>[1],
): Promise<readonly SavedPosition[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
