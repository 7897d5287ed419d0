import { appendAudit } from '../../audit/audit-log.ts';
import {
  getEndpoint,
  previousSignsUntil,
  keepPrevious,
  type WebhookEndpoint,
} from '../../delivery/webhooks/endpoints.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { rotateSigningSecret } from '../../security/signing-secrets.ts';
import type { Deps } from '../deps.ts';

/** How long the secret before signs as well: time enough to change it at the receiver. */
const BOTH_HOURS = 24;

/**
 * Makes a new signing secret for an endpoint. It is in this answer and nowhere else; for 24 hours every call carries a
 * signature of each. While the one before still signs, another would take it away from receivers that have not changed yet:
 * only `now` does that. Throws NotFoundError, and StaleError then.
 */
export function rotateWebhookSecret(
  deps: Pick<Deps, 'store' | 'kek'>,
  caller: Caller,
  { id, now }: { readonly id: string; readonly now: boolean },
): Promise<WebhookEndpoint & { readonly secret: string }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await getEndpoint(tx, id, { lock: true });
    const until = await previousSignsUntil(tx, id);
    if (until !== null && !now)
      throw new StaleError(
        `The secret before signs for endpoint ${id} until ${until.toISOString()}; rotated again, it would end at once. Wait until then, or end it with \`trueup webhooks rotate ${id} --now\`.`,
      );
    const secret = await rotateSigningSecret(tx, deps.kek, id);
    const endpoint = await keepPrevious(tx, id, BOTH_HOURS);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'webhook_endpoint.secret_rotated',
      subject: { type: 'webhook_endpoint', id },
      details: { previousUntil: endpoint.previousUntil?.toISOString() ?? null },
    });
    return { ...endpoint, secret };
  });
}
