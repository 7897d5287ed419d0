import type { Store } from '../db/store.ts';
import { listConnections } from '../intake/connections.ts';
import { lockWriter, OWN_CONNECTION } from '../ledger/facts.ts';

/**
 * Gives an instant up to which everything that is recorded can be read: a writer takes its instant under its connection's lock and
 * commits later, so each lock is waited for once. Whoever takes it afterwards records later than the instant. One lock at a time,
 * and none is kept, so nobody who holds one waits for another here.
 */
export async function settledInstant(store: Store, tenantId: string): Promise<Date> {
  const { instant, connections } = await store.withTenant(tenantId, async (tx) => ({
    instant: await tx.clock(),
    connections: (await listConnections(tx)).map(({ id }) => id),
  }));
  for (const connection of [...connections, OWN_CONNECTION])
    await store.withTenant(tenantId, (tx) => lockWriter(tx, connection));
  return instant;
}
