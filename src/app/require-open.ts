import type { Connection } from '../intake/connections.ts';
import { StoreUnavailable, UnauthenticatedError } from '../kernel/errors.ts';

/**
 * Throws unless pushes into the directory are taken: UnauthenticatedError for a removed one, as for a token that is
 * none, and StoreUnavailable for a paused one, so that the provider sends it again.
 */
export function requireOpen(status: Connection['status']): void {
  if (status === 'removed') {
    throw new UnauthenticatedError('The directory of this token was removed.');
  }
  if (status === 'paused') {
    throw new StoreUnavailable('This directory is paused. Send it again later.');
  }
}
