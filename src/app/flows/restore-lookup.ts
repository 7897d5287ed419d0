import { changeLookupTable, getLookupTable, lookupEntries } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { followLookup, type LookupAfter } from '../keep-lookup.ts';

/** Brings the entries of an earlier version back, as a new version. Throws NotFoundError and PreconditionFailed. */
export function restoreLookup(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly seen: string;
    readonly version: number;
    readonly note: string;
  },
): Promise<LookupAfter> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { name, seen, version } = input;
    const set = await lookupEntries(tx, await getLookupTable(tx, name), version);
    const note = input.note === '' ? `back to version ${version}` : input.note;
    const changed = await changeLookupTable(tx, {
      name,
      seen,
      note,
      set,
      remove: 'others',
      person: caller.actor,
      action: 'restored',
    });
    return followLookup(deps, tx, caller, changed, { action: 'lookup.restored', note });
  });
}
