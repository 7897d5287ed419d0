import { appendAudit } from '../../audit/audit-log.ts';
import { getIntent, type Intent } from '../../delivery/intents.ts';
import { retryIntent as retry } from '../../delivery/retry-intents.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, request } from '../request.ts';
import { requireApprover } from '../retry-right.ts';

/**
 * Tries a write again that waits for a person, and returns the intent that will be sent: the refused one itself, or
 * the next revision of one in conflict. Throws NotFoundError, StaleError when there is nothing to try again, and
 * ForbiddenError where only who may approve plans may.
 */
export function retryIntent(deps: Deps, caller: Caller, id: string): Promise<Intent> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    requireApprover(caller, await getIntent(tx, id));
    const intent = await retry(tx, id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'intent.retried',
      subject: { type: 'intent', id },
      details: { sends: intent.id, connection: intent.connection, object: intent.object },
    });
    await request(deps, tx, [deliverWork(intent)]);
    return intent;
  });
}
