import type { Json } from '../../kernel/hash.ts';
import { LookupKind } from '../../mapping/lookup-kinds.ts';
import { makeLookupTable } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { followLookup, type LookupAfter } from '../keep-lookup.ts';

export { LookupKind };

/** Makes a lookup table. Throws a ValidationError for a name or entry that does not fit, StaleError for a taken name. */
export function makeLookup(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly kind?: LookupKind | undefined;
    readonly title: string;
    readonly note: string;
    readonly entries: Readonly<Record<string, Json>>;
  },
): Promise<LookupAfter> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const entries = new Map(Object.entries(input.entries));
    const made = await makeLookupTable(tx, { ...input, entries, person: caller.actor });
    return followLookup(deps, tx, caller, made, { action: 'lookup.made', note: input.note });
  });
}
