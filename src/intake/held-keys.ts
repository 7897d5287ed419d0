import type { TenantTx } from '../db/store.ts';
import type { BucketSum, BucketSums } from './bucket-hash.ts';
import type { HeldKey } from './key-difference.ts';

/** The records of one stream that a comparison of keys is about: those with a stamp before `to`, all of them for null. */
export interface HeldPlace {
  readonly connection: string;
  readonly stream: string;
  readonly to: string | null;
}

/** As `bucketOf` and `sumBuckets` have it, in the store: no key leaves it where the sums are equal. */
const HASHED = `select r.record_id as id, r.stamp, r.deleted,
    sha256(convert_to(r.record_id || E'\\n' || coalesce(r.stamp, ''), 'UTF8')) as hash
  from source_record r
  where r.tenant_id = $1 and r.connection = $2 and r.stream = $3
    and ($4::text is null or r.stamp is null or r.stamp < $4)`;

const word = (from: number): string =>
  `sum(('x' || encode(substring(h.hash from ${from} for 8), 'hex'))::bit(64)::bigint)::text`;

/** The sums of the keys that we hold, tombstones included, by bucket. */
export async function heldSums(tx: TenantTx, place: HeldPlace): Promise<BucketSums> {
  const rows = await tx.sql<BucketSum & { bucket: number }>(
    `select get_byte(h.hash, 0) as bucket, count(*)::int as count,
       array[${word(1)}, ${word(9)}, ${word(17)}, ${word(25)}] as words
     from (${HASHED}) h group by 1`,
    [tx.tenantId, place.connection, place.stream, place.to],
  );
  return new Map(rows.map(({ bucket, count, words }) => [bucket, { count, words }]));
}

/** The keys that we hold in the given buckets, tombstones included. */
export async function heldKeys(
  tx: TenantTx,
  place: HeldPlace,
  buckets: readonly number[],
): Promise<readonly HeldKey[]> {
  return tx.sql<HeldKey>(
    `select h.id, h.stamp, h.deleted from (${HASHED}) h where get_byte(h.hash, 0) = any($5::int[])`,
    [tx.tenantId, place.connection, place.stream, place.to, [...buckets]],
  );
}

/** The newest stamp that we hold of each id, tombstones included; ids that never landed are left out. */
export async function heldStamps(
  tx: TenantTx,
  place: Pick<HeldPlace, 'connection' | 'stream'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await tx.sql<{ id: string; stamp: string | null }>(
    `select r.record_id as id, r.stamp from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = any($4)`,
    [tx.tenantId, place.connection, place.stream, [...ids]],
  );
  return new Map(rows.map(({ id, stamp }) => [id, stamp]));
}

/** Which of these ids could not be landed and wait for a person. */
export async function quarantinedIds(
  tx: TenantTx,
  place: Pick<HeldPlace, 'connection' | 'stream'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }>(
    `select q.record_id as id from quarantine q
     where q.connection = $1 and q.stream = $2 and q.stage = 'intake' and q.status = 'open' and q.record_id = any($3)`,
    [place.connection, place.stream, [...ids]],
  );
  return new Set(rows.map(({ id }) => id));
}
