import type { TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import { newId } from '../kernel/ids.ts';
import type { PageRef } from './pages.ts';

/** Landed records of one stream that are to be mapped again because of one mapping. */
export interface NewReplay {
  readonly connection: string;
  readonly stream: string;
  readonly mappingId: string;
  readonly mappingVersion: number;
  /** Every landed record, those that the mapping failed on, those of them with one cause, or those named. */
  readonly scope: 'all' | 'failed' | 'cause' | 'records';
  /** The cause, where one is asked for: the id of its group of errors. */
  readonly cause?: string | null;
  /** The records, where they are named. */
  readonly recordIds?: readonly string[];
  readonly requestedBy: string;
}

/** How far a replay is, with exact counts. */
export interface Replay extends Omit<NewReplay, 'recordIds'> {
  readonly runId: string;
  readonly status: 'running' | 'succeeded';
  /** Records that it maps again, each once. */
  readonly records: number;
  /** How many of them are mapped or have failed by now. */
  readonly done: number;
  /** Facts that it recorded: what a record gave before and gives again is none. */
  readonly facts: number;
  /** Records of the stream on which the mapping had failed when it began. */
  readonly failedBefore: number;
  /** Records of it that did not map. */
  readonly failed: number;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/** Records of one page: one transaction of mapping. */
const PAGE = 2_000;

/**
 * Opens a run that maps landed records again and reads nothing; returns it with its pages, to be mapped by whoever maps
 * pages. Null where there is nothing to map: no such run is kept.
 */
export async function openReplay(
  tx: TenantTx,
  replay: NewReplay,
): Promise<{
  readonly runId: string;
  readonly pages: readonly PageRef[];
  readonly records: number;
} | null> {
  const runId = newId('run');
  await tx.run(
    `insert into run (tenant_id, id, connection, trigger, requested_by, kind) values ($1, $2, $3, 'person', $4, 'replay')`,
    [tx.tenantId, runId, replay.connection, replay.requestedBy],
  );
  const pages = await openPages(tx, runId, replay);
  const records = pages.reduce((sum, page) => sum + page.records, 0);
  if (records === 0) {
    await tx.run(`delete from run where run.id = $1`, [runId]);
    return null;
  }
  await tx.run(
    `insert into replay (tenant_id, run_id, connection, stream, mapping_id, mapping_version, scope, records, failed_before, requested_by, cause)
     select $1, $2, $3, $4, $5, $6::int, $7, $8::int, (${FAILED}), $9, $10`,
    [
      tx.tenantId,
      runId,
      replay.connection,
      replay.stream,
      replay.mappingId,
      replay.mappingVersion,
      replay.scope,
      records,
      replay.requestedBy,
      replay.cause ?? null,
    ],
  );
  return { runId, pages, records };
}

/** Open rows of the mapping and stream of a new replay. */
const FAILED = `select count(*)::int from quarantine q where q.status = 'open' and q.stage = 'mapping'
  and q.connection = $3 and q.stream = $4 and q.mapping_id = $5`;

/**
 * The replay of the same records by the same version that is still under way, or null. Who asks holds the mapping's
 * replays ({@link lockReplays}), so that two who ask at once get one.
 */
export async function replayUnderWay(
  tx: TenantTx,
  replay: Omit<NewReplay, 'requestedBy' | 'recordIds'>,
): Promise<{ readonly runId: string; readonly records: number } | null> {
  const [row] = await tx.sql<{ runId: string; records: number }>(
    `select p.run_id as "runId", p.records from replay p join run r on r.tenant_id = p.tenant_id and r.id = p.run_id
     where p.connection = $1 and p.stream = $2 and p.mapping_id = $3 and p.mapping_version = $4 and p.scope = $5
       and p.cause is not distinct from $6 and r.status = 'running' order by p.run_id desc limit 1`,
    [
      replay.connection,
      replay.stream,
      replay.mappingId,
      replay.mappingVersion,
      replay.scope,
      replay.cause ?? null,
    ],
  );
  return row ?? null;
}

/** Lets one at a time ask for replays of a mapping, until the end of the transaction. */
export async function lockReplays(tx: TenantTx, mappingId: string): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
    `replays:${tx.tenantId}:${mappingId}`,
  ]);
}

/** Every landed record of the stream, those that the mapping failed on, those of one cause, or those named, in pages by id. */
async function openPages(
  tx: TenantTx,
  runId: string,
  { connection, stream, mappingId, scope, cause = null, recordIds = [] }: NewReplay,
): Promise<readonly (PageRef & { readonly records: number })[]> {
  return tx.sql(
    `with due as (
       select r.record_id as id, (row_number() over (order by r.record_id) - 1) / ${PAGE} as page from source_record r
       where r.connection = $2 and r.stream = $3 and ($5 = 'all' or ($5 = 'records' and r.record_id = any($6::text[])) or $5 in ('failed', 'cause') and exists (select from quarantine q where q.status = 'open'
         and q.stage = 'mapping' and q.connection = $2 and q.stream = $3 and q.mapping_id = $4 and q.record_id = r.record_id
         and ($7::text is null or q.cause = $7)))
     )
     insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given)
     select app.tenant(), $1, $3, d.page, array_agg(d.id order by d.id), array_fill('t'::"char", array[count(*)::int]), 0
     from due d group by d.page order by d.page
     returning run_id as "runId", stream, page_number as "pageNumber", cardinality(record_ids) as records`,
    [runId, connection, stream, mappingId, scope, textList(recordIds), cause],
  );
}

/** Ends a replay once its last page is mapped; any other run is left as it is. */
export async function endReplay(tx: TenantTx, runId: string): Promise<void> {
  await tx.run(
    `update run set status = 'succeeded', finished_at = app.clock()
     where run.id = $1 and run.kind = 'replay' and run.status = 'running'
       and not exists (select from run_page p where p.tenant_id = run.tenant_id and p.run_id = run.id and p.mapped_at is null)`,
    [runId],
  );
}

/** Replays of a mapping, newest first. */
export async function replaysOf(
  tx: TenantTx,
  mappingId: string,
  page: { readonly before?: string | undefined; readonly limit: number },
): Promise<readonly Replay[]> {
  return tx.sql<Replay>(
    `select p.run_id as "runId", p.connection, p.stream, p.mapping_id as "mappingId", p.mapping_version as "mappingVersion",
       p.scope, p.cause, p.records, p.failed_before as "failedBefore", p.requested_by as "requestedBy", r.status,
       r.started_at as "startedAt", r.finished_at as "finishedAt", p.records - d.open as done, d.facts,
       (select count(distinct q.record_id)::int from quarantine q
        where q.status = 'open' and q.stage = 'mapping' and q.run_id = p.run_id and q.mapping_id = p.mapping_id) as failed
     from replay p join run r on r.tenant_id = p.tenant_id and r.id = p.run_id
     cross join lateral (
       select count(distinct u.id) filter (where g.mapped_at is null)::int as open,
         coalesce((select sum(f.facts) from run_page f where f.tenant_id = p.tenant_id and f.run_id = p.run_id), 0)::int as facts
       from run_page g cross join lateral unnest(g.record_ids) as u (id)
       where g.tenant_id = p.tenant_id and g.run_id = p.run_id) d
     where p.mapping_id = $1 and ($2::text is null or p.run_id < $2) order by p.run_id desc limit $3`,
    [mappingId, page.before ?? null, page.limit],
  );
}
