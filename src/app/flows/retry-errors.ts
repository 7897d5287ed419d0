import { appendAudit } from '../../audit/audit-log.ts';
import { retryRefused } from '../../delivery/retry-intents.ts';
import { getQuarantined, reopenForRetry } from '../../intake/quarantine.ts';
import { retryStuck } from '../../queue/outbox.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, mapWork, request } from '../request.ts';

/**
 * Tries again what waits for a person: one quarantined record, or all open ones, the writes that a vendor refused, and
 * work that is stuck. Records that failed to map are mapped again from what has landed. Writes in conflict are not
 * among them: each needs a look of its own. Throws NotFoundError for an unknown id.
 */
export function retryErrors(
  deps: Deps,
  caller: Caller,
  input: { readonly id?: string | undefined },
): Promise<{ readonly records: number; readonly intents: number; readonly work: number }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    if (input.id !== undefined) await getQuarantined(tx, input.id);
    const groups = await reopenForRetry(tx, input.id);
    await request(
      deps,
      tx,
      groups.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
    );
    const refused = input.id === undefined ? await retryRefused(tx) : { intents: 0, targets: [] };
    await request(deps, tx, refused.targets.map(deliverWork));
    const work = input.id === undefined ? await retryStuck(tx) : [];
    if (work.length > 0) tx.afterCommit(() => deps.queue.enqueue(work));
    const records = groups.reduce((sum, group) => sum + group.records, 0);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'errors.retried',
      subject: { type: 'error', id: input.id ?? 'all' },
      details: { records, intents: refused.intents, work: work.length },
    });
    return { records, intents: refused.intents, work: work.length };
  });
}
