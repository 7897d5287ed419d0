import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';

/** A landed record of a change log. */
export interface LandedChange {
  readonly recordId: string;
  readonly landedAt: Date;
  readonly data: JsonObject;
}

const AT_MOST = 500;

/**
 * Landed records of one stream whose field holds one of the given ids, in the order of their stamps: what a change log
 * says of these records. At most the newest 500; a top-level field only.
 */
export async function landedChanges(
  tx: TenantTx,
  log: { readonly connection: string; readonly stream: string; readonly field: string },
  ids: readonly string[],
): Promise<readonly LandedChange[]> {
  if (ids.length === 0) return [];
  const rows = await tx.sql<LandedChange>(
    `select r.record_id as "recordId", r.landed_at as "landedAt", r.data
     from source_record r
     where r.connection = $1 and r.stream = $2 and not r.deleted and r.data ->> $3 = any($4)
     order by r.stamp desc nulls last, r.record_id desc limit $5`,
    [log.connection, log.stream, log.field, ids, AT_MOST],
  );
  return rows.toReversed();
}
