import { getDraft, type MappingDraft } from '../../mapping/drafts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What is being written of a mapping. Throws NotFoundError. */
export function showDraft(deps: Deps, caller: Caller, id: string): Promise<MappingDraft> {
  return deps.store.readTenant(caller.tenantId, (tx) => getDraft(tx, id));
}
