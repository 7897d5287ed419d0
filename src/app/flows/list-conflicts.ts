import {
  getConflict,
  listConflicts as list,
  type ConflictState,
  type FieldConflict,
} from '../../delivery/conflicts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Fields that both sides changed, newest first; those that wait for a person unless another state is asked for. */
export function listConflicts(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  filter: {
    readonly state?: ConflictState | undefined;
    readonly connection?: string | undefined;
    readonly object?: string | undefined;
    readonly field?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly FieldConflict[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}

/** One conflict from all three sides. Throws NotFoundError. */
export function showConflict(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<FieldConflict> {
  return deps.store.readTenant(caller.tenantId, (tx) => getConflict(tx, id));
}
