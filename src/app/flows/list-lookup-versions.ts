import { lookupVersions, type LookupVersion } from '../../mapping/lookup-history.ts';
import { getLookupTable } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** The versions of a lookup table, newest first. Throws NotFoundError. */
export function listLookupVersions(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly before?: number | undefined;
    readonly limit: number;
  },
): Promise<readonly LookupVersion[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { name } = await getLookupTable(tx, input.name);
    return lookupVersions(tx, name, input);
  });
}
