import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { mappingDetail, type MappingDetail } from '../mapping-view.ts';

/** One mapping with the text in effect. Throws NotFoundError. */
export function showMapping(deps: Deps, caller: Caller, id: string): Promise<MappingDetail> {
  return deps.store.readTenant(caller.tenantId, (tx) => mappingDetail(deps, tx, id));
}
