import { withStartLock } from '../db/embedded/start-lock.ts';

/** Runs `work` while no other process works under the same lock file; a lock whose owner died is broken. */
export function withHomeLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  return withStartLock(path, work);
}
