import type { TenantTx } from '../db/store.ts';

/** Ended reads of a connection that are looked back on for the newest of each of its streams. */
const LOOK_BACK = 50;

/** The streams that connections in use were read by lately, with the run that ended last of each. */
const NEWEST = `select distinct on (recent.connection, s.stream) recent.connection, s.stream, recent.id as run_id, s.status, s.error
  from connection c
  cross join lateral (select r.connection, r.tenant_id, r.id from run r
    where r.connection = c.id and r.kind = 'read' order by r.started_at desc limit ${LOOK_BACK}) recent
  join run_stream s on s.tenant_id = recent.tenant_id and s.run_id = recent.id and s.status in ('succeeded', 'failed')
  where c.status not in ('paused', 'removed')
  order by recent.connection, s.stream, recent.id desc`;

/** A connection some of whose streams failed when they were read last. */
export interface FailedRead {
  readonly connection: string;
  readonly runId: string;
  readonly streams: readonly string[];
  readonly message: string;
}

/** Connections with streams whose last read failed, each with the newest of those runs. */
export async function failedReads(tx: TenantTx): Promise<readonly FailedRead[]> {
  return tx.sql<FailedRead>(
    `select n.connection, max(n.run_id) as "runId", array_agg(n.stream order by n.stream) as streams,
       coalesce((array_agg(n.error ->> 'message' order by n.run_id desc))[1], '') as message
     from (${NEWEST}) n where n.status = 'failed' group by n.connection order by n.connection`,
  );
}

/** A stream whose last certificate did not close. */
export interface OpenCertificate {
  readonly id: string;
  readonly connection: string;
  readonly stream: string;
  readonly runId: string;
  readonly sourceCount: number | null;
  readonly distinctIds: number;
  readonly missingCount: number;
}

/** Streams whose newest certificate says that something is missing or not proven to be there. */
export async function openCertificates(tx: TenantTx): Promise<readonly OpenCertificate[]> {
  return tx.sql<OpenCertificate>(
    `select last.id, n.connection, n.stream, last.run_id as "runId", last.source_count as "sourceCount",
       last.distinct_ids as "distinctIds", last.missing_count as "missingCount"
     from (${NEWEST}) n
     cross join lateral (select c.id, c.run_id, c.source_count, c.distinct_ids, c.missing_count, c.closed from certificate c
       where c.connection = n.connection and c.stream = n.stream order by c.id desc limit 1) last
     where last.closed = false order by n.connection, n.stream`,
  );
}

/** A connected system that is left alone because it did not answer several times in a row. */
export interface OpenBreaker {
  readonly connection: string;
  readonly openedAt: Date;
  readonly reason: string;
}

/** A process that had one open may be gone: what was to be tried again so long ago is no breaker any more. */
const FORGOTTEN = `interval '15 minutes'`;

/** Notes that a breaker opened, or stays open after a try; or that an answer closed it. */
export async function noteBreaker(
  tx: TenantTx,
  connection: string,
  breaker: { readonly until: Date; readonly reason: string } | null,
): Promise<void> {
  if (breaker === null) {
    await tx.run(`delete from open_breaker where connection = $1`, [connection]);
    return;
  }
  await tx.run(
    `insert into open_breaker as b (tenant_id, connection, until_at, reason) values ($1, $2, $3, $4)
     on conflict (tenant_id, connection) do update set until_at = greatest(b.until_at, excluded.until_at),
       reason = excluded.reason,
       opened_at = case when b.until_at < app.clock() - ${FORGOTTEN} then app.clock() else b.opened_at end`,
    [tx.tenantId, connection, breaker.until, breaker.reason],
  );
}

/** Breakers that are open, in whichever process. */
export async function openBreakers(tx: TenantTx): Promise<readonly OpenBreaker[]> {
  return tx.sql<OpenBreaker>(
    `select b.connection, b.opened_at as "openedAt", b.reason from open_breaker b
     where b.until_at > app.clock() - ${FORGOTTEN} order by b.connection`,
  );
}
