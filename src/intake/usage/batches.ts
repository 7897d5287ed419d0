import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { TenantTx } from '../../db/store.ts';

/** A batch of events that came and was not taken apart yet. */
export interface UsageBatch {
  readonly id: string;
  readonly receivedAt: Date;
  readonly actor: string;
  readonly sealed: Buffer;
}

/** Keeps a batch as it came, in one row. */
export async function keepBatch(
  tx: TenantTx,
  batch: Omit<UsageBatch, 'receivedAt'> & { readonly events: number },
): Promise<void> {
  await tx.run(
    `insert into usage_batch (tenant_id, id, actor, events, sealed) values ($1, $2, $3, $4, $5)`,
    [tx.tenantId, batch.id, batch.actor, batch.events, batch.sealed],
  );
}

/** The oldest batches that were not taken apart: one at least, and no more than have so many events together. */
export function waitingBatches(tx: TenantTx, mostEvents: number): Promise<readonly UsageBatch[]> {
  return tx.sql<UsageBatch>(
    `select b.id, b.received_at as "receivedAt", b.actor, b.sealed
     from (select o.*, sum(o.events) over (order by o.id) - o.events as before
           from (select w.id, w.received_at, w.actor, w.events, w.sealed from usage_batch w order by w.id limit $1) o) b
     where b.before < $1 order by b.id`,
    [mostEvents],
  );
}

/** Forgets batches whose events are kept. */
export async function forgetBatches(tx: TenantTx, ids: readonly string[]): Promise<void> {
  await tx.run(`delete from usage_batch b where b.id = any($1)`, [[...ids]]);
}

/** How many events wait to be taken apart. */
export async function countWaitingEvents(tx: TenantTx): Promise<number> {
  const [row] = await tx.sql<{ readonly events: number }>(
    `select coalesce(sum(b.events), 0)::int as events from usage_batch b`,
  );
  return row?.events ?? 0;
}

/** The fastest level: events repeat themselves so much that it leaves a tenth, and the write is what a sender waits for. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** The text of a batch as it is sealed: before that, because sealed bytes do not compress. */
export function packBatch(text: Buffer): Buffer {
  return zstdCompressSync(text, FAST);
}

/** The text of a batch that was opened. */
export function unpackBatch(packed: Buffer): Buffer {
  return zstdDecompressSync(packed);
}
