import { listChanges as list, type MappingChange } from '../../mapping/changes.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Requests to put mappings in effect, newest first. */
export function listChanges(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly state?: string | undefined;
    readonly mappingId?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly MappingChange[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
