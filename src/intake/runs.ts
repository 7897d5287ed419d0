import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { ReadWindow } from '../sdk/record.ts';
import type { Certificate } from './certificate.ts';

/** Sums of one stream of a run, made by SQL from the rows of its pages. */
export interface StreamSums {
  /** Records that were read. */
  readonly landed: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly rejected: number;
  readonly quarantined: number;
}

export interface RunStream extends StreamSums {
  readonly stream: string;
  readonly status: 'waiting' | 'reading' | 'read' | 'parked' | 'succeeded' | 'failed';
  readonly pages: number;
  readonly unmappedPages: number;
  readonly window: ReadWindow | null;
  /** About how many records the read brings; null when nobody can tell. For progress, never for proof. */
  readonly expected: number | null;
  /** Records that came with a stamp older than what was certified before. */
  readonly late: number;
  /** When a parked stream goes on; null if it waits for credentials, or is not parked. */
  readonly resumeAt: Date | null;
  readonly certificate: Certificate | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface Run {
  readonly id: string;
  readonly connection: string;
  readonly trigger: 'person' | 'schedule' | 'hook';
  readonly requestedBy: string;
  readonly full: boolean;
  /** True if only ids and stamps were read, and the records that differ. */
  readonly keysOnly: boolean;
  /** `parked`: all that is not ended waits for its time or for credentials. */
  readonly status: 'running' | 'parked' | 'succeeded' | 'failed';
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly streams: readonly RunStream[];
}

/** Opens a run over the given streams of a connection. */
export async function openRun(
  tx: TenantTx,
  run: Pick<Run, 'connection' | 'trigger' | 'requestedBy' | 'full'> & {
    readonly keysOnly?: boolean;
    readonly streams: readonly string[];
  },
): Promise<string> {
  const id = newId('run');
  await tx.run(
    `insert into run (tenant_id, id, connection, trigger, requested_by, full_read, keys_only)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.tenantId,
      id,
      run.connection,
      run.trigger,
      run.requestedBy,
      run.full,
      run.keysOnly ?? false,
    ],
  );
  await tx.run(
    `insert into run_stream (tenant_id, run_id, stream) select $1, $2, unnest($3::text[])`,
    [tx.tenantId, id, run.streams],
  );
  return id;
}

interface RunRow {
  readonly id: string;
  readonly connection: string;
  readonly trigger: Run['trigger'];
  readonly requested_by: string;
  readonly full_read: boolean;
  readonly keys_only: boolean;
  readonly status: Run['status'];
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

const RUN_COLUMNS = `run.id, run.connection, run.trigger, run.requested_by, run.full_read, run.keys_only, run.status,
  run.started_at, run.finished_at`;

/** Runs, newest first, without their streams' sums. */
export async function listRuns(
  tx: TenantTx,
  filter: {
    readonly connection?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Run[]> {
  const rows = await tx.sql<RunRow>(
    `select ${RUN_COLUMNS} from run
     where ($1::text is null or run.connection = $1) and ($2::text is null or run.id < $2)
     order by run.id desc limit $3`,
    [filter.connection ?? null, filter.before ?? null, filter.limit],
  );
  return Promise.all(rows.map(async (row) => toRun(row, await streamsOf(tx, row.id))));
}

/** One run with its streams. Throws NotFoundError. */
export async function getRun(tx: TenantTx, id: string): Promise<Run> {
  const [row] = await tx.sql<RunRow>(`select ${RUN_COLUMNS} from run where run.id = $1`, [id]);
  if (row === undefined) {
    throw new NotFoundError(`There is no run "${id}". \`trueup runs list\` shows those there are.`);
  }
  return toRun(row, await streamsOf(tx, id));
}

function toRun(row: RunRow, streams: readonly RunStream[]): Run {
  return {
    id: row.id,
    connection: row.connection,
    trigger: row.trigger,
    requestedBy: row.requested_by,
    full: row.full_read,
    keysOnly: row.keys_only,
    status: row.status,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    streams,
  };
}

