import { getConnection as get } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';

/** One connection. Throws NotFoundError. */
export function getConnection(deps: Deps, caller: Caller, id: string): Promise<ConnectionView> {
  return deps.store.readTenant(
    caller.tenantId,
    async (tx) => await connectionView(tx, await get(tx, id)),
  );
}
