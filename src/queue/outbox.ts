import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { WorkRef } from './port.ts';

/** One row of a tenant's outbox. */
export interface WorkKey {
  readonly job: string;
  readonly key: string;
}

/** Work to be done. The same job and key is one row: asking again replaces the payload. */
export interface WorkItem extends WorkKey {
  readonly payload: JsonObject;
  /** Not before this instant of the database clock; now when absent. */
  readonly notBefore?: Date | undefined;
}

/** Work whose attempts are used up. It stays until it succeeds: a person or a new request starts it again. */
export interface StuckWork extends WorkKey {
  readonly payload: JsonObject;
  readonly attempts: number;
  readonly error: string;
  readonly requestedAt: Date;
}

/** Always in the order of the key, so that two requests never wait for each other. */
const ITEMS =
  'jsonb_to_recordset($1::jsonb) as r(job text, key text, payload jsonb, not_before timestamptz)';

/**
 * Asks for work, in one statement, inside the caller's transaction. A row that exists gets a new version and
 * the new payload, and becomes due at the earlier of both times; one that was stuck starts over. The time of
 * work that runs now is spent (a fence above the version says that nobody asked since the claim), so a job that
 * asks for its own next turn gets it at the time it names and not at once.
 * Wake the workers after the commit: `tx.afterCommit(() => queue.enqueue(refs))`. Should that fail, the
 * sweeper does it.
 */
export async function requestWork(
  tx: TenantTx,
  items: readonly WorkItem[],
): Promise<readonly WorkRef[]> {
  if (items.length === 0) return [];
  const rows = await tx.sql<WorkKey & { version: number }>(
    `insert into outbox as w (tenant_id, job, key, payload, version, not_before)
     select app.tenant(), r.job, r.key, r.payload, nextval('app.work_number'),
            coalesce(r.not_before, app.clock())
     from ${ITEMS} order by r.job, r.key
     on conflict (tenant_id, job, key) do update set
       version = excluded.version,
       payload = excluded.payload,
       not_before = case when w.lease_until > app.clock() and w.version < w.fence then excluded.not_before
         else least(w.not_before, excluded.not_before) end,
       attempts = case when w.not_before = 'infinity' then 0 else w.attempts end,
       requested_at = app.clock()
     returning w.job, w.key, w.version`,
    [JSON.stringify(onePerKey(items))],
  );
  return rows.map((row) => refOf(tx, row));
}

/** Asks only for work that has no row yet: what stands in the outbox keeps its payload, its attempts and its time. */
export async function requestMissingWork(tx: TenantTx, items: readonly WorkItem[]): Promise<void> {
  if (items.length === 0) return;
  await tx.run(
    `insert into outbox (tenant_id, job, key, payload, not_before)
     select app.tenant(), r.job, r.key, r.payload, coalesce(r.not_before, app.clock())
     from ${ITEMS} order by r.job, r.key
     on conflict (tenant_id, job, key) do nothing`,
    [JSON.stringify(onePerKey(items))],
  );
}

/**
 * Starts stuck work again, once nobody has asked for it for so long: work whose record never runs out of attempts, however
 * often the store was away. Returns how many.
 */
export async function reviveStuck(
  tx: TenantTx,
  keys: readonly WorkKey[],
  afterSeconds: number,
): Promise<number> {
  if (keys.length === 0) return 0;
  return tx.run(
    `update outbox w set not_before = app.clock(), attempts = 0, requested_at = app.clock()
     from jsonb_to_recordset($1::jsonb) as r (job text, key text)
     where w.job = r.job and w.key = r.key and w.not_before = 'infinity'
       and w.requested_at <= app.clock() - make_interval(secs => $2)`,
    [JSON.stringify(keys.map(({ job, key }) => ({ job, key }))), afterSeconds],
  );
}

/** PostgreSQL refuses to upsert a row twice in one statement: the last payload and the earliest time count. */
function onePerKey(items: readonly WorkItem[]): readonly JsonObject[] {
  const groups = Map.groupBy(items, ({ job, key }) => JSON.stringify([job, key]));
  return [...groups.values()].flatMap((group) => {
    const last = group.at(-1);
    if (last === undefined) return [];
    const times = group.map(({ notBefore }) => notBefore?.getTime());
    const earliest = times.includes(undefined) ? null : Math.min(...times.map(Number));
    return [
      {
        job: last.job,
        key: last.key,
        payload: last.payload,
        not_before: earliest === null ? null : new Date(earliest).toISOString(),
      },
    ];
  });
}

/** The work that waits for a person, oldest first; `limit` rows at most. */
export async function listStuck(tx: TenantTx, limit = 200): Promise<readonly StuckWork[]> {
  return await tx.sql<StuckWork>(
    `select w.job, w.key, w.payload, w.attempts, coalesce(w.last_error, '') as error,
            w.requested_at as "requestedAt"
     from outbox w where w.not_before = 'infinity' order by w.requested_at, w.job, w.key limit $1`,
    [limit],
  );
}

/**
 * Starts stuck work again with fresh attempts: one row, or all of this tenant's. Wake the workers after the
 * commit as for {@link requestWork}. NotFoundError when the named row is not stuck.
 */
export async function retryStuck(tx: TenantTx, one?: WorkKey): Promise<readonly WorkRef[]> {
  const rows = await tx.sql<WorkKey & { version: number }>(
    `update outbox w set not_before = app.clock(), attempts = 0, lease_until = null
     where w.not_before = 'infinity' and ($1::text is null or (w.job = $1 and w.key = $2))
     returning w.job, w.key, w.version`,
    [one?.job ?? null, one?.key ?? null],
  );
  if (one !== undefined && rows.length === 0) {
    throw new NotFoundError(
      `No stuck work "${one.job}" with key "${one.key}". List it with: trueup errors list.`,
    );
  }
  return rows.map((row) => refOf(tx, row));
}

function refOf(tx: TenantTx, row: WorkKey & { version: number }): WorkRef {
  return { tenantId: tx.tenantId, job: row.job, key: row.key, version: row.version };
}
