import type { TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import { StaleError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Page, PageToken, SourceRecord, UnreadableRecord } from '../sdk/record.ts';
import { HAS_STAGE, replaceWithStaged, stageRecords, type Kept } from './keep-records.ts'; // prettier-ignore
import { notePage } from './landed-page.ts';
import { noteLate } from './late-rows.ts';
import { contentNow, isNewer, mayRepeat, newestPerId, type Contents } from './page-records.ts';
import type { ReadPage } from './read-contents.ts';
import { openQuarantine } from './quarantine.ts';

/** What became of one record that was read. */
export type LandingOutcome = 'c' | 'u' | 'n' | 's' | 'r' | 'q';

export interface PageTarget {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  /** Pages count from 0; the checkpoint must stand at exactly this page. */
  readonly pageNumber: number;
  /** How far the stream was certified before this read; null or absent when it never was. */
  readonly since?: string | null;
  /** Seconds that the source's stamps may repeat (`ReadWindow.stampsRepeat`); absent where they never do. */
  readonly stampsRepeat?: number | undefined;
  /** True for records that were just read by their ids: nothing that is held was read later. */
  readonly isFresh?: boolean | undefined;
}

export interface LandedPage {
  readonly outcomes: Readonly<Record<LandingOutcome, number>>;
  /** True if the page holds records that are to be mapped. */
  readonly changed: boolean;
  /** Of those created or given a new stamp, how many have one older than what was certified before. */
  readonly late: number;
}

/**
 * Lands one page: records, outcomes and the checkpoint of the stream, in the caller's transaction, so that a
 * crash leaves all of it or nothing. The newest stamp of an id wins; an older one is `superseded`, unless the source's
 * clock may have shown it later. `whenCompared` is called when what remains is PostgreSQL's work for the most part,
 * which is the time to ask for the next page.
 * Throws StaleError when another worker has moved the checkpoint on.
 */
export async function landPage(
  tx: TenantTx,
  target: PageTarget,
  page: Page | ReadPage,
  whenCompared?: () => void,
): Promise<LandedPage> {
  const contents = 'contents' in page ? page.contents : undefined;
  const { hasStage } = await advance(tx, target, page.next);
  const newest = newestPerId(page.records, contents);
  const { created, known } = await divide(tx, target, newest.winners);
  const compared = compare(known, target, contents);
  const { updated } = compared;
  whenCompared?.();
  const inserted = await stageRecords(tx, { created, updated }, { hasStage, contents });
  const unreadable = [
    ...page.unreadable,
    ...newest.unreadable,
    ...inserted.unreadable,
    ...compared.unreadable,
  ];
  const replaced = updated.map(({ record }) => record.id);
  const { ids, outcomes } = listOutcomes([
    ['c', inserted.ids],
    ['u', replaced],
    ['n', compared.unchanged],
    ['s', [...compared.superseded, ...newest.losers.map((record) => record.id)]],
    ['r', unreadable.filter((each) => each.outcome === 'rejected').map((each) => each.id ?? '')],
    ['q', unreadable.filter((each) => each.outcome === 'quarantined').map((each) => each.id ?? '')],
  ]);
  const changed = inserted.ids.length + replaced.length > 0;
  await notePage(tx, target, {
    ids,
    outcomes,
    changed,
    readable: inserted.ids.length + replaced.length + compared.unchanged.length,
    given: page.records.length + page.unreadable.length,
    staged: { hasNew: inserted.ids.length > 0, replaced },
  });
  if (replaced.length > 0) await replaceWithStaged(tx, target, replaced);
  await openQuarantine(tx, target, unreadable);
  const isKept = new Set(inserted.ids);
  const late = await noteLate(tx, target, {
    created: created.filter(({ id }) => isKept.has(id)),
    restamped: updated.filter((each) => each.restamped).map(({ record }) => record),
  });
  return { outcomes: tally(outcomes), changed, late };
}

/**
 * Moves the checkpoint and takes the stream for this transaction: two runs over the same stream land one after the
 * other, so that what the second compares with cannot change under it. Says whether the connection has its stage.
 */
async function advance(
  tx: TenantTx,
  target: PageTarget,
  next: PageToken | null,
): Promise<{ readonly hasStage: boolean }> {
  const [moved] = await tx.sql<{ hasStage: boolean }>(
    `update run_stream set pages = pages + 1, next_token = $4, parks = 0, status = case when $5 then 'read' else 'reading' end
     where run_id = $1 and stream = $2 and pages = $3 and status in ('waiting', 'reading', 'read')
     returning pg_advisory_xact_lock(hashtextextended($6, 0)), ${HAS_STAGE} as "hasStage"`,
    [
      target.runId,
      target.stream,
      target.pageNumber,
      next === null ? null : JSON.stringify(next),
      next === null,
      `trueup:land/${tx.tenantId}/${target.connection}/${target.stream}`,
    ],
  );
  if (moved !== undefined) return moved;
  throw new StaleError(
    `Page ${target.pageNumber} of ${target.stream} was landed by another worker.`,
    {
      details: { run: target.runId },
    },
  );
}

/** What we hold of a record: enough to tell whether a new reading changes it. */
interface Held {
  readonly id: string;
  readonly hash: string;
  readonly stamp: string | null;
  /** What is known of a record that is gone; null for one that is there. */
  readonly told: JsonObject | null;
  /** True if it had landed before this run began, so that whatever the run reads is at least as new. */
  readonly isFromBefore: boolean;
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
    `select r.record_id as id, r.content_hash as hash, r.stamp, case when r.deleted then r.data end as told,
       coalesce(r.landed_at < (select n.started_at from run n where n.tenant_id = $1 and n.id = $5), false) as "isFromBefore"
     from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = any($4)`,
    [
      tx.tenantId,
      target.connection,
      target.stream,
      textList(records.map((record) => record.id)),
      target.runId,
    ],
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

/**
 * A tombstone says what is still known, and often later ones say less: of a merged account first that it was merged, and
 * into which, and once it left the recycle bin its id alone. What an earlier one told stays.
 */
function withWhatWasTold(record: SourceRecord, { told }: Held): SourceRecord {
  if (told === null || !record.deleted) return record;
  return { ...record, data: { ...told, ...record.data } };
}

/**
 * True if a reading replaces what we hold. Where the source's clock repeats an hour, a later save may have the older
 * stamp; only a run that began after the other landed tells that from an old reading that comes late. The same holds for
 * two saves of one second: a page that was made up long ago (a Bulk job's) may have the earlier one, so what it says is
 * left, and the record read by its id before the read is proven (`overtakenIds`).
 */
function replaces(
  { stamp, deleted }: SourceRecord,
  held: Held,
  { stampsRepeat = 0, isFresh = false }: PageTarget,
): boolean {
  const isThere = !deleted && held.told === null;
  if (stamp !== null && stamp === held.stamp && isThere && !isFresh) return held.isFromBefore;
  if (isNewer(stamp, held.stamp)) return true;
  return held.isFromBefore && mayRepeat(stamp, held.stamp, stampsRepeat);
}

/** A record older than what we hold is not unchanged: it lost against a newer one. */
function compare(
  known: readonly Known[],
  target: PageTarget,
  contents: Contents | undefined,
): Compared {
  const updated: Kept[] = [];
  const unchanged: string[] = [];
  const superseded: string[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const { record: given, held } of known) {
    const record = withWhatWasTold(given, held);
    const read = contentNow(record, contents);
    if (!read.ok) unreadable.push(read.problem);
    else if (read.content.hash === held.hash) unchanged.push(record.id);
    else if (replaces(record, held, target)) {
      const restamped = record.stamp !== held.stamp;
      updated.push({ record, content: read.content, restamped });
    } else superseded.push(record.id);
  }
  return { updated, unchanged, superseded, unreadable };
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
