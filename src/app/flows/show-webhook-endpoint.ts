import { getEndpoint, type WebhookEndpoint } from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import { endpointFor } from '../check-endpoint.ts';
import type { Deps } from '../deps.ts';

/** One webhook endpoint, without its secret; its address as far as the caller may see it. Throws NotFoundError. */
export function showWebhookEndpoint(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<WebhookEndpoint> {
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    endpointFor(caller, await getEndpoint(tx, id)),
  );
}
