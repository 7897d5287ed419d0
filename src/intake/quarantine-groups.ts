import type { TenantTx } from '../db/store.ts';
import { isIgnoredAlone } from './error-decisions.ts';

/** Everything that waits for the same cause, and about how much. */
export interface ErrorCause {
  /** `egr_…`: the same for the same system, object, class, code, field, mapping and message without values. */
  readonly id: string;
  /** `intake` and `mapping`: records that came in. `refused`, `conflict` and `unknown`: writes. `work`: stuck work. */
  readonly class: 'intake' | 'mapping' | 'refused' | 'conflict' | 'unknown' | 'work';
  readonly system: string;
  readonly object: string;
  readonly code: string;
  readonly field: string | null;
  readonly mappingId: string | null;
  /** What the newest of them says. */
  readonly message: string;
  /** Rows that wait, and how many different records they are about. */
  readonly count: number;
  readonly records: number;
  /** The most often that one of them was tried. */
  readonly attempts: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

/** One of them. */
export interface ErrorMember {
  readonly id: string;
  readonly cause: string;
  readonly record: string;
  readonly message: string;
  readonly attempts: number;
  readonly since: Date;
  readonly planId: string | null;
}

/** The causes behind records that wait, newest first; one of them alone if asked for. */
export async function recordCauses(tx: TenantTx, cause?: string): Promise<readonly ErrorCause[]> {
  return tx.sql<ErrorCause>(
    `select q.cause as id, min(q.stage) as class, min(q.connection) as system, min(q.stream) as object,
       min(q.code) as code, min(q.field) as field, nullif(min(q.mapping_id), '') as "mappingId",
       (array_agg(q.reason order by q.id desc))[1] as message, count(*)::int as count,
       count(distinct q.record_id)::int as records, max(q.attempts) as attempts, min(q.opened_at) as "firstSeen",
       max(coalesce(q.seen_at, q.opened_at)) as "lastSeen"
     from quarantine q
     where q.status = 'open' and ($1::text is null or q.cause = $1) and not ${isIgnoredAlone('q')}
     group by q.cause order by "lastSeen" desc, q.cause`,
    [cause ?? null],
  );
}

/** How much failed because of one mapping. */
export interface MappingFailures {
  readonly mappingId: string;
  readonly waiting: number;
  /** Mended since or not. */
  readonly last7Days: number;
}

/** Records that each mapping failed on; of one mapping alone if it is named. */
export async function recordFailures(
  tx: TenantTx,
  mappingId?: string,
): Promise<readonly MappingFailures[]> {
  return tx.sql<MappingFailures>(
    `select q.mapping_id as "mappingId", (count(*) filter (where q.status = 'open'))::int as waiting,
       (count(distinct (q.connection, q.stream, q.record_id))
         filter (where coalesce(q.seen_at, q.opened_at) >= app.clock() - interval '7 days'))::int as "last7Days"
     from quarantine q
     where q.mapping_id <> '' and q.stage = 'mapping' and ($1::text is null or q.mapping_id = $1)
       and (q.status = 'open' or coalesce(q.seen_at, q.opened_at) >= app.clock() - interval '7 days')
     group by q.mapping_id`,
    [mappingId ?? null],
  );
}

/** Records that wait for one cause, oldest first. */
export async function recordsOfCause(
  tx: TenantTx,
  cause: string,
  limit: number,
): Promise<readonly ErrorMember[]> {
  return tx.sql<ErrorMember>(
    `select q.id, q.cause, q.record_id as record, q.reason as message, q.attempts, q.opened_at as since,
       null as "planId"
     from quarantine q where q.status = 'open' and q.cause = $1 and not ${isIgnoredAlone('q')}
     order by q.id limit $2`,
    [cause, limit],
  );
}

/** The cause of one open record; null where it waits for nobody. */
export async function causeOfRecord(tx: TenantTx, id: string): Promise<string | null> {
  const [row] = await tx.sql<{ cause: string }>(
    `select q.cause from quarantine q where q.id = $1 and q.status = 'open'`,
    [id],
  );
  return row?.cause ?? null;
}

/** An amount of one currency, as a decimal string of any scale. */
export interface RawAmount {
  readonly amount: string;
  readonly currency: string;
}

/**
 * What the records that wait for some causes are worth, by currency, from what landed of them: `amount` and `currency` name
 * the source's fields. A value that is no figure, or no currency code, counts for nothing, and a record once a cause.
 */
export async function amountsByCause(
  tx: TenantTx,
  causes: readonly string[],
  fields: { readonly amount: string; readonly currency: string },
): Promise<readonly (RawAmount & { readonly cause: string })[]> {
  return tx.sql<RawAmount & { readonly cause: string }>(
    `select waits.cause, sum((r.data ->> $2)::numeric)::text as amount, r.data ->> $3 as currency
     from (select distinct q.cause, q.connection, q.stream, q.record_id from quarantine q
         where q.cause = any($1) and q.status = 'open' and not ${isIgnoredAlone('q')}) waits
     join source_record r on waits.connection = r.connection and waits.stream = r.stream and waits.record_id = r.record_id
     where r.data ->> $2 ~ '^-?\\d{1,18}(\\.\\d{1,10})?$' and r.data ->> $3 ~ '^[A-Z]{3}$'
     group by waits.cause, currency order by waits.cause, currency`,
    [[...causes], fields.amount, fields.currency],
  );
}
