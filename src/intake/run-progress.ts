import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { Run, RunStream } from './runs.ts';

/** How far one stream of a run is. */
export type StreamProgress = Pick<
  RunStream,
  'stream' | 'status' | 'pages' | 'unmappedPages' | 'landed' | 'expected' | 'resumeAt'
>;

/** How far a run is: what may be asked for every second, also of a run with thousands of pages. */
export interface RunProgress extends Pick<Run, 'id' | 'connection' | 'status'> {
  readonly streams: readonly StreamProgress[];
}

/** How far a run is. Throws NotFoundError. */
export async function runProgress(tx: TenantTx, id: string): Promise<RunProgress> {
  const [run] = await tx.sql<Pick<Run, 'id' | 'connection' | 'status'>>(
    `select run.id, run.connection, run.status from run where run.id = $1`,
    [id],
  );
  if (run === undefined) throw new NotFoundError(`There is no run "${id}".`);
  const streams = await tx.sql<StreamProgress>(
    `select s.stream, s.status, s.pages, s.expected, s.resume_at as "resumeAt",
       coalesce(p.landed, 0)::int as landed, coalesce(p.unmapped, 0)::int as "unmappedPages"
     from run_stream s
     left join lateral (
       select sum(page.given) as landed, count(*) filter (where page.mapped_at is null) as unmapped
       from run_page page where page.run_id = s.run_id and page.stream = s.stream
     ) p on true
     where s.run_id = $1 order by s.stream`,
    [id],
  );
  return { ...run, streams };
}
