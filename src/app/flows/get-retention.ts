import type { Caller } from '../../security/caller.ts';
import { companySetting, type Retention } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** How long the company keeps each kind of data, in days. */
export function getRetention(deps: Deps, caller: Caller): Promise<Retention> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'retention'));
}
