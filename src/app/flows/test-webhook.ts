import { appendAudit } from '../../audit/audit-log.ts';
import {
  getDelivery,
  leaseDeliveries,
  type WebhookAttempt,
  type WebhookDelivery,
} from '../../delivery/webhooks/deliveries.ts';
import { TEST_EVENT } from '../../delivery/webhooks/event-types.ts';
import { keepEvent } from '../../delivery/webhooks/events.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import {
  attemptAll,
  keepAttempts,
  leaseSecondsOf,
  lineTo,
  WEBHOOK_LIMITS,
} from '../serve-endpoint.ts';

/**
 * Sends an event `webhook.test` to one endpoint now, once, also where it is paused or disabled, and says what was answered.
 * Throws NotFoundError.
 */
export async function testWebhook(
  deps: Pick<Deps, 'store' | 'kek'>,
  caller: Caller,
  id: string,
): Promise<WebhookDelivery & { readonly calls: readonly WebhookAttempt[] }> {
  const { leased, line, eventId } = await deps.store.withTenant(caller.tenantId, async (tx) => {
    const line = await lineTo(deps, tx, id, WEBHOOK_LIMITS);
    const eventId = await keepEvent(tx, {
      type: TEST_EVENT,
      subject: `webhook_endpoint:${id}`,
      data: { endpointId: id },
      only: id,
    });
    const leaseSeconds = leaseSecondsOf(WEBHOOK_LIMITS);
    const leased = await leaseDeliveries(tx, id, { most: 1, leaseSeconds, eventId });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'webhook_endpoint.tested',
      subject: { type: 'webhook_endpoint', id },
      details: { event: eventId },
    });
    return { leased, line, eventId };
  });
  const attempted = await attemptAll(line, leased);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await keepAttempts(tx, line.endpoint, attempted);
    return getDelivery(tx, id, eventId);
  });
}
