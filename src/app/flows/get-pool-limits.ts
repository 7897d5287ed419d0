import type { PoolLimits } from '../../licensing/seat-answer.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** What a request for a seat meets at the limits of its pool. */
export function getPoolLimits(deps: Deps, caller: Caller): Promise<PoolLimits> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'pools'));
}
