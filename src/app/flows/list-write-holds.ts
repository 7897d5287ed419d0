import { listWriteHolds as list, type WriteHold } from '../../delivery/write-holds.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Runs that wait, or waited, for a person because they would change more than is allowed; newest first. */
export function listWriteHolds(
  deps: Deps,
  caller: Caller,
  filter: Parameters<typeof list>[1],
): Promise<readonly WriteHold[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
