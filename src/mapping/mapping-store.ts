import type { TenantTx } from '../db/store.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import type { MappingTables, MappingVersionRow } from './tables.ts';

/** A published mapping as it is stored. */
export type StoredMapping = Pick<
  MappingVersionRow,
  'mapping_id' | 'version' | 'direction' | 'system' | 'object' | 'document' | 'hash'
>;

const COLUMNS = [
  'mapping_version.mapping_id',
  'mapping_version.version',
  'mapping_version.direction',
  'mapping_version.system',
  'mapping_version.object',
  'mapping_version.document',
  'mapping_version.hash',
] as const;

/** Every published mapping of the tenant, by id. A tenant has tens of them, so they are read at once. */
export async function listPublished(tx: TenantTx): Promise<readonly StoredMapping[]> {
  return await tx
    .db<MappingTables>()
    .selectFrom('mapping_version')
    .select(COLUMNS)
    .where('mapping_version.status', '=', 'published')
    .orderBy('mapping_version.mapping_id')
    .execute();
}

/** The highest version of a mapping that was ever published here; 0 if none was. */
export async function highestVersion(tx: TenantTx, mappingId: string): Promise<number> {
  const rows = await tx
    .db<MappingTables>()
    .selectFrom('mapping_version')
    .select('mapping_version.version')
    .where('mapping_version.mapping_id', '=', mappingId)
    .orderBy('mapping_version.version', 'desc')
    .limit(1)
    .execute();
  return rows[0]?.version ?? 0;
}

export interface NewVersion {
  readonly mappingId: string;
  readonly version: number;
  readonly direction: 'inbound' | 'outbound';
  readonly system: string;
  readonly object: string;
  readonly document: JsonObject;
  readonly sourceText: string;
  readonly hash: string;
  readonly publishedBy: string;
  /** The change request that put it in effect; null for what was published without one. */
  readonly changeId: string | null;
  readonly note: string;
  /** The version whose content this is, where it was rolled back to. */
  readonly rolledBackTo: number | null;
}

/** Puts a version in effect; the one before it is retired. */
export async function insertVersion(tx: TenantTx, row: NewVersion): Promise<void> {
  await retire(tx, row.mappingId);
  await tx
    .db<MappingTables>()
    .insertInto('mapping_version')
    .values({
      tenant_id: tx.tenantId,
      mapping_id: row.mappingId,
      version: row.version,
      direction: row.direction,
      system: row.system,
      object: row.object,
      document: JSON.stringify(row.document),
      source_text: row.sourceText,
      hash: row.hash,
      status: 'published',
      published_by: row.publishedBy,
      retired_at: null,
      change_id: row.changeId,
      note: row.note,
      rolled_back_to: row.rolledBackTo,
    })
    .execute();
}

/** Takes what is published under the id out of effect; true if something was. */
export async function retire(tx: TenantTx, mappingId: string): Promise<boolean> {
  const touched = await tx.run(
    `update mapping_version set status = 'retired', retired_at = app.clock() where mapping_id = $1 and status = 'published'`,
    [mappingId],
  );
  return touched > 0;
}

/** The entries of the named lookup tables. Names without a table give nothing. */
export async function readLookups(
  tx: TenantTx,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly key: string; readonly value: Json }[]> {
  if (names.length === 0) return [];
  return await tx.sql<{ name: string; key: string; value: Json }>(
    'select e.name, e.key, e.value from lookup_entry e where e.name = any ($1)',
    [[...names]],
  );
}
