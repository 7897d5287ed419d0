import { listModes, type ModeSetting } from '../../delivery/write-modes.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** How far connections, agreements and products go; what is not named is written. */
export function listWriteModes(deps: Deps, caller: Caller): Promise<readonly ModeSetting[]> {
  return deps.store.readTenant(caller.tenantId, listModes);
}
