import type { Caller } from '../../security/caller.ts';
import { listUsers as list, type User } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/** Every person of the company, oldest first. */
export function listUsers(deps: Deps, caller: Caller): Promise<readonly User[]> {
  return deps.store.readTenant(caller.tenantId, list);
}
