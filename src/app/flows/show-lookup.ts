import { getLookupTable } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { lookupView, type LookupView } from '../lookup-view.ts';

/** One lookup table without its entries. Throws NotFoundError. */
export function showLookup(deps: Deps, caller: Caller, name: string): Promise<LookupView> {
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    lookupView(deps, tx, await getLookupTable(tx, name)),
  );
}
