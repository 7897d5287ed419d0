import { appendAudit } from '../../audit/audit-log.ts';
import {
  addEndpoint,
  countEndpoints,
  type WebhookEndpoint,
} from '../../delivery/webhooks/endpoints.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { makeSigningSecret } from '../../security/signing-secrets.ts';
import { checkEndpoint, shownUrl } from '../check-endpoint.ts';
import type { Deps } from '../deps.ts';

/** Each event is written once for each of them, in the transaction of what it tells. */
const MOST_ENDPOINTS = 50;

/**
 * Adds a webhook endpoint, active from now on. The signing secret is in this answer and nowhere else. Throws a
 * ValidationError for an address that may not be called and for a type of event that does not exist, and
 * where the company has as many endpoints as it may have.
 */
export function addWebhookEndpoint(
  deps: Pick<Deps, 'store' | 'kek'>,
  caller: Caller,
  input: Pick<WebhookEndpoint, 'url' | 'description' | 'types' | 'allowPrivateNetwork'>,
): Promise<WebhookEndpoint & { readonly secret: string }> {
  checkEndpoint(input);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    if ((await countEndpoints(tx)) >= MOST_ENDPOINTS) {
      throw new ValidationError(
        `There are ${MOST_ENDPOINTS} webhook endpoints already, which is the most. Take one away first: trueup webhooks remove <id>`,
      );
    }
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
