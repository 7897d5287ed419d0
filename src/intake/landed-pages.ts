import type { TenantTx } from '../db/store.ts';
import type { LandedRecord } from './landing.ts';

/** Landed records of a stream in the order of their ids, `limit` of them after an id (null: from the first). */
export async function landedPage(
  tx: TenantTx,
  connection: string,
  stream: string,
  after: string | null,
  limit: number,
): Promise<readonly LandedRecord[]> {
  return tx.sql<LandedRecord>(
    `select r.record_id as "recordId", r.stamp, r.deleted, r.content_hash as "contentHash", r.data from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and ($4::text is null or r.record_id > $4)
     order by r.record_id limit $5`,
    [tx.tenantId, connection, stream, after, limit],
  );
}
