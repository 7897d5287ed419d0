import type { TenantTx } from '../db/store.ts';

/** One stream of one run. */
export interface StreamRef {
  readonly runId: string;
  readonly stream: string;
}

/**
 * Parks a stream: it keeps its window, its place and what it landed, and goes on there at `resumeAt` (of the database
 * clock), or once its connection's credentials work again where that is null. False if it had ended.
 */
export async function parkStream(
  tx: TenantTx,
  { runId, stream }: StreamRef,
  park: {
    readonly resumeAt: Date | null;
    readonly reason: { readonly code: string; readonly message: string };
  },
): Promise<boolean> {
  const parked = await tx.run(
    `update run_stream set status = 'parked', resume_at = $3, error = $4, parks = parks + 1, turn_page = null
     where run_id = $1 and stream = $2 and status in ('waiting', 'reading', 'read', 'parked')`,
    [runId, stream, park.resumeAt, JSON.stringify(park.reason)],
  );
  return parked > 0;
}

/** Takes a parked stream up where it stood; nothing happens to one that is not parked. */
export async function unparkStream(tx: TenantTx, { runId, stream }: StreamRef): Promise<void> {
  await tx.run(
    `update run_stream set resume_at = null, error = null, status = case when read_window is null then 'waiting'
         when pages > 0 and next_token is null then 'read' else 'reading' end
     where run_id = $1 and stream = $2 and status = 'parked'`,
    [runId, stream],
  );
}

/** The parked streams of a connection, whatever they wait for. */
export async function parkedStreams(
  tx: TenantTx,
  connection: string,
): Promise<readonly StreamRef[]> {
  return tx.sql<StreamRef>(
    `select s.run_id as "runId", s.stream from run r
     join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
     where r.connection = $1 and r.status in ('running', 'parked') and s.status = 'parked'
     order by s.run_id, s.stream`,
    [connection],
  );
}

/** True if an earlier run waits for credentials with the same stream of the same connection: one such read is enough. */
export async function waitsForCredentials(
  tx: TenantTx,
  connection: string,
  { runId, stream }: StreamRef,
): Promise<boolean> {
  const rows = await tx.sql(
    `select from run r join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
     where r.connection = $1 and r.status in ('running', 'parked') and s.stream = $3 and s.run_id <> $2
       and s.status = 'parked' and s.resume_at is null limit 1`,
    [connection, runId, stream],
  );
  return rows.length > 0;
}

/**
 * Begins a worker's turn on a stream and returns how many records it may ask for at once, null for the stream's own
 * size. Where a turn began on the same page before and never ended, its worker died there, most likely of the page's
 * size: then the page is halved for the rest of the read (fault case 11).
 */
export async function beginTurn(
  tx: TenantTx,
  { runId, stream }: StreamRef,
  pageSize: number,
): Promise<number | null> {
  const [row] = await tx.sql<{ limit: number | null }>(
    `update run_stream set turn_page = pages,
       page_limit = case when turn_page = pages then greatest(1, coalesce(page_limit, $3) / 2) else page_limit end
     where run_id = $1 and stream = $2 returning page_limit as "limit"`,
    [runId, stream, pageSize],
  );
  return row?.limit ?? null;
}

/** Ends a turn that did not die, whatever else came of it. */
export async function endTurn(tx: TenantTx, { runId, stream }: StreamRef): Promise<void> {
  await tx.run(`update run_stream set turn_page = null where run_id = $1 and stream = $2`, [
    runId,
    stream,
  ]);
}
