import type { TenantTx } from '../db/store.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import type { LookupTables } from './lookups.ts';
import { readLookups, replaceLookup } from './mapping-store.ts';

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const MAX_ENTRIES = 100_000;

/** Reads the named lookup tables whole, for one run. A table that does not exist has no entries. */
export async function loadLookups(tx: TenantTx, names: readonly string[]): Promise<LookupTables> {
  const tables = new Map<string, Map<string, Json>>();
  for (const { name, key, value } of await readLookups(tx, names)) {
    const table = tables.get(name) ?? new Map<string, Json>();
    tables.set(name, table.set(key, value));
  }
  return { get: (table, key) => tables.get(table)?.get(key) };
}

/** Puts a lookup table in place of the one of that name. Throws a ValidationError for a name that is no slug. */
export async function saveLookup(
  tx: TenantTx,
  name: string,
  entries: Readonly<Record<string, Json>>,
  person: string,
): Promise<void> {
  if (!NAME.test(name)) {
    throw new ValidationError(
      `"${name}" is not a name for a lookup table. Use small letters, digits and hyphens.`,
    );
  }
  const count = Object.keys(entries).length;
  if (count > MAX_ENTRIES) {
    throw new ValidationError(
      `The lookup table "${name}" has ${count} entries; at most ${MAX_ENTRIES} are kept.`,
    );
  }
  await replaceLookup(tx, name, entries, person);
}
