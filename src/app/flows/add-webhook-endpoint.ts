import { appendAudit } from '../../audit/audit-log.ts';
import { addEndpoint, type WebhookEndpoint } from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import { makeSigningSecret } from '../../security/signing-secrets.ts';
import { checkEndpoint, shownUrl } from '../check-endpoint.ts';
import type { Deps } from '../deps.ts';

/**
 * Adds a webhook endpoint, active from now on. The signing secret is in this answer and nowhere else. Throws a
 * ValidationError for an address that may not be called and for a type of event that does not exist.
 */
export function addWebhookEndpoint(
  deps: Pick<Deps, 'store' | 'kek'>,
  caller: Caller,
  input: Pick<WebhookEndpoint, 'url' | 'description' | 'types' | 'allowPrivateNetwork'>,
): Promise<WebhookEndpoint & { readonly secret: string }> {
  checkEndpoint(input);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const endpoint = await addEndpoint(tx, { ...input, createdBy: caller.actor });
    const secret = await makeSigningSecret(tx, deps.kek, endpoint.id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'webhook_endpoint.added',
      subject: { type: 'webhook_endpoint', id: endpoint.id },
      details: { host: shownUrl(input.url), types: input.types, allowPrivateNetwork: input.allowPrivateNetwork }, // prettier-ignore
    });
    return { ...endpoint, secret };
  });
}
