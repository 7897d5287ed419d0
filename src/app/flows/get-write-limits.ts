import type { Caller } from '../../security/caller.ts';
import { companySetting, type WriteLimits } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** How much a run may change in other systems without a person's word. */
export function getWriteLimits(deps: Deps, caller: Caller): Promise<WriteLimits> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'writes'));
}
