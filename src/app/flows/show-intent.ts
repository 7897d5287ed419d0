import { getIntent, type Intent } from '../../delivery/intents.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One intent. Throws NotFoundError. */
export function showIntent(deps: Deps, caller: Caller, id: string): Promise<Intent> {
  return deps.store.readTenant(caller.tenantId, (tx) => getIntent(tx, id));
}
