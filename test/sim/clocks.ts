import { AsyncLocalStorage } from 'node:async_hooks';
import { currentWorker } from './schedule.ts';

const elsewhere = new AsyncLocalStorage<true>();

/** Runs what a vendor does: its machines have clocks of their own, and those are right. */
export function atVendor<T>(act: () => T): T {
  return elsewhere.run(true, act);
}

/** By how many milliseconds the wall clock is wrong for the code that asks (F-40). */
export function wrongBy(): number {
  return elsewhere.getStore() === undefined ? (currentWorker()?.wrongBy ?? 0) : 0;
}
