import type { TenantTx } from '../db/store.ts';
import { NotFoundError, ValidationError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { WorkItem } from './outbox.ts';

/** When a job comes by the clock; `key` tells several schedules of one job apart. */
export interface Schedule {
  readonly job: string;
  readonly key: string;
  readonly payload: JsonObject;
  readonly everySeconds: number;
  readonly enabled: boolean;
  /** By the database clock. */
  readonly nextAt: Date;
}

/** What to change; members that are left out stay as they are. */
export interface ScheduleChange {
  readonly job: string;
  readonly key?: string;
  readonly payload?: JsonObject;
  readonly everySeconds?: number;
  readonly enabled?: boolean;
}

/** A job that may bring a default schedule with it. */
interface Scheduled {
  readonly name: string;
  readonly everySeconds: number | null;
}

const COLUMNS = `s.job, s.key, s.payload, s.every_seconds as "everySeconds", s.enabled,
  s.next_at as "nextAt"`;

/** Makes the default schedules of this tenant, due at once. What is there already stays: a person may have set it. */
export async function ensureSchedules(tx: TenantTx, jobs: Iterable<Scheduled>): Promise<void> {
  const wanted = [...jobs].filter(({ everySeconds }) => everySeconds !== null);
  await tx.run(
    `insert into schedule (tenant_id, job, every_seconds)
     select app.tenant(), r.job, r.every_seconds
     from jsonb_to_recordset($1::jsonb) as r(job text, every_seconds integer)
     on conflict (tenant_id, job, key) do nothing`,
    [JSON.stringify(wanted.map((job) => ({ job: job.name, every_seconds: job.everySeconds })))],
  );
}

/** All schedules of this tenant. */
export async function listSchedules(tx: TenantTx): Promise<readonly Schedule[]> {
  return await tx.sql<Schedule>(`select ${COLUMNS} from schedule s order by s.job, s.key`);
}

/**
 * Changes a schedule, or makes it when `everySeconds` is given. A shorter interval counts from now.
 * NotFoundError for one that is not there, ValidationError for an interval that is no whole number of seconds.
 */
export async function setSchedule(tx: TenantTx, change: ScheduleChange): Promise<Schedule> {
  const { everySeconds } = change;
  if (everySeconds !== undefined && !(Number.isInteger(everySeconds) && everySeconds > 0)) {
    throw new ValidationError(
      `The schedule of "${change.job}" needs an interval of at least one whole second.`,
    );
  }
  const rows =
    everySeconds === undefined ? await update(tx, change) : await upsert(tx, change, everySeconds);
  const row = rows[0];
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no schedule of "${change.job}" with key "${change.key ?? ''}". Give an interval to make one.`,
  );
}

/** Removes a schedule; nothing happens if there is none. */
export async function removeSchedule(tx: TenantTx, job: string, key: string): Promise<void> {
  await tx.run(`delete from schedule s where s.job = $1 and s.key = $2`, [job, key]);
}

async function update(tx: TenantTx, change: ScheduleChange): Promise<readonly Schedule[]> {
  return await tx.sql<Schedule>(
    `update schedule s set payload = coalesce($3::jsonb, s.payload), enabled = coalesce($4, s.enabled)
     where s.job = $1 and s.key = $2 returning ${COLUMNS}`,
    [change.job, change.key ?? '', payloadOf(change), change.enabled ?? null],
  );
}

async function upsert(
  tx: TenantTx,
  change: ScheduleChange,
  everySeconds: number,
): Promise<readonly Schedule[]> {
  return await tx.sql<Schedule>(
    `insert into schedule as s (tenant_id, job, key, payload, enabled, every_seconds, next_at)
     values (app.tenant(), $1, $2, coalesce($3::jsonb, '{}'), coalesce($4, true), $5,
       app.clock() + make_interval(secs => $5::int))
     on conflict (tenant_id, job, key) do update set
       payload = coalesce($3::jsonb, s.payload),
       enabled = coalesce($4, s.enabled),
       every_seconds = excluded.every_seconds,
       next_at = least(s.next_at, app.clock() + make_interval(secs => excluded.every_seconds))
     returning ${COLUMNS}`,
    [change.job, change.key ?? '', payloadOf(change), change.enabled ?? null, everySeconds],
  );
}

function payloadOf(change: ScheduleChange): string | null {
  return change.payload === undefined ? null : JSON.stringify(change.payload);
}

/**
 * Takes what is due: each schedule once, however often its time passed while nobody looked, and moves it on to
 * the next time in the future that keeps its phase. The caller asks for the work in the same transaction.
 */
export async function takeDue(tx: TenantTx): Promise<readonly WorkItem[]> {
  return await tx.sql<WorkItem>(
    `update schedule s set next_at = s.next_at + make_interval(secs => s.every_seconds
       * (1 + floor(extract(epoch from app.clock() - s.next_at) / s.every_seconds))::float8)
     where s.enabled and s.next_at <= app.clock()
     returning s.job, s.key, s.payload`,
  );
}
