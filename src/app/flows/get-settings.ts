import type { CommerceSettings } from '../../commerce/settings.ts';
import type { Caller } from '../../security/caller.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';

/** What the company has decided about its deals and renewals. */
export function getSettings(deps: Deps, caller: Caller): Promise<CommerceSettings> {
  return deps.store.readTenant(caller.tenantId, commerceSettings);
}
