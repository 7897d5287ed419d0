import { noteBreaker } from '../intake/read-trouble.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Deps } from './deps.ts';
import type { OpenedBreaker } from './pacing.ts';

/**
 * Keeps which breakers are open where every process can see it. Beside the work, never in its way: what cannot be kept is
 * logged, and the next try of that connection keeps it again.
 */
export function noteBreakers({ store, logger }: Pick<Deps, 'store' | 'logger'>) {
  return (tenantId: string, connection: string, breaker: OpenedBreaker | null): void => {
    store
      .withTenant(tenantId, (tx) => noteBreaker(tx, connection, breaker))
      .catch((error: unknown) =>
        logger.warn('An open breaker could not be noted', {
          tenant: tenantId,
          connection,
          reason: messageOf(error),
        }),
      );
  };
}
