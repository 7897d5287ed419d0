import type { TenantTx } from '../db/store.ts';
import { getChange, type MappingChange } from '../mapping/changes.ts';
import { lockDraft } from '../mapping/drafts.ts';

/**
 * A request with its mapping locked until the transaction ends: whoever saves, decides, publishes or rolls back takes the
 * same lock first, so nothing of it moves meanwhile. Throws NotFoundError.
 */
export async function lockChange(tx: TenantTx, id: string): Promise<MappingChange> {
  const { mappingId } = await getChange(tx, id);
  await lockDraft(tx, mappingId, null);
  return getChange(tx, id);
}
