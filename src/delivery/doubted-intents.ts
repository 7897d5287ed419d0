import type { TenantTx } from '../db/store.ts';
import { READ_REFUSED } from './settle-intents.ts';
import type { Target } from './target.ts';

/**
 * After the store was restored from a backup the ledger may be behind the world: what it holds as planned may have been
 * sent since. Everything open becomes unknown, so that the other systems are asked before anything is sent (F-61), and
 * nothing of a target goes out while one of its intents has not been asked about. From then on every record is looked at
 * before it is written, also one that this ledger never wrote. `takenAt`: of the backup. Returns how many.
 */
export async function doubtOpenIntents(tx: TenantTx, takenAt: string | null): Promise<number> {
  await tx.run(`insert into store_restore (tenant_id, taken_at) values ($1, $2)`, [
    tx.tenantId,
    takenAt,
  ]);
  await tx.run(
    `update intent i set state = case i.state when 'LEASED' then 'PLANNED' else 'UNKNOWN' end, fence = i.fence + 1, lease_until = null
     where i.state in ('LEASED', 'SENT')`,
  );
  return tx.run(
    `update intent i set state = 'UNKNOWN', restored = true, fence = i.fence + 1, lease_until = null, not_before = app.clock(),
       error = case when i.error ->> 'code' is distinct from $1 then i.error end
     where i.state in ('PLANNED', 'UNKNOWN')`,
    [READ_REFUSED],
  );
}

/**
 * True while the other system has still to be asked about something that a restored backup left open. What it refuses to
 * show was asked about: it stays unknown, and holds up nothing else.
 */
export async function isReconciling(
  tx: TenantTx,
  { connection, object }: Target,
): Promise<boolean> {
  const [row] = await tx.sql<{ is: boolean }>(
    `select exists (select from intent i where i.connection = $1 and i.object = $2 and i.restored and i.state = 'UNKNOWN'
       and i.error ->> 'code' is distinct from $3) as is`,
    [connection, object, READ_REFUSED],
  );
  return row?.is === true;
}
