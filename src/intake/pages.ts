import type { TenantTx } from '../db/store.ts';

/** A landed page as mapping sees it: the ids whose content changed. */
export interface UnmappedPage {
  readonly connection: string;
  readonly changedIds: readonly string[];
  /**
   * The mapping because of which its records are mapped again: nothing of the page was read, so they are as they were, and
   * so are those that include them. Null for a page of a read.
   */
  readonly replayOf: string | null;
  /** The mapping that could not be used when the records landed, and that this page is for. Null: for all of them. */
  readonly becauseOf: string | null;
}

/**
 * The page's changed records, or null when it is mapped already or was never landed. Pages of one connection are
 * mapped one after the other: a record that includes another one must see it landed, or be seen by its mapping.
 */
export async function takeUnmappedPage(
  tx: TenantTx,
  page: { readonly runId: string; readonly stream: string; readonly pageNumber: number },
): Promise<UnmappedPage | null> {
  await tx.sql(
    `select pg_advisory_xact_lock(hashtextextended('map:' || r.tenant_id || ':' || r.connection, 0)) from run r where r.id = $1`,
    [page.runId],
  );
  const [row] = await tx.sql<UnmappedPage>(
    `select r.connection, (select y.mapping_id from replay y where y.tenant_id = r.tenant_id and y.run_id = r.id) as "replayOf", p.because_of as "becauseOf", coalesce((select array_agg(distinct u.id) from unnest(p.record_ids, p.outcomes) as u (id, outcome)
        where u.outcome in ('c', 'u', 't')), '{}') as "changedIds"
     from run_page p join run r on r.tenant_id = p.tenant_id and r.id = p.run_id
     where p.run_id = $1 and p.stream = $2 and p.page_number = $3 and p.mapped_at is null
     for update of p`,
    [page.runId, page.stream, page.pageNumber],
  );
  return row ?? null;
}

/** Marks the page as mapped, with the number of facts that it gave. */
export async function markMapped(
  tx: TenantTx,
  page: { readonly runId: string; readonly stream: string; readonly pageNumber: number },
  facts: number,
): Promise<void> {
  await tx.run(
    `update run_page set mapped_at = app.clock(), facts = $4 where run_id = $1 and stream = $2 and page_number = $3`,
    [page.runId, page.stream, page.pageNumber, facts],
  );
}

/** True while a landed page of the connection waits for mapping: the ledger does not yet say all that was read. */
export async function hasUnmappedPages(tx: TenantTx, connection: string): Promise<boolean> {
  const rows = await tx.sql<{ page: number }>(
    `select p.page_number as page from run_page p join run r on r.tenant_id = p.tenant_id and r.id = p.run_id
     where p.mapped_at is null and r.connection = $1 limit 1`,
    [connection],
  );
  return rows.length > 0;
}

/** One landed page. */
export interface PageRef {
  readonly runId: string;
  readonly stream: string;
  readonly pageNumber: number;
}

/** The pages of some streams of a connection that wait for mapping, in the order in which they landed. */
export async function waitingPages(
  tx: TenantTx,
  connection: string,
  streams: readonly string[],
): Promise<readonly PageRef[]> {
  return tx.sql<PageRef>(
    `select p.run_id as "runId", p.stream, p.page_number as "pageNumber"
     from run_page p join run r on r.tenant_id = p.tenant_id and r.id = p.run_id
     where p.mapped_at is null and r.connection = $1 and p.stream = any($2) order by p.landed_at, p.page_number`,
    [connection, [...streams]],
  );
}

/** Pages of records to be mapped again are numbered from here, out of the way of a read that still goes on. */
export const RETRY_PAGES = 1_000_000;

/**
 * Puts landed records on pages of their own to be mapped again, beside those of the read. `tries` is how often their
 * mapping is taken to have failed already.
 */
export async function openRetryPages(
  tx: TenantTx,
  { runId, stream }: Pick<PageRef, 'runId' | 'stream'>,
  groups: readonly (readonly string[])[],
  tries = 0,
  becauseOf: string | null = null,
): Promise<readonly PageRef[]> {
  const made: PageRef[] = [];
  for (const ids of groups) {
    const rows = await tx.sql<PageRef>(
      `insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given, tries, because_of)
       select app.tenant(), $1, $2,
         greatest(${RETRY_PAGES}, coalesce((select max(p.page_number) from run_page p where p.run_id = $1 and p.stream = $2), 0) + 1),
         $3::text[], array_fill('t'::"char", array[cardinality($3::text[])]), 0, $4, $5
       returning run_id as "runId", stream, page_number as "pageNumber"`,
      [runId, stream, [...ids], tries, becauseOf],
    );
    made.push(...rows);
  }
  return made;
}

/**
 * Counts that the mapping of a page begins, before it does, so that one that kills its worker is known by the count.
 * Null when the page is mapped already or was never landed.
 */
export async function beginMapping(
  tx: TenantTx,
  page: PageRef,
): Promise<{ readonly connection: string; readonly tries: number } | null> {
  const [row] = await tx.sql<{ connection: string; tries: number }>(
    `update run_page p set tries = p.tries + 1 from run r
     where r.tenant_id = p.tenant_id and r.id = p.run_id and p.run_id = $1 and p.stream = $2 and p.page_number = $3
       and p.mapped_at is null
     returning r.connection, p.tries`,
    [page.runId, page.stream, page.pageNumber],
  );
  return row ?? null;
}

/** The mapping that a page of a run is for alone; null where it is for all. */
export async function pageIsFor(tx: TenantTx, page: PageRef): Promise<string | null> {
  const [row] = await tx.sql<{ id: string | null }>(
    `select coalesce(p.because_of, (select y.mapping_id from replay y where y.tenant_id = p.tenant_id and y.run_id = p.run_id)) as id
     from run_page p where p.run_id = $1 and p.stream = $2 and p.page_number = $3`,
    [page.runId, page.stream, page.pageNumber],
  );
  return row?.id ?? null;
}

/** Takes back a try that ended for a reason that is not the page's. */
export async function forgiveTry(tx: TenantTx, page: PageRef): Promise<void> {
  await tx.run(
    `update run_page set tries = tries - 1 where run_id = $1 and stream = $2 and page_number = $3 and tries > 0`,
    [page.runId, page.stream, page.pageNumber],
  );
}
