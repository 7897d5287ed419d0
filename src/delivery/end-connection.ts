import type { TenantTx } from '../db/store.ts';

/** The objects of a system with writes of which it has yet to be seen what became of them. */
export async function underWay(tx: TenantTx, connection: string): Promise<readonly string[]> {
  const rows = await tx.sql<{ object: string }>(
    `select distinct i.object from intent i where i.connection = $1
       and (i.state in ('LEASED', 'SENT', 'UNKNOWN') or (i.state = 'APPLIED' and not i.read_back)) order by 1`,
    [connection],
  );
  return rows.map(({ object }) => object);
}

/**
 * Ends what waits because of a system that is never called again: its open conflicts vanish, and what it refused, holds
 * otherwise or was never sent gives way. For a connection with nothing under way, in the transaction that removes it.
 */
export async function endConnection(
  tx: TenantTx,
  connection: string,
): Promise<{ readonly conflicts: number; readonly writes: number }> {
  const conflicts = await tx.run(
    `update conflict c set state = 'vanished', decided_at = app.clock(), reason = 'its connection was removed'
     where c.connection = $1 and c.state = 'open'`,
    [connection],
  );
  const writes = await tx.run(
    `update intent i set state = 'SUPERSEDED', settled_at = app.clock(), fence = i.fence + 1, held_back = false
     where i.connection = $1 and i.state in ('PLANNED', 'QUARANTINED', 'CONFLICT')`,
    [connection],
  );
  return { conflicts, writes };
}
