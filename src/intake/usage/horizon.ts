import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';

/**
 * The first day whose events are all still here, if `keepDays` are kept: a day that lost some to retention is closed,
 * and what was counted of it stays. One day of room, so that no day is counted while the sweep removes it.
 */
export async function firstOpenDay(tx: TenantTx, keepDays: number): Promise<LocalDate> {
  const [row] = await tx.sql<{ readonly day: LocalDate }>(
    `select greatest((app.clock() - make_interval(days => $1))::date + 1,
       (select h.day + 1 from usage_horizon h)) as day`,
    [keepDays],
  );
  if (row === undefined) throw new TypeError('A select of one row gave none.');
  return row.day;
}

/**
 * Removes events of days that are not kept any more, at most `limit`, and says how many. The horizon moves first and
 * never back: a longer retention later opens no day that has lost events.
 */
export async function removeOldEvents(
  tx: TenantTx,
  keepDays: number,
  limit: number,
): Promise<number> {
  await tx.run(
    `insert into usage_horizon as h (tenant_id, day) values ($1, (app.clock() - make_interval(days => $2))::date)
     on conflict (tenant_id) do update set day = greatest(h.day, excluded.day)`,
    [tx.tenantId, keepDays],
  );
  await tx.run(
    `delete from usage_unattributed_day d where d.day < (select h.day from usage_horizon h)`,
  );
  return tx.run(
    `delete from usage_event where ctid = any(array(
       select e.ctid from usage_event e where e.tenant_id = $1 and e.day < (select h.day from usage_horizon h)
       order by e.day limit $2))`,
    [tx.tenantId, limit],
  );
}
