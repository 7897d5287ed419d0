import type { TenantTx } from '../db/store.ts';
import { countMissing } from '../mapping/lookup-uses.ts';
import type { LookupTable } from '../mapping/kept-lookups.ts';
import type { Deps } from './deps.ts';
import { readersOf } from './lookup-readers.ts';

/** A lookup table as it is shown. */
export interface LookupView extends LookupTable {
  /** The mappings in effect that read it. */
  readonly readBy: readonly string[];
  /** How many keys records ask for that it lacks. */
  readonly unmatched: number;
}

/** A table with who reads it and what it lacks. */
export async function lookupView(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  table: LookupTable,
): Promise<LookupView> {
  const readBy = (await readersOf(deps, tx, table.name)).map(({ id }) => id);
  return { ...table, readBy, unmatched: await countMissing(tx, table.name, readBy) };
}
