import { listLookupTables } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { lookupView, type LookupView } from '../lookup-view.ts';

/** Every lookup table of the company, by name. */
export function listLookups(deps: Deps, caller: Caller): Promise<readonly LookupView[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const views: LookupView[] = [];
    for (const table of await listLookupTables(tx)) views.push(await lookupView(deps, tx, table));
    return views;
  });
}
