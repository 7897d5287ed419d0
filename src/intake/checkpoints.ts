import type { TenantTx } from '../db/store.ts';
import type { PageToken, ReadWindow } from '../sdk/record.ts';
import type { Certificate } from './certificate.ts';

/** Where one stream of a run stands. */
export interface StreamState {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  readonly full: boolean;
  readonly status: 'waiting' | 'reading' | 'read' | 'succeeded' | 'failed';
  readonly window: ReadWindow | null;
  readonly token: PageToken | null;
  readonly pages: number;
}

/** The state of one stream of a run, or null when there is no such run or stream. */
export async function streamState(
  tx: TenantTx,
  runId: string,
  stream: string,
): Promise<StreamState | null> {
  const [row] = await tx.sql<StreamState>(
    `select s.run_id as "runId", r.connection, s.stream, r.full_read as "full", s.status, s.read_window as "window",
       s.next_token as "token", s.pages
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

/** Freezes the window before the first page. A window that is frozen already stays as it is. */
export async function freezeWindow(
  tx: TenantTx,
  runId: string,
  stream: string,
  window: ReadWindow,
): Promise<void> {
  await tx.run(
    `update run_stream set read_window = $3, status = 'reading' where run_id = $1 and stream = $2 and read_window is null`,
    [runId, stream, JSON.stringify(window)],
  );
}

/** The distinct ids that the run has read of a stream, whatever became of them. */
export async function readIds(
  tx: TenantTx,
  runId: string,
  stream: string,
): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }>(
    `select distinct u.id from run_page p, unnest(p.record_ids) as u (id)
     where p.run_id = $1 and p.stream = $2 and u.id <> ''`,
    [runId, stream],
  );
  return new Set(rows.map((row) => row.id));
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
       select from run_page p, unnest(p.record_ids) as u (id)
       where p.run_id = $1 and p.stream = $3 and u.id = r.record_id)
     order by r.record_id`,
    [runId, connection, stream],
  );
  return rows.map((row) => row.id);
}

/**
 * Ends one stream of a run with its certificate. Only a closed certificate moves the stream's checkpoint; one that
 * is not closed fails the stream, whatever else went well. A certificate stays open, whatever the source counts, while
 * what became of the records does not come to as many as the connector gave.
 */
export async function endStream(
  tx: TenantTx,
  state: StreamState,
  judged: Certificate,
): Promise<void> {
  const sums = await pageSums(tx, state);
  const addsUp = sums.given === sums.told;
  const certificate = addsUp ? judged : { ...judged, closed: false };
  const ok = certificate.closed === true;
  await tx.run(
    `update run_stream set status = $3, certificate = $4, error = $5, finished_at = app.clock()
     where run_id = $1 and stream = $2 and status in ('waiting', 'reading', 'read')`,
    [
      state.runId,
      state.stream,
      ok ? 'succeeded' : 'failed',
      JSON.stringify(certificate),
      ok ? null : JSON.stringify(addsUp ? openReason(certificate) : sumsReason(state, sums)),
    ],
  );
  if (!ok || certificate.to === null) return;
  await tx.run(
    `insert into stream_checkpoint (tenant_id, connection, stream, since, run_id) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, connection, stream) do update
       set since = excluded.since, run_id = excluded.run_id, version = stream_checkpoint.version + 1, updated_at = app.clock()
       where stream_checkpoint.since is null or stream_checkpoint.since < excluded.since`,
    [tx.tenantId, state.connection, state.stream, certificate.to, state.runId],
  );
}

interface PageSums {
  /** Records that the connector handed over. */
  readonly given: number;
  /** Records of which we say what became of them. */
  readonly told: number;
}

async function pageSums(tx: TenantTx, { runId, stream }: StreamState): Promise<PageSums> {
  const [row] = await tx.sql<PageSums>(
    `select coalesce(sum(p.given), 0)::int as given,
       coalesce(sum((select count(*) from unnest(p.outcomes) as o (outcome) where o.outcome <> 't')), 0)::int as told
     from run_page p where p.run_id = $1 and p.stream = $2`,
    [runId, stream],
  );
  return row ?? { given: 0, told: 0 };
}

function sumsReason({ stream }: StreamState, sums: PageSums): { code: string; message: string } {
  return {
    code: 'sums_open',
    message:
      `The source gave ${sums.given} records of ${stream}, and ${sums.told} are accounted for. Pull again; the checkpoint ` +
      `has not moved. If it happens twice, report it: that is a defect.`,
  };
}

function openReason(certificate: Certificate): { code: string; message: string } {
  if (certificate.closed === null) {
    return {
      code: 'not_countable',
      message: `The source cannot count ${certificate.stream}, so nothing proves that all of it landed.`,
    };
  }
  const named =
    certificate.missingIds.length > 0 ? ` Missing: ${certificate.missingIds.join(', ')}.` : '';
  return {
    code: 'certificate_open',
    message:
      `The source counts ${certificate.sourceCount ?? 0} records of ${certificate.stream}; ${certificate.distinctIds} landed and ` +
      `${certificate.movedOut} left the window meanwhile.${named} Pull again; nothing was lost and the checkpoint has not moved.`,
  };
}

/** Ends one stream of a run with an error; the checkpoint stays where it was. */
export async function failStream(
  tx: TenantTx,
  runId: string,
  stream: string,
  error: { readonly code: string; readonly message: string },
): Promise<void> {
  await tx.run(
    `update run_stream set status = 'failed', error = $3, finished_at = app.clock()
     where run_id = $1 and stream = $2 and status in ('waiting', 'reading', 'read')`,
    [runId, stream, JSON.stringify(error)],
  );
}
