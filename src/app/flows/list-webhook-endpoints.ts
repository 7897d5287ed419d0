import { listEndpoints, type WebhookEndpoint } from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Every webhook endpoint of the company, oldest first, without its secret. */
export function listWebhookEndpoints(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
): Promise<readonly WebhookEndpoint[]> {
  return deps.store.readTenant(caller.tenantId, listEndpoints);
}
