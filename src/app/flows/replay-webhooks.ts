import { appendAudit } from '../../audit/audit-log.ts';
import { getEndpoint } from '../../delivery/webhooks/endpoints.ts';
import { replayEvents, type ReplayRange } from '../../delivery/webhooks/events.ts';
import { NotFoundError, ValidationError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { request, webhookWork } from '../request.ts';

/**
 * Sends an event, or all of a time that the endpoint did not get, once more and with fresh attempts. Returns how many.
 * Throws NotFoundError for an event that is not kept, and ValidationError for an endpoint that nothing is sent to.
 */
export function replayWebhooks(
  deps: Pick<Deps, 'store' | 'queue'>,
  caller: Caller,
  { id, ...range }: ReplayRange & { readonly id: string },
): Promise<{ readonly events: number }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const endpoint = await getEndpoint(tx, id);
    if (endpoint.status === 'disabled') {
      throw new ValidationError(
        `Endpoint ${id} is disabled: ${endpoint.disabledReason ?? ''} Mend the receiver, then: trueup webhooks resume ${id}`,
      );
    }
    const events = await replayEvents(tx, id, range);
    if (events === 0 && 'eventId' in range) {
      throw new NotFoundError(`There is no event "${range.eventId}" to send, or it is being sent right now.`); // prettier-ignore
    }
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'webhook_endpoint.replayed',
      subject: { type: 'webhook_endpoint', id },
      details: { events, ...('eventId' in range ? { event: range.eventId } : { since: range.since.toISOString(), until: range.until?.toISOString() ?? null }) }, // prettier-ignore
    });
    await request(deps, tx, [webhookWork()]);
    return { events };
  });
}
