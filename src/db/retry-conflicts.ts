import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../kernel/errors.ts';
import { isTransactionConflict } from './pg-errors.ts';

const ATTEMPTS = 5;
const BASE_MS = 10;

/**
 * Runs a whole transaction again when PostgreSQL gave it up for another one: five attempts, full jitter on a
 * doubling delay. Throws StoreUnavailable when the last attempt conflicts too.
 */
export async function retryConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  let last: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await sleep(Math.random() * BASE_MS * 2 ** attempt);
    try {
      return await transaction();
    } catch (error) {
      if (!isTransactionConflict(error)) throw error;
      last = error;
    }
  }
  throw new StoreUnavailable(
    `Other transactions won ${ATTEMPTS} times over the same rows. Try again later.`,
    {
      cause: last,
    },
  );
}
