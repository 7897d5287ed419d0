import type { TenantTx } from '../db/store.ts';

/** A vendor's word that something changed. A hint to read it, never a source of facts. */
export interface Hint {
  /** The sender's own id of the event; the same id is the same event. */
  readonly eventId: string;
  /** The vendor's object; what it is about beyond that is a whole stream unless a record is named. */
  readonly object: string;
  readonly recordId: string | null;
  readonly kind: 'change' | 'gap' | 'overflow' | 'expired';
  /** True for a change that we made ourselves. */
  readonly echo: boolean;
  /** SHA-256 of the body as it came, in hex; empty where it came without one. */
  readonly bodyHash: string;
}

/** Stands for the whole stream: no vendor's id is a star. */
const WHOLE_STREAM = '*';

/**
 * Keeps hints before they are answered, in the transaction that asks for the reads they need. Returns those that are
 * new: an event of an id that was kept before is the same event.
 */
export async function keepHints(
  tx: TenantTx,
  connection: string,
  source: 'push' | 'event',
  hints: readonly Hint[],
): Promise<readonly Hint[]> {
  const rows = await tx.sql<{ eventId: string }>(
    `insert into inbox (tenant_id, connection, event_id, object, record_id, body_hash, source, kind, echo, processed_at)
     select $1, $2, h.event_id, h.object, h.record_id, h.body_hash, $3, h.kind, h.echo, app.clock()
     from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[])
       as h (event_id, object, record_id, body_hash, kind, echo)
     on conflict (tenant_id, connection, event_id) do nothing returning inbox.event_id as "eventId"`,
    [
      tx.tenantId,
      connection,
      source,
      hints.map((hint) => hint.eventId),
      hints.map((hint) => hint.object),
      hints.map((hint) => hint.recordId ?? WHOLE_STREAM),
      hints.map((hint) => hint.bodyHash),
      hints.map((hint) => hint.kind),
      hints.map((hint) => hint.echo),
    ],
  );
  const kept = new Set(rows.map((row) => row.eventId));
  return hints.filter((hint) => kept.delete(hint.eventId));
}

/**
 * True if runs of the connection wait to read every one of these streams: their windows are not frozen yet, so they will
 * see a change that happened before now. Of several hints at once only the first one finds none. With `full`, only runs
 * that read everything count. A proof by keys never does: it looks at nothing newer than what was certified.
 */
export async function isReadWaiting(
  tx: TenantTx,
  connection: string,
  streams: readonly string[],
  full = false,
): Promise<boolean> {
  // A flood finds the read that its first push asked for: those after it commit side by side, not one after the other.
  if (await hasWaitingReads(tx, connection, streams, full)) return true;
  await tx.sql(
    `select pg_advisory_xact_lock(hashtextextended('trueup:push:' || $1 || ':' || $2, 0))`,
    [tx.tenantId, connection],
  );
  return hasWaitingReads(tx, connection, streams, full);
}

/**
 * When the next read that hints ask for may begin: at once, but `paceMs` from now where one has just been made or is under
 * way. However many hints come, a vendor is asked no oftener, and what they tell of is in the read that waits.
 */
export async function nextHintRead(
  tx: TenantTx,
  connection: string,
  paceMs: number,
): Promise<Date | undefined> {
  const [row] = await tx.sql<{ at: Date }>(
    `select app.clock() + $2 * interval '1 millisecond' as at from run r
     where r.connection = $1 and r.trigger = 'hook' and r.started_at > app.clock() - interval '1 hour'
       and (r.status = 'running' or r.finished_at > app.clock() - $2 * interval '1 millisecond') limit 1`,
    [connection, paceMs],
  );
  return row?.at;
}

async function hasWaitingReads(
  tx: TenantTx,
  connection: string,
  streams: readonly string[],
  full: boolean,
): Promise<boolean> {
  const rows = await tx.sql(
    `select from run join run_stream s on s.tenant_id = run.tenant_id and s.run_id = run.id
     where run.connection = $1 and run.status = 'running' and s.status = 'waiting' and s.read_window is null
       and s.stream = any($2) and not run.keys_only and (run.full_read or not $4)
     having count(distinct s.stream) = $3`,
    [connection, streams, streams.length, full],
  );
  return rows.length > 0;
}
