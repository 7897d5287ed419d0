import type { Caller } from '../../security/caller.ts';
import { getUser, type User } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/** One person. Throws NotFoundError. */
export function showUser(deps: Deps, caller: Caller, id: string): Promise<User> {
  return deps.store.readTenant(caller.tenantId, (tx) => getUser(tx, id));
}
