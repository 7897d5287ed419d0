import type { TenantTx } from '../db/store.ts';

/** The ids of the records of a stream that landed last, newest first. */
export async function newestRecordIds(
  tx: TenantTx,
  place: { readonly connection: string; readonly stream: string },
  limit: number,
): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select r.record_id as id from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3
     order by r.landed_at desc, r.record_id limit $4`,
    [tx.tenantId, place.connection, place.stream, limit],
  );
  return rows.map(({ id }) => id);
}

/** The ids of records of a stream that wait for a person, newest first, and of those that are gone at their source. */
export async function oddRecordIds(
  tx: TenantTx,
  place: { readonly connection: string; readonly stream: string },
  limit: number,
): Promise<{ readonly quarantined: readonly string[]; readonly deleted: readonly string[] }> {
  const quarantined = await tx.sql<{ id: string }>(
    `select q.record_id as id from quarantine q
     where q.connection = $1 and q.stream = $2 and q.stage = 'mapping' and q.status = 'open'
     order by q.id desc limit $3`,
    [place.connection, place.stream, limit],
  );
  const deleted = await tx.sql<{ id: string }>(
    `select r.record_id as id from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.deleted
     order by r.record_id limit $4`,
    [tx.tenantId, place.connection, place.stream, limit],
  );
  return {
    quarantined: [...new Set(quarantined.map(({ id }) => id))],
    deleted: deleted.map(({ id }) => id),
  };
}
