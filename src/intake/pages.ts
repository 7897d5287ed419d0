import type { TenantTx } from '../db/store.ts';

/** A landed page as mapping sees it: the ids whose content changed. */
export interface UnmappedPage {
  readonly connection: string;
  readonly changedIds: readonly string[];
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
  const [row] = await tx.sql<{ connection: string; changedIds: string[] }>(
    `select r.connection, coalesce((select array_agg(distinct u.id) from unnest(p.record_ids, p.outcomes) as u (id, outcome)
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
