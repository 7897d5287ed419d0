import { RateLimited, RemoteUnavailable } from '../kernel/errors.ts';

/**
 * True for a failure that passes by itself: the vendor was not reached, or wants us to wait. It says nothing about
 * credentials or rights, so a check throws it on instead of writing it down as a failed line.
 */
export function isPassing(error: unknown): boolean {
  return error instanceof RemoteUnavailable || error instanceof RateLimited;
}