async function streamsOf(tx: TenantTx, runId: string): Promise<readonly RunStream[]> {
  return tx.sql<RunStream>(
    `select s.stream, s.status, s.pages, s.read_window as "window", s.expected, s.late, s.resume_at as "resumeAt",
       s.certificate, s.error,
       g.landed, coalesce(p.created, 0)::int as created,
       coalesce(p.updated, 0)::int as updated, coalesce(p.unchanged, 0)::int as unchanged,
       coalesce(p.superseded, 0)::int as superseded, coalesce(p.rejected, 0)::int as rejected,
       coalesce(p.quarantined, 0)::int as quarantined, coalesce(p.unmapped, 0)::int as "unmappedPages"
     from run_stream s
     left join lateral (
       select count(*) filter (where o.outcome = 'c') as created, count(*) filter (where o.outcome = 'u') as updated,
         count(*) filter (where o.outcome = 'n') as unchanged, count(*) filter (where o.outcome = 's') as superseded,
         count(*) filter (where o.outcome = 'r') as rejected, count(*) filter (where o.outcome = 'q') as quarantined,
         count(distinct page.page_number) filter (where page.mapped_at is null) as unmapped
       from run_page page left join lateral unnest(page.outcomes) as o (outcome) on true
       where page.run_id = s.run_id and page.stream = s.stream
     ) p on true
     cross join lateral (
       select coalesce(sum(page.given), 0)::int as landed from run_page page
       where page.run_id = s.run_id and page.stream = s.stream
     ) g
     where s.run_id = $1 order by s.stream`,
    [runId],
  );
}

/**
 * True once every stream of the run has ended and all that it landed is mapped. Of the two that make it so, the last
 * read and the last mapping, whichever commits second is told so: they take turns on the run's row.
 */
export async function isRunComplete(tx: TenantTx, runId: string): Promise<boolean> {
  await takeTurn(tx, runId);
  const rows = await tx.sql(
    `select from run where run.id = $1 and run.status not in ('running', 'parked')
       and not exists (select from run_page p where p.run_id = run.id and p.mapped_at is null)`,
    [runId],
  );
  return rows.length > 0;
}

/** The next statement sees what everybody before us has committed about this run. */
async function takeTurn(tx: TenantTx, runId: string): Promise<void> {
  await tx.sql(`select from run where run.id = $1 for update`, [runId]);
}

/** True once every stream of the run has ended; then the run gets its own status and end. */
export async function finishRunIfDone(tx: TenantTx, runId: string): Promise<boolean> {
  // Streams end side by side. Without turns each of the last two would still see the other one open.
  await takeTurn(tx, runId);
  const changed = await tx.run(
    `update run set finished_at = app.clock(),
       status = case when exists (select from run_stream s where s.run_id = run.id and s.status = 'failed')
                then 'failed' else 'succeeded' end
     where run.id = $1 and run.status in ('running', 'parked')
       and not exists (select from run_stream s where s.run_id = run.id and s.status not in ('succeeded', 'failed'))`,
    [runId],
  );
  return changed > 0;
}

/**
 * Says of a run whose last streams under way are parked that it is parked itself, and of one that goes on that it runs.
 * To be called where a stream is parked, ends or goes on.
 */
export async function settleRunStatus(tx: TenantTx, runId: string): Promise<void> {
  await takeTurn(tx, runId);
  await tx.run(
    `update run set status = case
         when exists (select from run_stream s where s.run_id = run.id and s.status in ('waiting', 'reading', 'read')) then 'running'
         else 'parked' end
     where run.id = $1 and run.status in ('running', 'parked')
       and exists (select from run_stream s where s.run_id = run.id and s.status not in ('succeeded', 'failed'))`,
    [runId],
  );
}

/** True while a run reads the connection; one that is parked does not, nor one that maps again what has landed. */
export async function hasRunUnderWay(tx: TenantTx, connection: string): Promise<boolean> {
  const rows = await tx.sql(
    `select from run where run.connection = $1 and run.status = 'running' and run.kind = 'read' limit 1`,
    [connection],
  );
  return rows.length > 0;
}
