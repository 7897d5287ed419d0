import type { CommerceSettings } from '../../commerce/settings.ts';
import type { Caller } from '../../security/caller.ts';
import { companySettings } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** What the company has decided about its deals and renewals. */
export async function getSettings(deps: Deps, caller: Caller): Promise<CommerceSettings> {
  return (await companySettings(deps.store, caller.tenantId)).commerce;
}
