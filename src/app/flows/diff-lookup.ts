import type { EntryChange } from '../../mapping/lookup-changes.ts';
import { diffLookup as diff } from '../../mapping/lookup-history.ts';
import { getLookupTable } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What two versions of a lookup table differ in; by default the last two. Throws NotFoundError. */
export function diffLookup(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly from?: number | undefined;
    readonly to?: number | undefined;
  },
): Promise<{
  readonly from: number;
  readonly to: number;
  readonly changes: readonly EntryChange[];
}> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const table = await getLookupTable(tx, input.name);
    const to = input.to ?? table.version;
    const from = input.from ?? Math.max(1, to - 1);
    return { from, to, changes: await diff(tx, table, from, to) };
  });
}
