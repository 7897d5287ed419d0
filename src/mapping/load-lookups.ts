import type { TenantTx } from '../db/store.ts';
import type { Json } from '../kernel/hash.ts';
import type { LookupTables } from './lookups.ts';
import { readLookups } from './mapping-store.ts';

/** Reads the named lookup tables whole, for one run. A table that does not exist has no entries. */
export async function loadLookups(tx: TenantTx, names: readonly string[]): Promise<LookupTables> {
  const tables = new Map<string, Map<string, Json>>();
  for (const { name, key, value } of await readLookups(tx, names)) {
    const table = tables.get(name) ?? new Map<string, Json>();
    tables.set(name, table.set(key, value));
  }
  return { get: (table, key) => tables.get(table)?.get(key) };
}
