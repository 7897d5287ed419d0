import type { Store, TenantTx } from '../db/store.ts';
import type { JobContext } from '../sdk/flows.ts';

/** A transaction of a running job: it commits only while the job still holds its lease. */
export function leasedTx<T>(
  deps: { readonly store: Store },
  context: JobContext,
  fn: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  return deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    return fn(tx);
  });
}
