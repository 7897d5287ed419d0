import { getEndpoint, type WebhookEndpoint } from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One webhook endpoint, without its secret. Throws NotFoundError. */
export function showWebhookEndpoint(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<WebhookEndpoint> {
  return deps.store.readTenant(caller.tenantId, (tx) => getEndpoint(tx, id));
}
