import { appendAudit } from '../../audit/audit-log.ts';
import { newId } from '../../kernel/ids.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';

/** Asks for a reconciliation of today and says under which id it will be found. */
export function startReconciliation(
  deps: Deps,
  caller: Caller,
): Promise<{ readonly reconciliationId: string }> {
  const reconciliationId = newId('rec');
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'reconciliation.started',
      subject: { type: 'reconciliation', id: reconciliationId },
    });
    await request(deps, tx, [
      { job: 'reconcile', key: reconciliationId, payload: { reconciliationId } },
    ]);
    return { reconciliationId };
  });
}
