import { listDeliveries, type WebhookDelivery } from '../../delivery/webhooks/deliveries.ts';
import { getEndpoint } from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What is, or was, on its way to an endpoint, newest event first. Throws NotFoundError. */
export function listWebhookDeliveries(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  filter: {
    readonly id: string;
    readonly state?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly WebhookDelivery[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    await getEndpoint(tx, filter.id);
    return listDeliveries(tx, filter.id, filter);
  });
}
