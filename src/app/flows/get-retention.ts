import type { Caller } from '../../security/caller.ts';
import { companySettings, type Retention } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** How long the company keeps each kind of data, in days. */
export async function getRetention(deps: Deps, caller: Caller): Promise<Retention> {
  return (await companySettings(deps.store, caller.tenantId)).retention;
}
