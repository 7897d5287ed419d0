import type { CopyRow, TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import type { SourceRecord, UnreadableRecord } from '../sdk/record.ts';
import { contentNow, type Content, type Contents } from './page-records.ts';

/** A record with its content, ready to be kept. */
export interface Kept {
  readonly record: SourceRecord;
  readonly content: Content;
  /** False if only the content differs from what we hold. */
  readonly restamped: boolean;
}

/** Whose records they are, and which run brings them. */
interface Place {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
}

const STAGED = ['record_id', 'content_hash', 'stamp', 'deleted', 'data'] as const;

/** What is new and what changed of a page. */
interface Changes {
  readonly created: readonly SourceRecord[];
  readonly updated: readonly Kept[];
}

/** Which new records could be staged, and why the others could not. */
interface StagedRecords {
  readonly ids: readonly string[];
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * Sends what is new and what changed into the stage. Contents of new records that nobody made yet are made while
 * PostgreSQL takes in those before them.
 */
export async function stageRecords(
  tx: TenantTx,
  { created, updated }: Changes,
  { hasStage, contents }: { readonly hasStage: boolean; readonly contents: Contents | undefined },
): Promise<StagedRecords> {
  const ids: string[] = [];
  const unreadable: UnreadableRecord[] = [];
  if (created.length + updated.length === 0) return { ids, unreadable };
  function* rows(): Generator<CopyRow> {
    for (const record of created) {
      const read = contentNow(record, contents);
      if (read.ok) {
        ids.push(record.id);
        yield copyRow(record, read.content);
      } else unreadable.push(read.problem);
    }
    for (const { record, content } of updated) yield copyRow(record, content);
  }
  await stage(tx, rows(), hasStage);
  return { ids, unreadable };
}

function copyRow({ id, stamp, deleted }: SourceRecord, { hash, text }: Content): CopyRow {
  return [id, hash, stamp, deleted ? 't' : 'f', text];
}

/** True in SQL where the connection has the temporary table of `stage` already; asked along with something else. */
export const HAS_STAGE = `to_regclass('pg_temp.landing_stage') is not null`;

/** Transactions that have sent rows: a second page in one of them finds those of the first. */
const sent = new WeakSet<TenantTx>();

/**
 * Sends rows into a temporary table that the connection keeps from page to page, empty in between: making one for each
 * page costs a tenth of the landing and fills PostgreSQL's catalogue with dead rows.
 */
async function stage(tx: TenantTx, rows: Iterable<CopyRow>, hasStage: boolean): Promise<void> {
  if (!hasStage) {
    await tx.run(
      `create temporary table if not exists landing_stage (record_id text not null, content_hash text not null, stamp text,
         deleted boolean not null, data jsonb not null) on commit delete rows`,
    );
  }
  if (sent.has(tx)) await tx.run('delete from pg_temp.landing_stage');
  sent.add(tx);
  await tx.copy('landing_stage', STAGED, rows);
}

const INSERT_STAGED = `
  insert into source_record (tenant_id, connection, stream, record_id, content_hash, stamp, deleted, data, run_id, landed_at)
  select $1, $2, $3, s.record_id, s.content_hash, s.stamp, s.deleted, s.data, $4, (select clock_timestamp())
  from pg_temp.landing_stage s`;

/** The SQL that keeps staged records as new, with the place as `$1` to `$4`; `butNot` is the parameter of those that are not. */
export function insertStaged(butNot: string | null): string {
  return butNot === null
    ? INSERT_STAGED
    : `${INSERT_STAGED} where s.record_id <> all(${butNot}::text[])`;
}

/** Keeps what the changed records were before, and in its place what waits in the stage. */
export async function replaceWithStaged(
  tx: TenantTx,
  { connection, stream, runId }: Place,
  replaced: readonly string[],
): Promise<void> {
  const place = [tx.tenantId, connection, stream];
  const ids = textList(replaced);
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
    [...place, runId, ids],
  );
}
