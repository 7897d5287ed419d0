import { listEndpoints, type WebhookEndpoint } from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import { endpointFor } from '../check-endpoint.ts';
import type { Deps } from '../deps.ts';

/** Every webhook endpoint of the company, oldest first, without its secret; its address as far as the caller may see it. */
export async function listWebhookEndpoints(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
): Promise<readonly WebhookEndpoint[]> {
  const endpoints = await deps.store.readTenant(caller.tenantId, listEndpoints);
  return endpoints.map((endpoint) => endpointFor(caller, endpoint));
}
