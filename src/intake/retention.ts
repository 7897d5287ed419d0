import type { TenantTx } from '../db/store.ts';
import { removeOldEvents } from './usage/horizon.ts';

/** How long intake keeps what it no longer needs for its work, in days. */
export interface IntakeRetention {
  readonly sourceRecordVersions: number;
  readonly runs: number;
  readonly resolvedErrors: number;
  readonly inbox: number;
  readonly usageEvents: number;
}

/**
 * How many rows of each kind were removed; a run counts once, with its streams and pages. `peopleRemovals` and
 * `peopleHolds` waited for a person too, so they are kept for as long as resolved errors are.
 */
export type IntakeRemoved = Readonly<
  Record<keyof IntakeRetention | 'peopleRemovals' | 'peopleHolds', number>
>;

/** A run has many pages of thousands of ids each, so fewer of them go at a time. */
const ROWS_PER_RUN = 100;

/**
 * Removes what is older than the company keeps it, at most `limit` rows of each kind (runs: a hundredth of it), in the
 * caller's transaction. Call it again until it removes nothing.
 *
 * Kept whatever its age: the current content of every record, pushes that were not served, errors, lost accounts and
 * holds that wait for a person, and a run that has not ended, waits for mapping, moved a checkpoint, is named by an open
 * error or a lost account that waits, or was the first or the last certified, or the last ended, read of one of its
 * streams.
 */
export async function removeExpired(
  tx: TenantTx,
  keep: IntakeRetention,
  limit: number,
): Promise<IntakeRemoved> {
  const runIds = await expiredRuns(tx, keep.runs, Math.ceil(limit / ROWS_PER_RUN));
  return {
    sourceRecordVersions: await tx.run(REMOVE_VERSIONS, [keep.sourceRecordVersions, limit]),
    runs: await removeRuns(tx, runIds),
    resolvedErrors: await tx.run(REMOVE_ERRORS, [keep.resolvedErrors, limit]),
    peopleRemovals: await tx.run(REMOVE_LOST_PEOPLE, [keep.resolvedErrors, limit]),
    peopleHolds: await tx.run(REMOVE_HOLDS, [keep.resolvedErrors, limit]),
    inbox: await tx.run(REMOVE_PUSHES, [keep.inbox, limit]),
    usageEvents: await removeOldEvents(tx, keep.usageEvents, limit),
  };
}

const BEFORE = `< (select app.clock()) - make_interval(days => $1)`;

/** By the instant at which the content stopped being the current one. */
const REMOVE_VERSIONS = `delete from source_record_version where ctid = any(array(
  select v.ctid from source_record_version v where v.replaced_at ${BEFORE} order by v.replaced_at limit $2))`;

const REMOVE_ERRORS = `delete from quarantine where ctid = any(array(
  select q.ctid from quarantine q where q.status <> 'open' and q.resolved_at ${BEFORE} order by q.resolved_at limit $2))`;

/** Not before the longest time (720 hours) over which a company may count how many accounts it lost. */
const REMOVE_LOST_PEOPLE = `delete from people_removal where ctid = any(array(
  select r.ctid from people_removal r where r.status in ('applied', 'withdrawn')
    and r.settled_at < (select app.clock()) - greatest(make_interval(days => $1), interval '720 hours')
    and not exists (select from people_hold h where h.id = r.hold_id and h.status = 'open')
  order by r.settled_at limit $2))`;

/** A hold goes after its last record: one that a person kept from mapping stays until the source gives it back. */
const REMOVE_HOLDS = `delete from people_hold where ctid = any(array(
  select h.ctid from people_hold h where h.status <> 'open' and h.decided_at ${BEFORE}
    and not exists (select from people_removal r where r.hold_id = h.id) order by h.decided_at limit $2))`;

const REMOVE_PUSHES = `delete from inbox where ctid = any(array(
  select i.ctid from inbox i where i.processed_at is not null and i.received_at ${BEFORE} order by i.received_at limit $2))`;

/** Rows of runs that another transaction holds are left for the next call. */
async function expiredRuns(tx: TenantTx, days: number, limit: number): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `with ended as (
       select r.connection, s.stream, s.status, s.finished_at, s.run_id
       from run r join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
       where s.status in ('succeeded', 'failed')
     ), needed as (
       (select distinct on (e.connection, e.stream) e.run_id from ended e
        order by e.connection, e.stream, e.finished_at desc, e.run_id desc)
       union (select distinct on (e.connection, e.stream) e.run_id from ended e where e.status = 'succeeded'
        order by e.connection, e.stream, e.finished_at desc, e.run_id desc)
       union (select distinct on (e.connection, e.stream) e.run_id from ended e where e.status = 'succeeded'
        order by e.connection, e.stream, e.finished_at, e.run_id)
       union select c.run_id from stream_checkpoint c
       union select q.run_id from quarantine q where q.status = 'open'
       union select l.run_id from people_removal l where l.status in ('noticed', 'held', 'cleared', 'kept')
     )
     select r.id from run r
     where r.status <> 'running' and r.finished_at ${BEFORE} and r.id not in (select n.run_id from needed n)
       and not exists (select from run_page p where p.tenant_id = r.tenant_id and p.run_id = r.id and p.mapped_at is null)
     order by r.finished_at limit $2 for update of r skip locked`,
    [days, limit],
  );
  return rows.map((row) => row.id);
}

async function removeRuns(tx: TenantTx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  await tx.run(`delete from run_page where run_page.run_id = any($1)`, [ids]);
  await tx.run(`delete from run_stream where run_stream.run_id = any($1)`, [ids]);
  return await tx.run(`delete from run where run.id = any($1)`, [ids]);
}
