import type { Caller } from '../../security/caller.ts';
import { listKeys as list, type ApiKey } from '../../security/keys.ts';
import type { Deps } from '../deps.ts';

/** Every API key of the company, without the secrets, which nobody has but their holders. */
export function listKeys(deps: Deps, caller: Caller): Promise<readonly ApiKey[]> {
  return deps.store.readTenant(caller.tenantId, list);
}
