import { appendAudit } from '../../audit/audit-log.ts';
import { reopenForRetry } from '../../intake/quarantine.ts';
import { retryStuck } from '../../queue/outbox.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { mapWork, request } from '../request.ts';

/**
 * Tries again what waits for a person: one quarantined record, or all open ones, and work that is stuck. Records that
 * failed to map are mapped again from what has landed; no vendor is called.
 */
export function retryErrors(
  deps: Deps,
  caller: Caller,
  input: { readonly id?: string | undefined },
): Promise<{ readonly records: number; readonly work: number }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const groups = await reopenForRetry(tx, input.id);
    await request(
      deps,
      tx,
      groups.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
    );
    const work = input.id === undefined ? await retryStuck(tx) : [];
    if (work.length > 0) tx.afterCommit(() => deps.queue.enqueue(work));
    const records = groups.reduce((sum, group) => sum + group.records, 0);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'errors.retried',
      subject: { type: 'error', id: input.id ?? 'all' },
      details: { records, work: work.length },
    });
    return { records, work: work.length };
  });
}
