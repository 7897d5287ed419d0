import type { TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { UnreadableRecord } from '../sdk/record.ts';
import { isIgnored, isIgnoredAlone } from './error-decisions.ts';
import { RETRY_PAGES } from './pages.ts';

/** A record that waits for a person: why, since when, how often it was tried. */
export interface QuarantinedRecord {
  readonly id: string;
  readonly stage: 'intake' | 'mapping';
  readonly connection: string;
  readonly stream: string;
  readonly recordId: string;
  readonly runId: string;
  readonly code: string;
  readonly reason: string;
  readonly mappingId: string;
  readonly mappingVersion: number | null;
  readonly field: string | null;
  readonly status: 'open' | 'resolved' | 'ignored';
  readonly attempts: number;
  readonly openedAt: Date;
  /** When it failed last. */
  readonly seenAt: Date;
  readonly resolvedAt: Date | null;
  /** The cause that it shares with others: the id of their group. */
  readonly cause: string;
}

interface Entry {
  readonly stage: 'intake' | 'mapping';
  readonly recordId: string;
  readonly outcome: 'rejected' | 'quarantined';
  readonly code: string;
  readonly reason: string;
  readonly mappingId: string;
  readonly mappingVersion: number | null;
  readonly field: string | null;
}

interface Place {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
}

/** Keeps records that could not be landed, with the reason. */
export async function openQuarantine(
  tx: TenantTx,
  place: Place,
  unreadable: readonly UnreadableRecord[],
): Promise<void> {
  const entries = unreadable.map((each) => ({
    stage: 'intake' as const,
    recordId: each.id ?? `unidentified-${newId('err')}`,
    outcome: each.outcome,
    code: each.code,
    reason: each.reason,
    mappingId: '',
    mappingVersion: null,
    field: null,
  }));
  await save(tx, place, entries);
}

/** Keeps landed records that did not map. Opening one again counts the attempt and renews the reason. */
export async function quarantineUnmapped(
  tx: TenantTx,
  place: Place,
  failures: readonly {
    readonly recordId: string;
    readonly code: string;
    readonly reason: string;
    readonly field: string | null;
    readonly mappingId: string;
    readonly mappingVersion: number;
  }[],
): Promise<void> {
  await save(
    tx,
    place,
    failures.map((each) => ({ stage: 'mapping', outcome: 'quarantined', ...each })),
  );
}

async function save(tx: TenantTx, place: Place, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  // A record that is named twice in one page is one row: the last reason counts.
  const last = new Map(
    entries.map((each) => [JSON.stringify([each.stage, each.recordId, each.mappingId]), each]),
  );
  const rows = [...last.values()].map((each) => ({ ...each, id: newId('err') }));
  await tx.run(
    `insert into quarantine (tenant_id, id, stage, connection, stream, record_id, run_id, outcome, code, reason,
       mapping_id, mapping_version, field)
     select $1, e.id, e.stage, $2, $3, e."recordId", $4, e.outcome, e.code, e.reason, e."mappingId",
       e."mappingVersion", e.field
     from jsonb_to_recordset($5::jsonb) as e (id text, stage text, "recordId" text, outcome text, code text,
       reason text, "mappingId" text, "mappingVersion" int, field text)
     on conflict (tenant_id, connection, stream, record_id, stage, mapping_id) where status = 'open'
     do update set attempts = quarantine.attempts + 1, code = excluded.code, reason = excluded.reason,
       mapping_version = excluded.mapping_version, field = excluded.field, run_id = excluded.run_id,
       seen_at = app.clock()`,
    [tx.tenantId, place.connection, place.stream, place.runId, JSON.stringify(rows)],
  );
}

/** Closes the open rows of records that have now landed or mapped. */
export async function resolveQuarantine(
  tx: TenantTx,
  place: Omit<Place, 'runId'>,
  stage: 'intake' | 'mapping',
  mappingId: string,
  recordIds: readonly string[],
): Promise<void> {
  await tx.run(
    `update quarantine set status = 'resolved', resolved_at = app.clock()
     where connection = $1 and stream = $2 and stage = $3 and mapping_id = $4 and record_id = any($5) and status = 'open'`,
    [place.connection, place.stream, stage, mappingId, textList(recordIds)],
  );
}

/**
 * Closes what could not be landed and that a read of everything did not meet again: the source does not hold it any more,
 * be it mended there under another id (a row of a file is known by its line) or gone. What another read met meanwhile
 * stays. To be called after such a read was proven to be whole.
 */
export async function resolveUnmet(tx: TenantTx, place: Place): Promise<void> {
  await tx.run(
    `update quarantine set status = 'resolved', resolved_at = app.clock()
     where connection = $1 and stream = $2 and stage = 'intake' and status = 'open' and run_id <> $3
       and coalesce(seen_at, opened_at) < (select s.began_at from run_stream s where s.run_id = $3 and s.stream = $2)`,
    [place.connection, place.stream, place.runId],
  );
}

/** Closes what could not be landed of a system that is never read again. Returns how many records that were. */
export async function endUnlanded(tx: TenantTx, connection: string): Promise<number> {
  return tx.run(
    `update quarantine set status = 'resolved', resolved_at = app.clock()
     where connection = $1 and stage = 'intake' and status = 'open'`,
    [connection],
  );
}

/** What could not be landed of a stream and waits for a person: its ids, as far as it has any. */
export async function waitingUnlanded(
  tx: TenantTx,
  place: Pick<Place, 'connection' | 'stream'>,
): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select q.record_id as id from quarantine q
     where q.connection = $1 and q.stream = $2 and q.stage = 'intake' and q.status = 'open' and q.outcome = 'quarantined'
     order by q.id`,
    [place.connection, place.stream],
  );
  return rows.map(({ id }) => id);
}

const COLUMNS = `q.id, q.stage, q.connection, q.stream, q.record_id as "recordId", q.run_id as "runId", q.code, q.reason,
  q.mapping_id as "mappingId", q.mapping_version as "mappingVersion", q.field, q.status, q.attempts,
  q.opened_at as "openedAt", coalesce(q.seen_at, q.opened_at) as "seenAt", q.resolved_at as "resolvedAt", q.cause`;

/** Quarantined records, newest first. */
export async function listQuarantine(
  tx: TenantTx,
  filter: {
    readonly status?: string | undefined;
    readonly runId?: string | undefined;
    readonly cause?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly QuarantinedRecord[]> {
  return tx.sql<QuarantinedRecord>(
    `select ${COLUMNS} from quarantine q
     where ($1::text is null or q.status = $1) and ($2::text is null or q.id < $2)
       and ($4::text is null or q.run_id = $4) and ($5::text is null or q.cause = $5) order by q.id desc limit $3`,
    [
      filter.status ?? null,
      filter.before ?? null,
      filter.limit,
      filter.runId ?? null,
      filter.cause ?? null,
    ],
  );
}

/** One quarantined record. Throws NotFoundError. */
export async function getQuarantined(tx: TenantTx, id: string): Promise<QuarantinedRecord> {
  const [row] = await tx.sql<QuarantinedRecord>(
    `select ${COLUMNS} from quarantine q where q.id = $1`,
    [id],
  );
  if (row === undefined) {
    throw new NotFoundError(
      `There is no error "${id}". \`trueup errors list\` shows those there are.`,
    );
  }
  return row;
}

