import { appendAudit } from '../../audit/audit-log.ts';
import {
  getEndpoint,
  removeEndpoint,
  type WebhookEndpoint,
} from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import { forgetSigningSecrets } from '../../security/signing-secrets.ts';
import { shownUrl } from '../check-endpoint.ts';
import type { Deps } from '../deps.ts';

/** Takes a webhook endpoint away with its secret and the history of what was sent. Throws NotFoundError. */
export function removeWebhookEndpoint(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<WebhookEndpoint> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const endpoint = await getEndpoint(tx, id, { lock: true });
    await removeEndpoint(tx, id);
    await forgetSigningSecrets(tx, id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'webhook_endpoint.removed',
      subject: { type: 'webhook_endpoint', id },
      details: { host: shownUrl(endpoint.url), waiting: endpoint.waiting },
    });
    return endpoint;
  });
}
