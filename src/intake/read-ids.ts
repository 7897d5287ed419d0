import type { TenantTx } from '../db/store.ts';

/** One stream of a run. */
interface StreamRead {
  readonly runId: string;
  readonly stream: string;
}

/**
 * How many distinct ids the run has read of a stream, whatever became of them. Records that only wait to be mapped again
 * (outcome `t`) stand on pages of the run too, and were not read by it.
 */
export async function countReadIds(tx: TenantTx, { runId, stream }: StreamRead): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(distinct u.id) as count from run_page p, unnest(p.record_ids, p.outcomes) as u (id, outcome)
     where p.run_id = $1 and p.stream = $2 and u.id <> '' and u.outcome <> 't'`,
    [runId, stream],
  );
  return row?.count ?? 0;
}

/** Ids as they were read, some of them several times; `next` is the page to go on from, null after the last. */
export interface ReadIds {
  readonly ids: readonly string[];
  readonly next: number | null;
}

/** So many that asking costs little, so few that a read of millions never has all its ids in memory. */
const PAGES_AT_ONCE = 20;

/** The ids of some pages of a read, from the page with this number on. */
export async function readIdsFrom(
  tx: TenantTx,
  { runId, stream }: StreamRead,
  page: number,
): Promise<ReadIds> {
  const pages = await tx.sql<{ page: number; ids: string[] }>(
    `select p.page_number as page, array(select u.id from unnest(p.record_ids, p.outcomes) as u (id, outcome)
       where u.id <> '' and u.outcome <> 't') as ids from run_page p
     where p.run_id = $1 and p.stream = $2 and p.page_number >= $3 order by p.page_number limit $4`,
    [runId, stream, page, PAGES_AT_ONCE],
  );
  const last = pages.at(-1);
  return {
    ids: pages.flatMap(({ ids }) => ids),
    next: last === undefined || pages.length < PAGES_AT_ONCE ? null : last.page + 1,
  };
}

/** Of one read more are never asked about again: what another read landed meanwhile, and as something else, is little. */
const MOST_OVERTAKEN = 10_000;

/**
 * Ids whose reading lost against what landed after the run began. Of two saves with one stamp nobody can say which is the
 * later one but the source.
 */
export async function overtakenIds(
  tx: TenantTx,
  { runId, stream, connection }: StreamRead & { readonly connection: string },
): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select distinct u.id from run n
     join run_page p on p.tenant_id = n.tenant_id and p.run_id = n.id
     cross join unnest(p.record_ids, p.outcomes) as u (id, outcome)
     join source_record r on r.tenant_id = n.tenant_id and r.connection = $3 and r.stream = $2 and r.record_id = u.id
     where n.id = $1 and p.stream = $2 and u.outcome = 's' and r.landed_at >= n.started_at and not r.deleted
     order by u.id limit $4`,
    [runId, stream, connection, MOST_OVERTAKEN],
  );
  return rows.map(({ id }) => id);
}
