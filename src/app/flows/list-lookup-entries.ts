import { getLookupTable, lookupEntries } from '../../mapping/kept-lookups.ts';
import type { Json } from '../../kernel/hash.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { figuresOfKeys } from '../lookup-figures.ts';
import { readersOf } from '../lookup-readers.ts';

/** One entry with what it is used for now. */
export interface LookupEntry {
  readonly key: string;
  readonly value: Json;
  /** Records that asked for it when they were last mapped. */
  readonly records: number;
  /** Current facts of those records. */
  readonly facts: number;
}

/** Entries of a table after a key, by key: of now, or as they were at a version. Throws NotFoundError. */
export function listLookupEntries(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly version?: number | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly LookupEntry[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const table = await getLookupTable(tx, input.name);
    const all = [...(await lookupEntries(tx, table, input.version))];
    const { after } = input;
    const page = all.filter(([key]) => after === undefined || key > after);
    const entries = page.toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, input.limit);
    const readers = (await readersOf(deps, tx, input.name)).map(({ id }) => id);
    const keys = entries.map(([key]) => key);
    const figures = await figuresOfKeys(tx, input.name, keys, readers);
    return entries.map(([key, value]) => {
      const { records, facts } = figures.get(key) ?? { records: 0, facts: 0 };
      return { key, value, records, facts };
    });
  });
}
