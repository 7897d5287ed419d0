import { appendAudit } from '../../audit/audit-log.ts';
import type { Intent } from '../../delivery/intents.ts';
import { retryIntent as retry } from '../../delivery/retry-intents.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, request } from '../request.ts';

/**
 * Tries a write again that waits for a person, and returns the intent that will be sent: the refused one itself, or
 * the next revision of one in conflict. Throws NotFoundError, and StaleError when there is nothing to try again.
 */
export function retryIntent(deps: Deps, caller: Caller, id: string): Promise<Intent> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
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
