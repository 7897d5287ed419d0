import { listDirectories as list, type Directory } from '../../intake/directory.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Every directory that is pushed to us. */
export function listDirectories(deps: Deps, caller: Caller): Promise<readonly Directory[]> {
  return deps.store.readTenant(caller.tenantId, list);
}