/** How many records wait for a person; what somebody left alone for now does not. */
export async function countOpenQuarantine(tx: TenantTx): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from quarantine q where q.status = 'open' and not ${isIgnored('q')}`,
  );
  return row?.count ?? 0;
}

/** A page of records to be mapped again. */
export interface RetryPage {
  readonly runId: string;
  readonly stream: string;
  readonly pageNumber: number;
  readonly records: number;
}

/**
 * Puts records that failed to map on pages of their own to be mapped again, from what has landed: one of them, all of one
 * cause, or all that nobody has left alone. A record that could not be landed is read again by the next pull and is left
 * as it is.
 */
export async function reopenForRetry(
  tx: TenantTx,
  which: { readonly id?: string | undefined; readonly cause?: string | undefined } = {},
): Promise<readonly RetryPage[]> {
  return tx.sql<RetryPage>(
    `with due as (
       select q.run_id, q.stream, array_agg(distinct q.record_id) as ids from quarantine q
       where q.status = 'open' and q.stage = 'mapping' and ($1::text is null or q.id = $1)
         and ($2::text is null or q.cause = $2)
         and case when $1 is not null then true when $2 is not null then not ${isIgnoredAlone('q')} else not ${isIgnored('q')} end
       group by q.run_id, q.stream
     ), made as (
       insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given)
       select app.tenant(), d.run_id, d.stream,
         greatest(${RETRY_PAGES}, coalesce((select max(p.page_number) from run_page p where p.run_id = d.run_id and p.stream = d.stream), 0) + 1),
         d.ids, array_fill('t'::"char", array[cardinality(d.ids)]), 0
       from due d returning run_id, stream, page_number, record_ids
     )
     select made.run_id as "runId", made.stream, made.page_number as "pageNumber", cardinality(made.record_ids) as records from made`,
    [which.id ?? null, which.cause ?? null],
  );
}
