import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { PageToken, ReadWindow } from '../sdk/record.ts';
import type { Run, RunStream } from './runs.ts';

/** Where one stream of a run stands. */
export interface StreamState {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  readonly trigger: Run['trigger'];
  readonly full: boolean;
  /** Compares keys with the source instead of reading every record again. */
  readonly keysOnly: boolean;
  readonly status: RunStream['status'];
  readonly window: ReadWindow | null;
  /** How far the stream was certified when this read began; null when it never was. */
  readonly since: string | null;
  readonly token: PageToken | null;
  readonly pages: number;
  /** Seconds since the window was frozen; null before. */
  readonly lastedSeconds: number | null;
  /** How often in a row the read was parked without a page between. */
  readonly parks: number;
}

/** The state of one stream of a run, or null when there is no such run or stream. */
export async function streamState(
  tx: TenantTx,
  runId: string,
  stream: string,
): Promise<StreamState | null> {
  const [row] = await tx.sql<StreamState>(
    `select s.run_id as "runId", r.connection, s.stream, r.trigger, r.full_read as "full", r.keys_only as "keysOnly",
       s.status, s.read_window as "window", s.since, s.next_token as "token", s.pages, s.parks,
       extract(epoch from app.clock() - s.began_at)::float8 as "lastedSeconds"
     from run_stream s join run r on r.tenant_id = s.tenant_id and r.id = s.run_id
     where s.run_id = $1 and s.stream = $2`,
    [runId, stream],
  );
  return row ?? null;
}

/** How far the stream has been certified by the source's clock; null when it never was. */
export async function certifiedUpTo(
  tx: TenantTx,
  connection: string,
  stream: string,
): Promise<string | null> {
  const [row] = await tx.sql<{ since: string | null }>(
    `select c.since from stream_checkpoint c where c.connection = $1 and c.stream = $2`,
    [connection, stream],
  );
  return row?.since ?? null;
}

/** What the window that the stream's checkpoint stands at gave to carry on; null when it gave nothing. */
export async function carriedOn(
  tx: TenantTx,
  connection: string,
  stream: string,
): Promise<JsonObject | null> {
  const [row] = await tx.sql<{ carry: JsonObject | null }>(
    `select s.read_window -> 'carry' as carry from stream_checkpoint c
     join run_stream s on s.tenant_id = c.tenant_id and s.run_id = c.run_id and s.stream = c.stream
     where c.connection = $1 and c.stream = $2 and s.read_window ->> 'to' = c.since`,
    [connection, stream],
  );
  return row?.carry ?? null;
}

/** The end of the first certified read of a stream, by the source's clock; null while there was none. */
export async function firstCertifiedUpTo(
  tx: TenantTx,
  connection: string,
  stream: string,
): Promise<string | null> {
  const [row] = await tx.sql<{ to: string | null }>(
    `select s.certificate ->> 'to' as "to" from run r
     join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
     where r.connection = $1 and s.stream = $2 and s.status = 'succeeded' order by s.finished_at, s.run_id limit 1`,
    [connection, stream],
  );
  return row?.to ?? null;
}

/**
 * Says that the source is being asked for its window: a change that comes from now on may be too late for it, so a
 * push that arrives now needs a read of its own.
 */
export async function beginReading(tx: TenantTx, runId: string, stream: string): Promise<void> {
  await tx.run(
    `update run_stream set status = 'reading' where run_id = $1 and stream = $2 and status = 'waiting'`,
    [runId, stream],
  );
}

/** What the connector expects, and of a full read else what the source counted at the last one. */
const EXPECTED = `coalesce(($3::jsonb ->> 'expected')::bigint, case when $3::jsonb ->> 'mode' = 'full' then (
  select (e.certificate ->> 'sourceCount')::bigint from run_stream e
  join run before on before.tenant_id = e.tenant_id and before.id = e.run_id
  join run now on now.tenant_id = e.tenant_id and now.id = $1
  where before.connection = now.connection and e.stream = $2 and e.status = 'succeeded'
    and e.read_window ->> 'mode' = 'full'
  order by e.finished_at desc limit 1) end)`;

/**
 * Freezes the window before the first page. A window that is frozen already stays as it is. `since` is how far the
 * stream was certified before: what comes with an older stamp came late.
 */
export async function freezeWindow(
  tx: TenantTx,
  runId: string,
  stream: string,
  window: ReadWindow,
  since: string | null,
): Promise<void> {
  await tx.run(
    `update run_stream set read_window = $3, since = $4, status = 'reading', began_at = app.clock(), expected = ${EXPECTED}
     where run_id = $1 and stream = $2 and read_window is null`,
    [runId, stream, JSON.stringify(window), since],
  );
}

/** Ids that we hold as existing and that this run did not read: after a full read, candidates for removal. */
export async function unreadIds(
  tx: TenantTx,
  runId: string,
  connection: string,
  stream: string,
): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select r.record_id as id from source_record r
     where r.connection = $2 and r.stream = $3 and not r.deleted and not exists (
       select from run_page p, unnest(p.record_ids, p.outcomes) as u (id, outcome)
       where p.run_id = $1 and p.stream = $3 and u.id = r.record_id and u.outcome <> 't')
     order by r.record_id`,
    [runId, connection, stream],
  );
  return rows.map((row) => row.id);
}

/** Notes that the periodic proof of these streams waits until they are read again. */
export async function noteProofDue(
  tx: TenantTx,
  connection: string,
  streams: readonly { readonly runId: string; readonly stream: string }[],
): Promise<void> {
  for (const { runId, stream } of streams)
    await tx.run(
      `insert into stream_checkpoint (tenant_id, connection, stream, run_id, proof_due) values ($1, $2, $3, $4, true)
       on conflict (tenant_id, connection, stream) do update set proof_due = true`,
      [tx.tenantId, connection, stream, runId],
    );
}

/** True once if a proof of the stream waits: it is made now, by whoever asks. */
export async function takeProofDue(
  tx: TenantTx,
  connection: string,
  stream: string,
): Promise<boolean> {
  const taken = await tx.run(
    `update stream_checkpoint set proof_due = false where connection = $1 and stream = $2 and proof_due`,
    [connection, stream],
  );
  return taken > 0;
}
