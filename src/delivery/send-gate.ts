import type { TenantTx } from '../db/store.ts';

/**
 * Writes go out through one gate: who sends shares it until `SENT` is committed, who closes a way out (sets a mode, removes
 * a connection) has it alone. So nothing that was closed is sent by a worker that had looked a moment before. Taken first in
 * a transaction, before any row is locked.
 */
export async function passGate(tx: TenantTx): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [keyOf(tx)]);
}

/** Waits for what is being sent, and lets nothing out until the end of the transaction. */
export async function closeGate(tx: TenantTx): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [keyOf(tx)]);
}

function keyOf({ tenantId }: TenantTx): string {
  return `sends:${tenantId}`;
}
