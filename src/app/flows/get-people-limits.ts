import type { Caller } from '../../security/caller.ts';
import { companySetting, type PeopleLimits } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** How many accounts a connection may lose before a person has to confirm. */
export function getPeopleLimits(deps: Deps, caller: Caller): Promise<PeopleLimits> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'people'));
}
