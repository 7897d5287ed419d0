import { lookupFileText, type LookupFormat } from '../../mapping/lookup-file.ts';
import { getLookupTable, lookupEntries } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** A lookup table as a file that can be imported again, of now or of a version. Throws NotFoundError. */
export function exportLookup(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly format: LookupFormat;
    readonly version?: number | undefined;
  },
): Promise<{ readonly name: string; readonly version: number; readonly text: string }> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const table = await getLookupTable(tx, input.name);
    const version = input.version ?? table.version;
    const entries = await lookupEntries(tx, table, version);
    return { name: table.name, version, text: lookupFileText(entries, input.format) };
  });
}
