import type { Money } from '../../kernel/money.ts';
import { keySuggester, type KeySuggestion } from '../../mapping/lookup-suggestions.ts';
import { getLookupTable, lookupEntries } from '../../mapping/kept-lookups.ts';
import { missingKeys, type MissingKey } from '../../mapping/lookup-uses.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { moneyOfMissing } from '../lookup-figures.ts';
import { readersOf } from '../lookup-readers.ts';

/** A key that records ask for and a table lacks: how many, what is at stake, and what it may mean. */
export interface UnmatchedKey extends MissingKey {
  readonly money: readonly Money[];
  readonly suggestions: readonly KeySuggestion[];
}

/** The keys that a table lacks, those of most records first. Throws NotFoundError. */
export function listUnmatched(
  deps: Deps,
  caller: Caller,
  input: { readonly name: string; readonly offset: number; readonly limit: number },
): Promise<readonly UnmatchedKey[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const table = await getLookupTable(tx, input.name);
    const readers = (await readersOf(deps, tx, table.name)).map(({ id }) => id);
    const missing = await missingKeys(tx, table.name, readers, input);
    if (missing.length === 0) return [];
    const keys = missing.map(({ key }) => key);
    const money = await moneyOfMissing(tx, table.name, keys, readers);
    const suggest = keySuggester(await lookupEntries(tx, table));
    return missing.map((each) => ({
      ...each,
      money: money.get(each.key) ?? [],
      suggestions: suggest(each.key),
    }));
  });
}
