import type { TenantTx } from '../db/store.ts';
import { StaleError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Page, PageToken, SourceRecord, UnreadableRecord } from '../sdk/record.ts';
import { contentOf } from './content-hash.ts';
import { openQuarantine } from './quarantine.ts';

/** What became of one record that was read. */
export type LandingOutcome = 'c' | 'u' | 'n' | 's' | 'r' | 'q';

export interface PageTarget {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  /** Pages count from 0; the checkpoint must stand at exactly this page. */
  readonly pageNumber: number;
}

export interface LandedPage {
  readonly outcomes: Readonly<Record<LandingOutcome, number>>;
  /** True if the page holds records that are to be mapped. */
  readonly changed: boolean;
}

/** A page that alone would exceed this is refused record by record (fault case 63). */
const MAX_RECORD_BYTES = 512 * 1024;

interface Prepared {
  readonly id: string;
  readonly hash: string;
  readonly stamp: string | null;
  readonly deleted: boolean;
  readonly text: string;
}

/**
 * Lands one page: records, outcomes and the checkpoint of the stream, in the caller's transaction, so that a
 * crash leaves all of it or nothing. The newest stamp of an id wins; an older one is `superseded`.
 * Throws StaleError when another worker has moved the checkpoint on.
 */
export async function landPage(tx: TenantTx, target: PageTarget, page: Page): Promise<LandedPage> {
  await advance(tx, target, page.next);
  const { prepared, unreadable } = prepare(page);
  const { winners, losers } = newestPerId(prepared);
  const changes = winners.length === 0 ? new Map<string, LandingOutcome>() : await merge(tx, target, winners);
  const ids: string[] = [];
  const outcomes: LandingOutcome[] = [];
  const add = (id: string, outcome: LandingOutcome): void => {
    ids.push(id);
    outcomes.push(outcome);
  };
  for (const record of winners) add(record.id, changes.get(record.id) ?? 'n');
  for (const record of losers) add(record.id, 's');
  for (const record of unreadable) add(record.id ?? '', record.outcome === 'rejected' ? 'r' : 'q');
  const changed = outcomes.some((outcome) => outcome === 'c' || outcome === 'u');
  await tx.run(
    `insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, mapped_at, facts)
     values ($1, $2, $3, $4, $5, $6::text[]::"char"[], case when $7 then null else app.clock() end, case when $7 then null else 0 end)`,
    [tx.tenantId, target.runId, target.stream, target.pageNumber, ids, outcomes, changed],
  );
  await openQuarantine(tx, target, unreadable);
  return { outcomes: tally(outcomes), changed };
}

async function advance(tx: TenantTx, target: PageTarget, next: PageToken | null): Promise<void> {
  const moved = await tx.run(
    `update run_stream set pages = pages + 1, next_token = $4, status = case when $5 then 'read' else 'reading' end
     where run_id = $1 and stream = $2 and pages = $3 and status in ('waiting', 'reading', 'read')`,
    [target.runId, target.stream, target.pageNumber, next === null ? null : JSON.stringify(next), next === null],
  );
  if (moved === 0) {
    throw new StaleError(`Page ${target.pageNumber} of ${target.stream} was landed by another worker.`, {
      details: { run: target.runId },
    });
  }
}

function prepare(page: Page): { prepared: Prepared[]; unreadable: UnreadableRecord[] } {
  const unreadable = [...page.unreadable];
  const prepared: Prepared[] = [];
  for (const record of page.records) {
    const content = contentOf(record.data, record.deleted);
    const problem = problemOf(record, content.text);
    if (problem === null) {
      prepared.push({ id: record.id, hash: content.hash, stamp: record.stamp, deleted: record.deleted, text: content.text });
    } else unreadable.push(problem);
  }
  return { prepared, unreadable };
}

function problemOf(record: SourceRecord, text: string): UnreadableRecord | null {
  if (text.length > MAX_RECORD_BYTES) {
    return unreadableOf(record, 'record_too_large', `The record is larger than ${MAX_RECORD_BYTES / 1024} KiB.`);
  }
  if (text.includes('\\u0000')) {
    return unreadableOf(record, 'nul_character', 'A text of the record holds a NUL character. Remove it at the source.');
  }
  return null;
}

