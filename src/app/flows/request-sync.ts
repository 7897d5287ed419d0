import { appendAudit } from '../../audit/audit-log.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';

/** Jobs of the whole company that a person may start now instead of waiting for their schedule. */
export const SYNC_JOBS = [
  'detect-closed-won',
  'sync-entitlements',
  'sync-renewals',
  'sync-reconciliation',
] as const;

/** Starts a sync now. Throws NotFoundError on a name that is none. */
export function requestSync(
  deps: Deps,
  caller: Caller,
  job: string,
): Promise<{ readonly job: string }> {
  if (!SYNC_JOBS.some((known) => known === job)) {
    throw new NotFoundError(`There is no sync "${job}". There are: ${SYNC_JOBS.join(', ')}.`);
  }
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'sync.requested',
      subject: { type: 'job', id: job },
    });
    await request(deps, tx, [{ job, key: '', payload: {} }]);
    return { job };
  });
}
