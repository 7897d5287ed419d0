import type { TenantTx } from '../db/store.ts';
import { newId } from '../kernel/ids.ts';
import type { RemovalPlace } from './removals.ts';

/** What was said of a record that we hold and the source does not show. */
export interface Unseen {
  /** held: a person is to decide; cleared: it may end; kept: a person said no. */
  readonly status: 'held' | 'cleared' | 'kept';
}

const WAITS = `r.connection = $1 and r.stream = $2 and r.kind = 'unseen'`;

/** Those of these records about which somebody was asked, or has decided. */
export async function unseenOf(
  tx: TenantTx,
  { connection, stream }: RemovalPlace,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Unseen['status']>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.sql<Unseen & { id: string }>(
    `select r.record_id as id, r.status from people_removal r
     where ${WAITS} and r.record_id = any($3) and r.status in ('held', 'cleared', 'kept')`,
    [connection, stream, [...ids]],
  );
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** Those of these records that we hold as existing. */
export async function heldAsThere(
  tx: TenantTx,
  { connection, stream }: RemovalPlace,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.sql<{ id: string }>(
    `select r.record_id as id from source_record r
     where r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = any($4) and not r.deleted`,
    [tx.tenantId, connection, stream, [...ids]],
  );
  return new Set(rows.map(({ id }) => id));
}

/** How many records a stream holds as existing. */
export async function countHeld(
  tx: TenantTx,
  { connection, stream }: RemovalPlace,
): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from source_record r
     where r.connection = $1 and r.stream = $2 and not r.deleted`,
    [connection, stream],
  );
  return row?.count ?? 0;
}

/**
 * Records that ended in the last hours because the source did not show them any more, by no dated deletion of its own
 * and without a person's word.
 */
export async function recentlyUnseen(
  tx: TenantTx,
  { connection, stream }: RemovalPlace,
  hours: number,
): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select s.record_id as id from source_record s
     where s.connection = $1 and s.stream = $2 and s.deleted and s.stamp is null
       and s.landed_at > app.clock() - make_interval(hours => $3)
       and not exists (select from people_removal r where r.tenant_id = s.tenant_id and r.connection = s.connection
         and r.stream = s.stream and r.record_id = s.record_id and r.hold_id is not null
         and r.status in ('cleared', 'applied'))`,
    [connection, stream, hours],
  );
  return rows.map(({ id }) => id);
}

/**
 * Puts records that the source does not show into the open hold of their stream, which is opened if there is none. The
 * callers of one connection take turns. Returns the hold, and whether it is new.
 */
export async function holdUnseen(
  tx: TenantTx,
  place: RemovalPlace & { readonly runId: string },
  ids: readonly string[],
  about: { readonly cap: number; readonly heldRecords: number },
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const { connection, stream, runId } = place;
  const [open] = await tx.sql<{ id: string }>(
    `select h.id from people_hold h
     where h.connection = $1 and h.kind = 'records' and h.stream = $2 and h.status = 'open'`,
    [connection, stream],
  );
  const id = open?.id ?? newId('hld');
  if (open === undefined)
    await tx.run(
      `insert into people_hold (tenant_id, id, kind, connection, stream, cap, active_accounts, held_records)
       values ($1, $2, 'records', $3, $4, $5, 0, $6)`,
      [tx.tenantId, id, connection, stream, about.cap, about.heldRecords],
    );
  await tx.run(
    `insert into people_removal (tenant_id, connection, stream, run_id, record_id, kind, status, hold_id)
     select $1, $2, $3, $4, unnest($5::text[]), 'unseen', 'held', $6
     on conflict (tenant_id, connection, stream, record_id) where status in ('noticed', 'held', 'cleared', 'kept')
     do nothing`,
    [tx.tenantId, connection, stream, runId, [...ids], id],
  );
  return { id, isNew: open === undefined };
}

/**
 * Takes out of the holds of a stream what does not wait any more: all but these records, and but those that were
 * confirmed and have landed as gone, of which accounts may still have to be ended. `before`: only what has a stamp before
 * this, or none, was looked for, so the others stay as well. A hold that is empty then is withdrawn; its id is returned.
 */
export async function releaseUnseen(
  tx: TenantTx,
  { connection, stream, before }: RemovalPlace & { readonly before: string | null },
  butNot: readonly string[],
): Promise<string | null> {
  await tx.run(
    `update people_removal r set status = 'withdrawn', settled_at = app.clock()
     where ${WAITS} and r.record_id <> all($3) and (r.status in ('held', 'kept') or (r.status = 'cleared' and exists (
       select from source_record s where s.tenant_id = r.tenant_id and s.connection = r.connection and s.stream = r.stream
         and s.record_id = r.record_id and not s.deleted))) and not exists (
       select from source_record s where s.tenant_id = r.tenant_id and s.connection = r.connection and s.stream = r.stream
         and s.record_id = r.record_id and s.stamp >= $4::text)`,
    [connection, stream, [...butNot], before],
  );
  const [row] = await tx.sql<{ id: string }>(
    `update people_hold h set status = 'withdrawn', decided_at = app.clock()
     where h.connection = $1 and h.stream = $2 and h.kind = 'records' and h.status = 'open'
       and not exists (select from people_removal r where r.hold_id = h.id and r.status = 'held') returning h.id`,
    [connection, stream],
  );
  return row?.id ?? null;
}

/** The open hold of a stream's records and how many wait in it; null when there is none. */
export async function waitingUnseen(
  tx: TenantTx,
  { connection, stream }: RemovalPlace,
): Promise<{ readonly holdId: string; readonly waiting: number } | null> {
  const [row] = await tx.sql<{ holdId: string; waiting: number }>(
    `select h.id as "holdId", count(*)::int as waiting
     from people_hold h join people_removal r on r.tenant_id = h.tenant_id and r.hold_id = h.id and r.status = 'held'
     where h.connection = $1 and h.stream = $2 and h.kind = 'records' and h.status = 'open' group by h.id`,
    [connection, stream],
  );
  return row ?? null;
}

/** A person said yes: the next read that does not meet the records of this hold ends them. */
export async function clearUnseen(tx: TenantTx, holdId: string): Promise<void> {
  await tx.run(
    `update people_removal r set status = 'cleared'
     where r.hold_id = $1 and r.kind = 'unseen' and r.status in ('held', 'kept')`,
    [holdId],
  );
}
