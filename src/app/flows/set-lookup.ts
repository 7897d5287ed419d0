import type { Json } from '../../kernel/hash.ts';
import { changeLookupTable } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { followLookup, type LookupAfter } from '../keep-lookup.ts';

/**
 * Sets and removes entries of a lookup table, all or none, and has the records mapped again that asked for them. Throws
 * NotFoundError, PreconditionFailed where the table is not what the caller saw, and a ValidationError.
 */
export function setLookup(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly seen: string;
    readonly entries: Readonly<Record<string, Json>>;
    readonly remove: readonly string[];
    readonly note: string;
  },
): Promise<LookupAfter> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { name, seen, remove, note } = input;
    const set = new Map(Object.entries(input.entries));
    const edit = { name, seen, note, set, remove, person: caller.actor, action: 'set' } as const;
    const changed = await changeLookupTable(tx, edit);
    return followLookup(deps, tx, caller, changed, { action: 'lookup.changed', note });
  });
}
