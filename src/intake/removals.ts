import type { TenantTx } from '../db/store.ts';

/** Where the records of a removal come from. */
export interface RemovalPlace {
  readonly connection: string;
  readonly stream: string;
}

/** A landed record that ends an active account. */
export interface Removal {
  readonly recordId: string;
  readonly kind: 'deactivated' | 'deleted';
}

/** noticed: nobody has decided; held: a person is to decide; cleared: may be mapped; kept: a person said no. */
export type OpenRemoval = 'noticed' | 'held' | 'cleared' | 'kept';

const OPEN = `r.status in ('noticed', 'held', 'cleared', 'kept')`;

/** The removals of these records that have not come to an end, by record. */
export async function openRemovals(
  tx: TenantTx,
  { connection, stream }: RemovalPlace,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, OpenRemoval>> {
  const rows = await tx.sql<{ id: string; status: OpenRemoval }>(
    `select r.record_id as id, r.status from people_removal r
     where r.connection = $1 and r.stream = $2 and r.record_id = any($3) and ${OPEN}`,
    [connection, stream, [...recordIds]],
  );
  return new Map(rows.map((row) => [row.id, row.status]));
}

/**
 * Notes removals that wait. One that waits already is the same one, seen by a later run; a record that was not seen and
 * now is, without its account, leaves the hold of what is unseen.
 */
export async function noticeRemovals(
  tx: TenantTx,
  place: RemovalPlace & { readonly runId: string },
  removals: readonly Removal[],
): Promise<void> {
  if (removals.length === 0) return;
  await tx.run(
    `insert into people_removal (tenant_id, connection, stream, run_id, record_id, kind)
     select $1, $2, $3, $4, e."recordId", e.kind from jsonb_to_recordset($5::jsonb) as e ("recordId" text, kind text)
     on conflict (tenant_id, connection, stream, record_id) where status in ('noticed', 'held', 'cleared', 'kept')
     do update set run_id = excluded.run_id, kind = excluded.kind,
       status = case when people_removal.kind = 'unseen' then 'noticed' else people_removal.status end,
       hold_id = case when people_removal.kind = 'unseen' then null else people_removal.hold_id end`,
    [tx.tenantId, place.connection, place.stream, place.runId, JSON.stringify(removals)],
  );
}

/** Ends open removals: the ledger has taken them in, or the source gave the accounts back. */
export async function endRemovals(
  tx: TenantTx,
  { connection, stream }: RemovalPlace,
  recordIds: readonly string[],
  status: 'applied' | 'withdrawn',
): Promise<void> {
  if (recordIds.length === 0) return;
  await tx.run(
    `update people_removal r set status = $4, settled_at = app.clock()
     where r.connection = $1 and r.stream = $2 and r.record_id = any($3) and ${OPEN}`,
    [connection, stream, [...recordIds], status],
  );
}

/** How many removals wait for a decision of the cap, now that their runs have been read to their ends. */
export async function countNoticed(tx: TenantTx, connection: string): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from people_removal r
     where r.connection = $1 and r.status = 'noticed' and ${RUN_HAS_ENDED}`,
    [connection],
  );
  return row?.count ?? 0;
}

const RUN_HAS_ENDED = `not exists (select from run where run.id = r.run_id and run.status = 'running')`;

/** How many removals of the last hours went through without a person's word; those that a person confirmed are not counted. */
export async function countRecentRemovals(
  tx: TenantTx,
  connection: string,
  hours: number,
): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from people_removal r
     where r.connection = $1 and r.hold_id is null and (r.status = 'cleared'
       or (r.status = 'applied' and r.settled_at > app.clock() - make_interval(hours => $2)))`,
    [connection, hours],
  );
  return row?.count ?? 0;
}

/** Puts every removal that waits for a decision of the cap into a hold. */
export async function holdNoticed(
  tx: TenantTx,
  connection: string,
  holdId: string,
): Promise<number> {
  return tx.run(
    `update people_removal r set status = 'held', hold_id = $2
     where r.connection = $1 and r.status = 'noticed' and ${RUN_HAS_ENDED}`,
    [connection, holdId],
  );
}

/** A page of removals that may be mapped. */
export interface ClearedPage {
  readonly runId: string;
  readonly stream: string;
  readonly pageNumber: number;
}

const RECORDS_A_PAGE = 200;
/** Pages of records to be mapped again are numbered from here, out of the way of a read that still goes on. */
const CLEARED_PAGES = 1_000_000;

/**
 * Lets removals be mapped, those of a hold or those that the cap allows, and puts their records on pages of their own.
 * Callers of one connection take turns, so that two do not give the same number to a page.
 */
export async function clearRemovals(
  tx: TenantTx,
  which: { readonly connection: string; readonly holdId: string | null },
): Promise<readonly ClearedPage[]> {
  return tx.sql<ClearedPage>(
    `with due as (
       update people_removal r set status = 'cleared'
       where r.connection = $1 and case when $2::text is null then r.status = 'noticed' and ${RUN_HAS_ENDED}
         else r.hold_id = $2 and r.status in ('held', 'kept') end
       returning r.run_id, r.stream, r.record_id
     ), numbered as (
       select d.*, (row_number() over (partition by d.run_id, d.stream order by d.record_id) - 1) / ${RECORDS_A_PAGE} as part
       from due d
     ), parts as (
       select n.run_id, n.stream, n.part::int as part, array_agg(n.record_id) as ids from numbered n group by 1, 2, 3
     )
     insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given)
     select app.tenant(), p.run_id, p.stream,
       p.part + greatest(${CLEARED_PAGES}, coalesce((select max(b.page_number) from run_page b
         where b.run_id = p.run_id and b.stream = p.stream), 0) + 1),
       p.ids, array_fill('t'::"char", array[cardinality(p.ids)]), 0
     from parts p returning run_id as "runId", stream, page_number as "pageNumber"`,
    [which.connection, which.holdId],
  );
}

/** A person said no: the records of a hold stay unmapped until the source gives their accounts back. */
export async function keepRemovals(tx: TenantTx, holdId: string): Promise<void> {
  await tx.run(
    `update people_removal r set status = 'kept' where r.hold_id = $1 and r.status = 'held'`,
    [holdId],
  );
}
