import { appendAudit } from '../../audit/audit-log.ts';
import {
  getEndpoint,
  saveEndpoint,
  type WebhookEndpoint,
} from '../../delivery/webhooks/endpoints.ts';
import type { Caller } from '../../security/caller.ts';
import { checkEndpoint, shownUrl } from '../check-endpoint.ts';
import type { Deps } from '../deps.ts';

/** What a person may change of an endpoint; what is left out stays. */
export interface EndpointChange {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly allowPrivateNetwork?: boolean | undefined;
  /** `active` also brings back one that was disabled. */
  readonly status?: 'active' | 'paused' | undefined;
}

/** Changes, pauses, resumes or brings back a webhook endpoint. Throws NotFoundError and ValidationError. */
export function changeWebhookEndpoint(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  { id, ...change }: EndpointChange & { readonly id: string },
): Promise<WebhookEndpoint> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await getEndpoint(tx, id, { lock: true });
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)); // prettier-ignore
    const wanted: WebhookEndpoint = { ...before, ...given };
    checkEndpoint(wanted);
    // Another name or other types say nothing about whether the receiver answers by now.
    const isRenewed = ['status', 'url', 'allowPrivateNetwork'].some((field) => field in given);
    const after = await saveEndpoint(tx, wanted, { isRenewed });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'webhook_endpoint.changed',
      subject: { type: 'webhook_endpoint', id },
      details: {
        changed: Object.keys(given),
        status: after.status,
        before: { status: before.status, host: shownUrl(before.url) },
        host: shownUrl(after.url),
      },
    });
    return after;
  });
}
