import type { TenantTx } from '../db/store.ts';
import { changesBetween, type EntryChange } from './lookup-changes.ts';
import { lookupEntries, type LookupTable } from './kept-lookups.ts';

/** One version of a lookup table: who made it, when, why and how much it changed. */
export interface LookupVersion {
  readonly version: number;
  readonly action: 'made' | 'set' | 'imported' | 'accepted' | 'restored';
  readonly note: string;
  readonly changedBy: string;
  readonly changedAt: Date;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly entries: number;
}

/** The versions of a table, newest first. */
export async function lookupVersions(
  tx: TenantTx,
  name: string,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<readonly LookupVersion[]> {
  return tx.sql<LookupVersion>(
    `select v.version, v.action, v.note, v.changed_by as "changedBy", v.changed_at as "changedAt", v.added, v.changed,
       v.removed, v.entries
     from lookup_version v where v.name = $1 and ($2::int is null or v.version < $2) order by v.version desc limit $3`,
    [name, page.before ?? null, page.limit],
  );
}

/** What two versions of a table differ in, by key. Throws NotFoundError for a version that never was. */
export async function diffLookup(
  tx: TenantTx,
  table: LookupTable,
  from: number,
  to: number,
): Promise<readonly EntryChange[]> {
  return changesBetween(await lookupEntries(tx, table, from), await lookupEntries(tx, table, to));
}
