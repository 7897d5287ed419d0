import type { CyclePolicy } from '../../licensing/cycles/cycle-policy.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** Who signs cycles, and when what was read is stale. */
export function getCyclePolicy(deps: Deps, caller: Caller): Promise<CyclePolicy> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'cycles'));
}
