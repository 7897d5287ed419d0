import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { mappingViews, type MappingView } from '../mapping-view.ts';

/** Every mapping of the company, shipped or its own, by id. */
export function listMappings(deps: Deps, caller: Caller): Promise<readonly MappingView[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => mappingViews(deps, tx));
}
