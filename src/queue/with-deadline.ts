import { HubError, StoreUnavailable } from '../kernel/errors.ts';

/**
 * What the backend answers, if it does so in time; else, and for a failure that is no error of ours,
 * StoreUnavailable with the message.
 * The drivers themselves may wait for a lost connection without end.
 */
export async function withDeadline<T>(
  answer: Promise<T>,
  milliseconds: number,
  message: string,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new StoreUnavailable(message)), milliseconds);
  try {
    return await Promise.race([answer, late.promise]);
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new StoreUnavailable(message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
