import { isLive, listConnections as list } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';

/** The connections of the company, by name; a removed one is still shown by its name. */
export function listConnections(deps: Deps, caller: Caller): Promise<readonly ConnectionView[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const views: ConnectionView[] = [];
    for (const connection of (await list(tx)).filter(isLive))
      views.push(await connectionView(tx, connection));
    return views;
  });
}
