import type { CopyRow, TenantTx } from '../db/store.ts';
import { StaleError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Page, PageToken, SourceRecord, UnreadableRecord } from '../sdk/record.ts';
import { isNewer, newestPerId, readContent, type Content } from './page-records.ts';
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

/**
 * Lands one page: records, outcomes and the checkpoint of the stream, in the caller's transaction, so that a
 * crash leaves all of it or nothing. The newest stamp of an id wins; an older one is `superseded`.
 * Throws StaleError when another worker has moved the checkpoint on.
 */
export async function landPage(tx: TenantTx, target: PageTarget, page: Page): Promise<LandedPage> {
  await advance(tx, target, page.next);
  const newest = newestPerId(page.records);
  const { created, known } = await divide(tx, target, newest.winners);
  const compared = compare(known);
  const inserted = await keepRecords(tx, target, created, compared.updated);
  const unreadable = [
    ...page.unreadable,
    ...newest.unreadable,
    ...inserted.unreadable,
    ...compared.unreadable,
  ];
  const { ids, outcomes } = listOutcomes([
    ['c', inserted.ids],
    ['u', compared.updated.map(({ record }) => record.id)],
    ['n', compared.unchanged],
    ['s', [...compared.superseded, ...newest.losers.map((record) => record.id)]],
    ['r', unreadable.filter((each) => each.outcome === 'rejected').map((each) => each.id ?? '')],
    ['q', unreadable.filter((each) => each.outcome === 'quarantined').map((each) => each.id ?? '')],
  ]);
  const changed = inserted.ids.length + compared.updated.length > 0;
  await tx.run(
    `insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given, mapped_at, facts)
     values ($1, $2, $3, $4, $5, string_to_array($6, null)::"char"[], $8, case when $7 then null else app.clock() end, case when $7 then null else 0 end)`,
    [
      tx.tenantId,
      target.runId,
      target.stream,
      target.pageNumber,
      ids,
      outcomes.join(''),
      changed,
      page.records.length + page.unreadable.length,
    ],
  );
  await openQuarantine(tx, target, unreadable);
  return { outcomes: tally(outcomes), changed };
}

/**
 * Moves the checkpoint and takes the stream for this transaction: two runs over the same stream land one after the
 * other, so that what the second compares with cannot change under it.
 */
async function advance(tx: TenantTx, target: PageTarget, next: PageToken | null): Promise<void> {
  const moved = await tx.run(
    `update run_stream set pages = pages + 1, next_token = $4, status = case when $5 then 'read' else 'reading' end
     where run_id = $1 and stream = $2 and pages = $3 and status in ('waiting', 'reading', 'read')
     returning pg_advisory_xact_lock(hashtextextended($6, 0))`,
    [
      target.runId,
      target.stream,
      target.pageNumber,
      next === null ? null : JSON.stringify(next),
      next === null,
      `trueup:land/${tx.tenantId}/${target.connection}/${target.stream}`,
    ],
  );
  if (moved === 0) {
    throw new StaleError(
      `Page ${target.pageNumber} of ${target.stream} was landed by another worker.`,
      {
        details: { run: target.runId },
      },
    );
  }
}

/** What we hold of a record: enough to tell whether a new reading changes it. */
interface Held {
  readonly id: string;
  readonly hash: string;
  readonly stamp: string | null;
}

interface Known {
  readonly record: SourceRecord;
  readonly held: Held;
}

/** Parts the records that we have never seen from those that we hold. The key finds them, so no plan can go wrong. */
async function divide(
  tx: TenantTx,
  target: PageTarget,
  records: readonly SourceRecord[],
): Promise<{ readonly created: readonly SourceRecord[]; readonly known: readonly Known[] }> {
  const rows = await tx.sql<Held>(
    `select r.record_id as id, r.content_hash as hash, r.stamp from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = any($4)`,
    [tx.tenantId, target.connection, target.stream, records.map((record) => record.id)],
  );
  const heldById = new Map(rows.map((row) => [row.id, row]));
  const created: SourceRecord[] = [];
  const known: Known[] = [];
  for (const record of records) {
    const held = heldById.get(record.id);
    if (held === undefined) created.push(record);
    else known.push({ record, held });
  }
  return { created, known };
}

