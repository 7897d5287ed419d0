import type { Caller } from '../../security/caller.ts';
import { companySetting, type SeatLimits } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** How many seats may be taken from people without another person's word. */
export function getSeatLimits(deps: Deps, caller: Caller): Promise<SeatLimits> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'seats'));
}
