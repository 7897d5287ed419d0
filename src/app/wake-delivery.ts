import type { TenantTx } from '../db/store.ts';
import { openTargets } from '../delivery/dispatch.ts';
import type { Connection } from '../intake/connections.ts';
import type { Deps } from './deps.ts';
import { deliverWork, request } from './request.ts';

/** Sends what waited while a connection could not be written, now instead of at its next turn. */
export async function wakeDelivery(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  connection: Pick<Connection, 'id' | 'mode' | 'status'>,
): Promise<void> {
  if (!isWritable(connection)) return;
  const targets = (await openTargets(tx)).filter((target) => target.connection === connection.id);
  await request(deps, tx, targets.map(deliverWork));
}

/** A connection is written only when a person opened it, nobody paused or removed it and its credentials work. */
export function isWritable(connection: Pick<Connection, 'mode' | 'status'>): boolean {
  return (
    connection.mode === 'read-write' &&
    connection.status !== 'paused' &&
    connection.status !== 'removed' &&
    connection.status !== 'reauth_required'
  );
}
