import type { TenantTx } from '../db/store.ts';
import { isIgnored, isIgnoredAlone } from '../intake/error-decisions.ts';
import type {
  ErrorCause,
  ErrorMember,
  MappingFailures,
  RawAmount,
} from '../intake/quarantine-groups.ts';
import { OVERTAKEN } from './retry-intents.ts';
import { READ_REFUSED } from './settle-intents.ts';

/** How long what became of a write may be unknown before it is listed beside what waits for a person. */
const LONG_UNKNOWN = `interval '10 minutes'`;

/**
 * Writes that need somebody: refused or in conflict, with nothing later for their record; unknown for long, which holds up
 * whatever is later; or about a record that the other system refuses to show.
 */
const WAITS = `i.cause is not null and case when i.error ->> 'code' = '${READ_REFUSED}' then true
  when i.state = 'UNKNOWN' then i.sent_at < app.clock() - ${LONG_UNKNOWN} else not ${OVERTAKEN} end`;

const CLASS = `case i.state when 'QUARANTINED' then 'refused' when 'CONFLICT' then 'conflict' else 'unknown' end`;

/** The causes behind writes that wait, newest first; one of them alone if asked for. */
export async function writeCauses(tx: TenantTx, cause?: string): Promise<readonly ErrorCause[]> {
  return tx.sql<ErrorCause>(
    `select i.cause as id, min(${CLASS}) as class, min(i.connection) as system, min(i.object) as object,
       coalesce(min(i.error ->> 'code'), 'unknown') as code, min(i.error ->> 'field') as field,
       min(i.mapping ->> 'id') as "mappingId",
       coalesce((array_agg(i.error ->> 'message' order by i.created_at desc, i.id))[1], '') as message,
       count(*)::int as count, count(distinct i.external_id)::int as records, max(i.attempts) as attempts,
       min(coalesce(i.sent_at, i.created_at)) as "firstSeen",
       max(coalesce(i.settled_at, i.sent_at, i.created_at)) as "lastSeen"
     from intent i where ${WAITS} and ($1::text is null or i.cause = $1) and not ${isIgnoredAlone('i')}
     group by i.cause order by "lastSeen" desc, i.cause`,
    [cause ?? null],
  );
}

/** Writes of each mapping that wait, and those of the last 7 days among them; of one mapping alone if it is named. */
export async function writeFailures(
  tx: TenantTx,
  mappingId?: string,
): Promise<readonly MappingFailures[]> {
  return tx.sql<MappingFailures>(
    `select i.mapping ->> 'id' as "mappingId", count(*)::int as waiting,
       (count(*) filter (where coalesce(i.settled_at, i.sent_at, i.created_at) >= app.clock() - interval '7 days'))::int
         as "last7Days"
     from intent i
     where ${WAITS} and i.mapping ->> 'id' is not null and ($1::text is null or i.mapping ->> 'id' = $1)
     group by 1`,
    [mappingId ?? null],
  );
}

/** Writes that wait for one cause, oldest first. */
export async function writesOfCause(
  tx: TenantTx,
  cause: string,
  limit: number,
): Promise<readonly ErrorMember[]> {
  return tx.sql<ErrorMember>(
    `select i.id, i.cause, i.canonical_id as record, coalesce(i.error ->> 'message', '') as message, i.attempts,
       coalesce(i.sent_at, i.created_at) as since, i.plan_id as "planId"
     from intent i where ${WAITS} and i.cause = $1 and not ${isIgnoredAlone('i')}
     order by i.created_at, i.id limit $2`,
    [cause, limit],
  );
}

/** The cause of one write that waits; null where it waits for nobody. */
export async function causeOfWrite(tx: TenantTx, id: string): Promise<string | null> {
  const [row] = await tx.sql<{ cause: string }>(
    `select i.cause from intent i where i.id = $1 and ${WAITS}`,
    [id],
  );
  return row?.cause ?? null;
}

/** How many writes wait for a person and were not left alone. */
export async function countWaitingWrites(tx: TenantTx): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from intent i where ${WAITS} and not ${isIgnored('i')}`,
  );
  return row?.count ?? 0;
}

/** What is at stake in some writes: the totals of their plans, each once, and what was meant without one. */
export interface Stake {
  readonly planned: readonly RawAmount[];
  /** Canonical ids of writes that no plan asked for. */
  readonly unplanned: readonly string[];
}

/** What is at stake in the writes that wait, by cause. */
export function stakesByCause(tx: TenantTx, cause?: string): Promise<ReadonlyMap<string, Stake>> {
  const own = `${WAITS} and ($1::text is null or i.cause = $1) and not ${isIgnoredAlone('i')}`;
  return stakesBy(tx, 'i.cause', own, [cause ?? null]);
}

/** What is at stake in the writes to each connection that have not come to an end. */
export function stakesByConnection(tx: TenantTx): Promise<ReadonlyMap<string, Stake>> {
  return stakesBy(tx, 'i.connection', `i.state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN')`, []);
}

/** What is at stake in writes of which nobody knows for an hour what became of them, by `connection/object`. */
export function stakesOfUnknown(tx: TenantTx): Promise<ReadonlyMap<string, Stake>> {
  return stakesBy(tx, `i.connection || '/' || i.object`, LOST_TRACK, []);
}

const LOST_TRACK = `i.state = 'UNKNOWN' and i.sent_at < app.clock() - interval '1 hour'`;

/** Objects of systems with writes of which nobody knows for an hour what became of them. */
export async function lostTrack(tx: TenantTx): Promise<
  readonly {
    readonly connection: string;
    readonly object: string;
    readonly count: number;
    readonly since: Date;
    readonly ids: readonly string[];
  }[]
> {
  return tx.sql(
    `select i.connection, i.object, count(*)::int as count, min(i.sent_at) as since,
       (array_agg(i.id order by i.sent_at))[1:20] as ids
     from intent i where ${LOST_TRACK} group by 1, 2 order by 1, 2`,
  );
}

async function stakesBy(
  tx: TenantTx,
  key: string,
  where: string,
  params: readonly (string | null)[],
): Promise<ReadonlyMap<string, Stake>> {
  const planned = await tx.sql<RawAmount & { readonly key: string }>(
    `select s.key, p.body #>> '{total,currency}' as currency, sum((p.body #>> '{total,amount}')::numeric)::text as amount
     from (select distinct ${key} as key, i.plan_id from intent i where ${where}) s
     join plan p on p.tenant_id = app.tenant() and p.id = s.plan_id
     where p.body #>> '{total,amount}' ~ '^-?\\d+(\\.\\d+)?$' group by 1, 2 order by 1, 2`,
    [...params],
  );
  const unplanned = await tx.sql<{ readonly key: string; readonly ids: readonly string[] }>(
    `select ${key} as key, array_agg(distinct i.canonical_id) as ids
     from intent i where ${where} and i.plan_id is null group by 1`,
    [...params],
  );
  const byKey = Map.groupBy(planned, (row) => row.key);
  const keys = new Set([...byKey.keys(), ...unplanned.map((row) => row.key)]);
  return new Map(
    [...keys].map((each) => [
      each,
      {
        planned: (byKey.get(each) ?? []).map(({ amount, currency }) => ({ amount, currency })),
        unplanned: unplanned.find((row) => row.key === each)?.ids ?? [],
      },
    ]),
  );
}
