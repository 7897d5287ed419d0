import { restoredBy, type RestoredRecord } from '../../delivery/restored-records.ts';
import { getChange } from '../../mapping/changes.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/**
 * Records of connected systems that a roll back brings back, field by field, with what somebody changed since and was
 * therefore left alone. None for a request that restored nothing. Throws NotFoundError.
 */
export function listRestoredRecords(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly after?: string | undefined; readonly limit: number },
): Promise<readonly RestoredRecord[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    await getChange(tx, input.id);
    return restoredBy(tx, input.id, input);
  });
}
