import { appendAudit } from '../../audit/audit-log.ts';
import { getIntent, type Intent } from '../../delivery/intents.ts';
import { dropWaiting } from '../../delivery/mode-waits.ts';
import { completePlans } from '../../delivery/move-plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/**
 * Drops a write that a mode keeps back: it is never sent, until a run or a plan asks for it anew. Throws NotFoundError, and
 * StaleError for one that waits for something else.
 */
export function dropIntent(deps: Deps, caller: Caller, id: string): Promise<Intent> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await dropWaiting(tx, id);
    await completePlans(tx);
    const intent = await getIntent(tx, id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'intent.dropped',
      subject: { type: 'intent', id },
      details: { connection: intent.connection, object: intent.object, planId: intent.planId },
    });
    return intent;
  });
}