interface Compared {
  readonly updated: readonly Kept[];
  readonly unchanged: readonly string[];
  readonly superseded: readonly string[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** A record older than what we hold is not unchanged: it lost against a newer one. */
function compare(known: readonly Known[]): Compared {
  const updated: Kept[] = [];
  const unchanged: string[] = [];
  const superseded: string[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const { record, held } of known) {
    const read = readContent(record);
    if (!read.ok) unreadable.push(read.problem);
    else if (read.content.hash === held.hash) unchanged.push(record.id);
    else if (isNewer(record.stamp, held.stamp)) updated.push({ record, content: read.content });
    else superseded.push(record.id);
  }
  return { updated, unchanged, superseded, unreadable };
}

/** A record with its content, ready to be kept. */
interface Kept {
  readonly record: SourceRecord;
  readonly content: Content;
}

const STAGED = ['record_id', 'content_hash', 'stamp', 'deleted', 'data'] as const;

/**
 * Keeps what is new and what changed, and what the changed records were before. The contents of new records are made
 * while PostgreSQL takes in those before them. Returns the ids that are new, and what could not be kept.
 */
async function keepRecords(
  tx: TenantTx,
  target: PageTarget,
  created: readonly SourceRecord[],
  updated: readonly Kept[],
): Promise<{ readonly ids: readonly string[]; readonly unreadable: readonly UnreadableRecord[] }> {
  const ids: string[] = [];
  const unreadable: UnreadableRecord[] = [];
  if (created.length + updated.length === 0) return { ids, unreadable };
  function* rows(): Generator<CopyRow> {
    for (const record of created) {
      const read = readContent(record);
      if (read.ok) {
        ids.push(record.id);
        yield copyRow(record, read.content);
      } else unreadable.push(read.problem);
    }
    for (const { record, content } of updated) yield copyRow(record, content);
  }
  await stage(tx, rows());
  const replaced = updated.map(({ record }) => record.id);
  await insertStaged(tx, target, replaced);
  if (replaced.length > 0) await replaceWithStaged(tx, target, replaced);
  return { ids, unreadable };
}

function copyRow({ id, stamp, deleted }: SourceRecord, { hash, text }: Content): CopyRow {
  return [id, hash, stamp, deleted ? 't' : 'f', text];
}

/**
 * Sends rows into a temporary table that the connection keeps from page to page, empty in between: making one for each
 * page costs a tenth of the landing and fills PostgreSQL's catalogue with dead rows.
 */
async function stage(tx: TenantTx, rows: Iterable<CopyRow>): Promise<void> {
  await tx.run(
    `create temporary table if not exists landing_stage (record_id text not null, content_hash text not null, stamp text,
       deleted boolean not null, data jsonb not null) on commit delete rows;
     delete from pg_temp.landing_stage`,
  );
  await tx.copy('landing_stage', STAGED, rows);
}

const INSERT_STAGED = `
  insert into source_record (tenant_id, connection, stream, record_id, content_hash, stamp, deleted, data, run_id, landed_at)
  select $1, $2, $3, s.record_id, s.content_hash, s.stamp, s.deleted, s.data, $4, (select clock_timestamp())
  from pg_temp.landing_stage s`;

async function insertStaged(
  tx: TenantTx,
  target: PageTarget,
  butNot: readonly string[],
): Promise<void> {
  const place = [tx.tenantId, target.connection, target.stream, target.runId];
  await tx.run(`${INSERT_STAGED} where s.record_id <> all($5::text[])`, [...place, butNot]);
}

async function replaceWithStaged(
  tx: TenantTx,
  target: PageTarget,
  ids: readonly string[],
): Promise<void> {
  const place = [tx.tenantId, target.connection, target.stream];
  await tx.run(
    `insert into source_record_version (tenant_id, connection, stream, record_id, landed_at, content_hash, stamp,
       deleted, data, run_id, replaced_at)
     select r.tenant_id, r.connection, r.stream, r.record_id, r.landed_at, r.content_hash, r.stamp,
       r.deleted, r.data, r.run_id, (select clock_timestamp())
     from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = any($4)`,
    [...place, ids],
  );
  await tx.run(
    `${INSERT_STAGED} where s.record_id = any($5)
     on conflict (tenant_id, connection, stream, record_id) do update set content_hash = excluded.content_hash,
       stamp = excluded.stamp, deleted = excluded.deleted, data = excluded.data, run_id = excluded.run_id,
       landed_at = excluded.landed_at`,
    [...place, target.runId, ids],
  );
}

/** The page's ids and, at the same places, what became of each. */
function listOutcomes(groups: readonly (readonly [LandingOutcome, readonly string[]])[]): {
  readonly ids: readonly string[];
  readonly outcomes: readonly LandingOutcome[];
} {
  return {
    ids: groups.flatMap(([, ids]) => ids),
    outcomes: groups.flatMap(([outcome, ids]) => ids.map(() => outcome)),
  };
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
