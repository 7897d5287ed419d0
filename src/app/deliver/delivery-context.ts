import type { TenantTx } from '../../db/store.ts';
import type { Target } from '../../delivery/dispatch.ts';
import { getConnection } from '../../intake/connections.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, request } from '../request.ts';
import { connectorOf } from '../sessions.ts';

/** One turn of delivering the intents of one object of one connection. */
export interface Delivery {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly target: Target;
}

/** A transaction that only the holder of the lease can commit. */
export function inTx<T>(delivery: Delivery, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
  const { deps, context } = delivery;
  return deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    return fn(tx);
  });
}

/** Records that one call of this object's writer takes; 1 for an object that the connector does not write. */
export async function batchSize({ deps, target }: Delivery, tx: TenantTx): Promise<number> {
  const { connector } = await getConnection(tx, target.connection);
  const { writers } = connectorOf(deps.registry, connector);
  return writers.find((writer) => writer.object === target.object)?.batch ?? 1;
}

/** Asks for another turn after so many seconds. */
export async function comeAgain(
  { deps, target }: Delivery,
  tx: TenantTx,
  seconds: number,
): Promise<void> {
  const notBefore = new Date((await tx.clock()).getTime() + seconds * 1000);
  await request(deps, tx, [{ ...deliverWork(target), notBefore }]);
}
