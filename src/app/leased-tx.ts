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

/** The same for a function that may run again: what another transaction won over is tried 5 times (F-53). */
export function repeatedTx<T>(
  deps: { readonly store: Store },
  context: JobContext,
  fn: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  const run = async (tx: TenantTx): Promise<T> => {
    await context.hold(tx);
    return fn(tx);
  };
  return deps.store.withTenant(context.tenantId, run, { retry: true });
}
