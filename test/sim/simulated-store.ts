import type { Store } from '../../src/db/store.ts';
import { Crash, currentWorker, pauseWorker, type Schedule } from './schedule.ts';

/**
 * The real store, as the simulation's workers reach it: the schedule knows of each transaction, and a dead worker
 * begins none and commits none.
 */
export function simulatedStore(store: Store, schedule: Schedule, inTurns: boolean): Store {
  // Where what one worker writes decides what the next one finds, their transactions come in the order of the seed.
  const turn = async (): Promise<void> => {
    if (inTurns && currentWorker() !== undefined) await pauseWorker(0);
  };
  const guarded = <Tx, T>(fn: (tx: Tx) => Promise<T>): ((tx: Tx) => Promise<T>) => {
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
    withTenant: async (tenantId, fn, options) => {
      await turn();
      return schedule.during(async () => await store.withTenant(tenantId, guarded(fn), options));
    },
    readTenant: async (tenantId, fn) => {
      await turn();
      return schedule.during(async () => await store.readTenant(tenantId, guarded(fn)));
    },
    asOwner: (fn) => schedule.during(async () => await store.asOwner(guarded(fn))),
  };
}

function refuseDead(): void {
  const worker = currentWorker();
  if (worker?.dead === true) throw new Crash(`${worker.name} is dead.`);
}
