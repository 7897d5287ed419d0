import type { TenantTx } from '../db/store.ts';

/** A push from a vendor: which record of which object changed. A hint to read it, never a source of facts. */
export interface Push {
  readonly connection: string;
  /** The sender's own id of the event; the same id is the same event. */
  readonly eventId: string;
  readonly object: string;
  readonly recordId: string;
  /** SHA-256 of the body as it came, in hex. */
  readonly bodyHash: string;
}

/** Keeps a push before it is answered. False if an event of this id was kept before. */
export async function keepPush(tx: TenantTx, push: Push): Promise<boolean> {
  const kept = await tx.run(
    `insert into inbox (tenant_id, connection, event_id, object, record_id, body_hash) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, connection, event_id) do nothing`,
    [tx.tenantId, push.connection, push.eventId, push.object, push.recordId, push.bodyHash],
  );
  return kept === 1;
}

/** Marks a push as served: a read that will see the change was asked for. */
export async function markPushServed(
  tx: TenantTx,
  push: Pick<Push, 'connection' | 'eventId'>,
): Promise<void> {
  await tx.run(
    `update inbox set processed_at = app.clock() where inbox.connection = $1 and inbox.event_id = $2`,
    [push.connection, push.eventId],
  );
}

/**
 * True if a run of the connection waits to read every one of these streams: its window is not frozen yet, so it will
 * see a change that happened before now. Of several pushes at once only the first one finds none.
 */
export async function isReadWaiting(
  tx: TenantTx,
  connection: string,
  streams: readonly string[],
): Promise<boolean> {
  await tx.sql(
    `select pg_advisory_xact_lock(hashtextextended('trueup:push:' || $1 || ':' || $2, 0))`,
    [tx.tenantId, connection],
  );
  const rows = await tx.sql(
    `select from run join run_stream s on s.tenant_id = run.tenant_id and s.run_id = run.id
     where run.connection = $1 and run.status = 'running' and s.status = 'waiting' and s.read_window is null
       and s.stream = any($2)
     having count(distinct s.stream) = $3`,
    [connection, streams, streams.length],
  );
  return rows.length > 0;
}