function unreadableOf(record: SourceRecord, code: string, reason: string): UnreadableRecord {
  return { id: record.id, code, reason, outcome: 'quarantined' };
}

function newestPerId(records: readonly Prepared[]): { winners: Prepared[]; losers: Prepared[] } {
  const winners = new Map<string, Prepared>();
  const losers: Prepared[] = [];
  for (const record of records) {
    const rival = winners.get(record.id);
    if (rival === undefined) winners.set(record.id, record);
    else if ((record.stamp ?? '') >= (rival.stamp ?? '')) {
      losers.push(rival);
      winners.set(record.id, record);
    } else losers.push(record);
  }
  return { winners: [...winners.values()], losers };
}

const COLUMNS = ['record_id', 'content_hash', 'stamp', 'deleted', 'data'] as const;

async function merge(
  tx: TenantTx,
  target: PageTarget,
  records: readonly Prepared[],
): Promise<Map<string, LandingOutcome>> {
  const staged = await tx.stage('source_record', COLUMNS, records.map((r) => [r.id, r.hash, r.stamp, r.deleted ? 't' : 'f', r.text])); // prettier-ignore
  const place = [tx.tenantId, target.connection, target.stream, target.runId];
  await tx.run(
    `insert into source_record_version (tenant_id, connection, stream, record_id, landed_at, content_hash, stamp,
       deleted, data, run_id, replaced_at)
     select r.tenant_id, r.connection, r.stream, r.record_id, r.landed_at, r.content_hash, r.stamp,
       r.deleted, r.data, r.run_id, now()
     from ${staged.table} s
     join source_record r on r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = s.record_id
     where r.content_hash <> s.content_hash and coalesce(s.stamp, '') >= coalesce(r.stamp, '')`,
    place.slice(0, 3),
  );
  const rows = await tx.sql<{ record_id: string; outcome: LandingOutcome }>(
    `merge into source_record r
     using ${staged.table} s
     on r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = s.record_id
     when matched and r.content_hash <> s.content_hash and coalesce(s.stamp, '') >= coalesce(r.stamp, '')
       then update set content_hash = s.content_hash, stamp = s.stamp, deleted = s.deleted, data = s.data,
         run_id = $4, landed_at = now()
     when not matched then insert (tenant_id, connection, stream, record_id, content_hash, stamp, deleted, data, run_id, landed_at)
       values ($1, $2, $3, s.record_id, s.content_hash, s.stamp, s.deleted, s.data, $4, now())
     returning r.record_id, case merge_action() when 'INSERT' then 'c' else 'u' end as outcome`,
    place,
  );
  const outcomes = new Map(rows.map((row) => [row.record_id, row.outcome]));
  await markSuperseded(tx, place, staged.table, outcomes);
  return outcomes;
}

/** A record older than what we hold is not "unchanged": it lost against a newer one. */
async function markSuperseded(
  tx: TenantTx,
  place: readonly string[],
  table: string,
  outcomes: Map<string, LandingOutcome>,
): Promise<void> {
  const rows = await tx.sql<{ record_id: string }>(
    `select s.record_id from ${table} s
     join source_record r on r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = s.record_id
     where r.content_hash <> s.content_hash`,
    place.slice(0, 3),
  );
  for (const row of rows) outcomes.set(row.record_id, 's');
}

function tally(outcomes: readonly LandingOutcome[]): Record<LandingOutcome, number> {
  const sums: Record<LandingOutcome, number> = { c: 0, u: 0, n: 0, s: 0, r: 0, q: 0 };
  for (const outcome of outcomes) sums[outcome] += 1;
  return sums;
}

/** The landed content of records, newest version, for mapping and lineage. */
export interface LandedRecord {
  readonly recordId: string;
  readonly stamp: string | null;
  readonly deleted: boolean;
  readonly contentHash: string;
  readonly data: JsonObject;
}

/** Landed records by id; ids that never landed are left out. */
export async function landedRecords(
  tx: TenantTx,
  connection: string,
  stream: string,
  ids: readonly string[],
): Promise<readonly LandedRecord[]> {
  return tx.sql<LandedRecord>(
    `select r.record_id as "recordId", r.stamp, r.deleted, r.content_hash as "contentHash", r.data
     from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = any($4)`,
    [tx.tenantId, connection, stream, ids],
  );
}
