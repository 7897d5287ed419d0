import type { TenantTx } from '../db/store.ts';
import { StaleError } from '../kernel/errors.ts';
import type { LeaseTx } from '../sdk/flows.ts';
import type { WorkKey } from './outbox.ts';

/** How long a claim lasts without a renewal, by the database clock. */
export const LEASE_SECONDS = 15;
/** No delay between two attempts is longer than this. */
const LONGEST_DELAY_MS = 900_000;
/** The server ends a transaction that holds a lease and stands still so long, so that the work can move on. */
const IDLE_MS = 30_000;
const ERROR_CHARACTERS = 2_000;

/** Work that this worker holds, and what proves it. */
export interface ClaimedWork {
  readonly payload: unknown;
  readonly version: number;
  /** Drawn from one sequence, so a row that was removed and asked for anew never repeats one. */
  readonly fence: number;
  /** Failed attempts so far. */
  readonly attempts: number;
}

export interface WorkFailure {
  /** Kept and shown: no secrets, no personal data. */
  readonly message: string;
  readonly retryable: boolean;
  /** Attempts at most, the first included. */
  readonly attempts: number;
  /** The base of the exponential delay, in milliseconds. */
  readonly backoffMs: number;
  /** A delay that the other side asked for, in milliseconds. Such a failure uses up no attempt. */
  readonly waitMs?: number | undefined;
}

/** `again`: it was asked for anew while it ran, so it is due now. */
export type Completion =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly version: number };

/** `retry`: comes again by itself. `stuck`: waits for a person. `lost`: another worker has the lease. */
export type FailureOutcome =
  | { readonly kind: 'retry' | 'stuck' | 'lost' }
  | { readonly kind: 'again'; readonly version: number };

/**
 * Takes the work if it is due and nobody holds it; null otherwise. A row whose holder is in the middle of a
 * transaction ({@link holdLease}) is not due, however old its lease.
 */
export async function claim(tx: TenantTx, work: WorkKey): Promise<ClaimedWork | null> {
  const rows = await tx.sql<ClaimedWork>(
    `with free as (
       select f.tenant_id, f.job, f.key from outbox f
       where f.job = $1 and f.key = $2 and f.not_before <= app.clock()
         and (f.lease_until is null or f.lease_until <= app.clock())
       for update skip locked
     )
     update outbox w set fence = nextval('app.work_number'),
       lease_until = app.clock() + make_interval(secs => $3)
     from free where w.tenant_id = free.tenant_id and w.job = free.job and w.key = free.key
     returning w.payload, w.version, w.fence, w.attempts`,
    [work.job, work.key, LEASE_SECONDS],
  );
  return rows[0] ?? null;
}

/** Extends the lease; false when another worker has taken it over, or the work is gone. */
export async function renew(tx: TenantTx, work: WorkKey, fence: number): Promise<boolean> {
  const touched = await tx.run(
    `update outbox set lease_until = app.clock() + make_interval(secs => $4)
     where job = $1 and key = $2 and fence = $3 and lease_until is not null`,
    [work.job, work.key, fence, LEASE_SECONDS],
  );
  return touched === 1;
}

/** Hands unfinished work back, due at once and without using up an attempt. Does nothing for a lost lease. */
export async function release(tx: TenantTx, work: WorkKey, fence: number): Promise<void> {
  await tx.run(`update outbox set lease_until = null where job = $1 and key = $2 and fence = $3`, [
    work.job,
    work.key,
    fence,
  ]);
}

/**
 * Removes finished work, unless it was asked for anew meanwhile: then it is due again at once.
 * StaleError when another worker has taken the lease over.
 */
export async function complete(
  tx: TenantTx,
  work: WorkKey,
  claimed: Pick<ClaimedWork, 'fence' | 'version'>,
): Promise<Completion> {
  const removed = await tx.run(
    `delete from outbox where job = $1 and key = $2 and fence = $3 and version = $4`,
    [work.job, work.key, claimed.fence, claimed.version],
  );
  if (removed === 1) return { kind: 'done' };
  const rows = await tx.sql<{ version: number }>(
    `update outbox set lease_until = null, attempts = 0, last_error = null
     where job = $1 and key = $2 and fence = $3 returning version`,
    [work.job, work.key, claimed.fence],
  );
  const row = rows[0];
  if (row === undefined) throw lost(work);
  return { kind: 'again', version: row.version };
}

/**
 * Records a failed attempt. The next one comes after a random delay up to `backoffMs` doubled per attempt
 * (full jitter, 15 minutes at most). Work that is not retryable, or whose attempts are used up, is stuck: it
 * stays with its error and nothing is lost. Work that was asked for anew meanwhile starts over at once.
 */
export async function fail(
  tx: TenantTx,
  work: WorkKey,
  claimed: Pick<ClaimedWork, 'fence' | 'version'>,
  failure: WorkFailure,
): Promise<FailureOutcome> {
  const rows = await tx.sql<{ version: number; kind: 'again' | 'stuck' | 'retry' }>(
    `with mine as (
       select w.tenant_id, w.job, w.key,
         w.attempts + case when $9::float8 is null then 1 else 0 end as tried,
         w.version <> $4 as anew
       from outbox w where w.job = $1 and w.key = $2 and w.fence = $3 for update
     ), judged as (
       select m.*, case when m.anew then 'again'
         when not $6 or m.tried >= $7 then 'stuck' else 'retry' end as kind
       from mine m
     )
     update outbox w set lease_until = null, last_error = $5,
       attempts = case when j.anew then 0 else j.tried end,
       not_before = case j.kind when 'again' then app.clock() when 'stuck' then 'infinity'
         else app.clock() + make_interval(secs => greatest(coalesce($9::float8, 0),
           random() * least($8 * power(2, j.tried), $10)) / 1000) end
     from judged j where w.tenant_id = j.tenant_id and w.job = j.job and w.key = j.key
     returning w.version, j.kind`,
    [
      work.job,
      work.key,
      claimed.fence,
      claimed.version,
      failure.message.replaceAll('\0', '').slice(0, ERROR_CHARACTERS),
      failure.retryable,
      failure.attempts,
      failure.backoffMs,
      failure.waitMs ?? null,
      LONGEST_DELAY_MS,
    ],
  );
  const row = rows[0];
  if (row === undefined) return { kind: 'lost' };
  return row.kind === 'again' ? { kind: 'again', version: row.version } : { kind: row.kind };
}

/**
 * The fence of a flow's own transaction: call it first. StaleError when another worker took the lease over, or
 * this one gave it back. Until the transaction ends nobody else can take the work: the row is locked against a
 * claim, though not against a renewal or a new request. A process that is paused inside the transaction loses
 * the transaction after 30 s.
 */
export async function holdLease(tx: LeaseTx, work: WorkKey, fence: number): Promise<void> {
  const rows = await tx.sql<{ held: boolean }>(
    `select set_config('idle_in_transaction_session_timeout', $4, true) is not null as held
     from outbox w
     where w.job = $1 and w.key = $2 and w.fence = $3 and w.lease_until is not null
     for key share of w`,
    [work.job, work.key, fence, String(IDLE_MS)],
  );
  if (rows.length === 0) throw lost(work);
}

function lost(work: WorkKey): StaleError {
  return new StaleError(
    `Another worker has taken over "${work.job}" (${work.key}); this one stops without writing.`,
    { details: { job: work.job, key: work.key } },
  );
}
