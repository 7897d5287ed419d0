import type { Json } from '../kernel/hash.ts';

/** Lookup tables as mappings see them: read whole before a run, so that mapping itself stays pure. */
export interface LookupTables {
  /** The value for a key, or undefined if the table has none. Throws nothing. */
  get(table: string, key: string): Json | undefined;
}

/** Lookup tables from plain objects: `{ "sku-taxonomy": { "CRM-PRO": "SKU-1" } }`. */
export function lookupTables(
  tables: Readonly<Record<string, Readonly<Record<string, Json>>>>,
): LookupTables {
  const maps = new Map(
    Object.entries(tables).map(([name, entries]) => [name, new Map(Object.entries(entries))]),
  );
  return { get: (table, key) => maps.get(table)?.get(key) };
}
