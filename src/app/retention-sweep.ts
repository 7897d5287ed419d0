import { listTenants } from '../db/tenants.ts';
import { messageOf } from '../kernel/errors.ts';
import { systemCaller } from '../security/caller.ts';
import type { Deps } from './deps.ts';
import { enforceRetention } from './flows/enforce-retention.ts';

const EVERY_MS = 3_600_000;
/** Transactions of one sweep: the sweep also wakes due work, which must not wait behind a large removal. */
const ROUNDS = 2;

/**
 * For the sweeper, whose lock lets one process sweep at a time: enforces every company's retention about once an hour,
 * a little at each sweep until all is done. A company that fails is tried again in an hour and keeps no other waiting.
 */
export function retentionSweep(
  deps: Pick<Deps, 'clock' | 'logger' | 'store'>,
): () => Promise<void> {
  let startedAt = -Infinity;
  let waiting: string[] = [];
  return async () => {
    const now = deps.clock.now().getTime();
    if (waiting.length === 0 && now - startedAt >= EVERY_MS) {
      startedAt = now;
      waiting = (await listTenants(deps.store)).map((tenant) => tenant.id);
    }
    const [tenantId] = waiting;
    if (tenantId !== undefined && (await isDone(deps, tenantId))) waiting = waiting.slice(1);
  };
}

async function isDone(deps: Pick<Deps, 'logger' | 'store'>, tenantId: string): Promise<boolean> {
  try {
    const { done } = await enforceRetention(deps, systemCaller(tenantId, 'retention'), {
      rounds: ROUNDS,
    });
    return done;
  } catch (error) {
    deps.logger.warn('retention could not be enforced', {
      tenant: tenantId,
      reason: messageOf(error),
    });
    return true;
  }
}
