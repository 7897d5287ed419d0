import { recordsWrittenBy, type WrittenRecord } from '../../delivery/undo-writes.ts';
import { getChange } from '../../mapping/changes.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/**
 * Records that the versions which a roll back undid have made in connected systems, for a person to cancel. None for
 * a request that rolled nothing back. Throws NotFoundError.
 */
export function listCreatedRecords(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly after?: string | undefined; readonly limit: number },
): Promise<readonly WrittenRecord[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { mappingId, outcome } = await getChange(tx, input.id);
    if (outcome === null) return [];
    const versions = { mappingId, versions: outcome.undone };
    return recordsWrittenBy(tx, versions, { ...input, created: true });
  });
}
