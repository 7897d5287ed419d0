import type { Store, Tx } from '../../src/db/store.ts';
import { Crash, currentWorker, type Schedule } from './schedule.ts';

/**
 * The real store, as a simulation reaches it: each transaction in its turn, by a database clock that shows the one true
 * time and by the seed's chance (`hasty-store.ts`), and a dead worker begins none and commits none. No transaction may wait for another one.
 */
export function simulatedStore(store: Store, schedule: Schedule): Store {
  const guarded = <X extends Tx, T>(fn: (tx: X) => Promise<T>): ((tx: X) => Promise<T>) => {
    const worker = currentWorker();
    refuseDead();
    return async (tx) => {
      const value = await fn(tx);
      if (worker?.dead === true) throw new Crash(`${worker.name} is dead.`);
      return value;
    };
  };
  return {
    ...store,
    withTenant: (tenantId, fn, options) =>
      schedule.during(async () => await store.withTenant(tenantId, guarded(fn), options)),
    readTenant: (tenantId, fn) =>
      schedule.during(async () => await store.readTenant(tenantId, guarded(fn))),
    asOwner: (fn) => schedule.during(async () => await store.asOwner(guarded(fn))),
  };
}

function refuseDead(): void {
  const worker = currentWorker();
  if (worker?.dead === true) throw new Crash(`${worker.name} is dead.`);
}
