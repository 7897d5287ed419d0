import {
  getDelivery,
  type WebhookAttempt,
  type WebhookDelivery,
} from '../../delivery/webhooks/deliveries.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One event on its way to one endpoint, with every call that was made. Throws NotFoundError. */
export function showWebhookDelivery(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  { id, eventId }: { readonly id: string; readonly eventId: string },
): Promise<WebhookDelivery & { readonly calls: readonly WebhookAttempt[] }> {
  return deps.store.readTenant(caller.tenantId, (tx) => getDelivery(tx, id, eventId));
}
