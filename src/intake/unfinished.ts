import type { TenantTx } from '../db/store.ts';

/**
 * Streams of runs that have not ended and whose run started more than `seconds` ago, and parked ones whose time came as
 * long ago; 1,000 at most. What waits for credentials is not among them.
 */
export async function unendedStreams(
  tx: TenantTx,
  seconds: number,
): Promise<readonly { readonly runId: string; readonly stream: string }[]> {
  return tx.sql(
    `select s.run_id as "runId", s.stream from run r join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
     where r.status in ('running', 'parked') and r.started_at < app.clock() - make_interval(secs => $1)
       and (s.status in ('waiting', 'reading', 'read')
         or (s.status = 'parked' and s.resume_at < app.clock() - make_interval(secs => $1))) order by s.run_id, s.stream limit 1000`,
    [seconds],
  );
}

/**
 * Records of a stream that were landed by runs which still read one of `streams`: what belongs to such a record may
 * not have been read yet.
 */
export async function recordsOfOpenRuns(
  tx: TenantTx,
  place: { readonly connection: string; readonly stream: string },
  streams: readonly string[],
): Promise<ReadonlySet<string>> {
  const runs = await tx.sql<{ id: string }>(
    `select distinct run.id from run join run_stream s on s.tenant_id = run.tenant_id and s.run_id = run.id
     where run.connection = $1 and run.status in ('running', 'parked') and s.stream = any($2)
       and s.status in ('waiting', 'reading', 'read', 'parked')`,
    [place.connection, [...streams]],
  );
  // Mostly there is none, and then nothing has to go through all records of the stream.
  if (runs.length === 0) return new Set();
  const rows = await tx.sql<{ id: string }>(
    `select r.record_id as id from source_record r where r.connection = $1 and r.stream = $2 and r.run_id = any($3)`,
    [place.connection, place.stream, runs.map((run) => run.id)],
  );
  return new Set(rows.map((row) => row.id));
}

/** Pages that landed more than `seconds` ago and wait for mapping, but for those of streams that wait for one mapping; 1,000 at most. */
export async function unmappedPages(
  tx: TenantTx,
  seconds: number,
  butNot: readonly { readonly connection: string; readonly stream: string }[] = [],
): Promise<
  readonly { readonly runId: string; readonly stream: string; readonly pageNumber: number }[]
> {
  return tx.sql(
    `select p.run_id as "runId", p.stream, p.page_number as "pageNumber"
     from run_page p join run r on r.tenant_id = p.tenant_id and r.id = p.run_id
     where p.mapped_at is null and p.landed_at < app.clock() - make_interval(secs => $1)
       and not exists (select from jsonb_to_recordset($2::jsonb) as w (connection text, stream text)
         where w.connection = r.connection and w.stream = p.stream and p.because_of is not null)
     order by p.landed_at limit 1000`,
    [seconds, JSON.stringify(butNot)],
  );
}

/**
 * True if the last ended read of every given stream was certified, none is parked and all that landed is mapped. `read` names the
 * streams that are read now, by connection: what a paused or removed one last did says nothing about today.
 */
export async function isAllCertified(
  tx: TenantTx,
  read: readonly { readonly connection: string; readonly stream: string }[],
): Promise<boolean> {
  const [row] = await tx.sql<{ whole: boolean }>(
    `with last as (
       select distinct on (r.connection, s.stream) s.status from run r
       join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
       join jsonb_to_recordset($1::jsonb) as wanted (connection text, stream text)
         on wanted.connection = r.connection and wanted.stream = s.stream
       where s.status in ('parked', 'succeeded', 'failed')
       order by r.connection, s.stream, s.finished_at desc nulls first)
     select not exists (select from run_page p where p.mapped_at is null)
       and not exists (select from last where last.status <> 'succeeded')
       and exists (select from last) as whole`,
    [JSON.stringify(read)],
  );
  return row?.whole ?? false;
}
