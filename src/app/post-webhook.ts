import type { WebhookEndpoint } from '../delivery/webhooks/endpoints.ts';
import type { LeasedDelivery } from '../delivery/webhooks/deliveries.ts';
import type { Answered } from '../delivery/webhooks/schedule.ts';
import { ForbiddenError, messageOf } from '../kernel/errors.ts';
import type { Egress } from '../sdk/define-connector.ts';
import { createEgress } from '../security/egress.ts';
import { signedHeaders } from '../security/sign-webhook.ts';
import type { SigningSecrets } from '../security/signing-secrets.ts';
import { version } from './version.ts';

/** Only the head of an answer is of use; its body is not read. */
const MOST_BYTES = 64 * 1024;

/** The way out to one endpoint, and to no other host. */
export function egressTo(
  { url, allowPrivateNetwork }: Pick<WebhookEndpoint, 'url' | 'allowPrivateNetwork'>,
  limits: { readonly timeoutMs: number; readonly most: number },
): Egress {
  return createEgress({
    hosts: [new URL(url).hostname],
    allowPrivateNetwork,
    timeoutMs: limits.timeoutMs,
    maxResponseBytes: MOST_BYTES,
    concurrency: limits.most,
  });
}

/** The secrets that sign a call made now. */
function signers(
  { current, previous }: SigningSecrets,
  { previousUntil }: Pick<WebhookEndpoint, 'previousUntil'>,
  sentAt: Date,
): readonly string[] {
  const both = previous !== null && previousUntil !== null && sentAt < previousUntil;
  return both ? [current, previous] : [current];
}

/** Sends one event, signed, and says what was answered. Never throws; a redirect is an answer like any other, not followed. */
export async function postWebhook(
  egress: Egress,
  endpoint: Pick<WebhookEndpoint, 'url' | 'previousUntil'>,
  secrets: SigningSecrets,
  delivery: LeasedDelivery,
): Promise<Answered> {
  const { eventId, type, at, data, sentAt } = delivery;
  const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
  const timestamp = Math.floor(sentAt.getTime() / 1000);
  try {
    const response = await egress.http({ responseType: 'stream' }).post(endpoint.url, body, {
      headers: {
        'content-type': 'application/json',
        'user-agent': `Trueup-Webhooks/${version()}`,
        ...signedHeaders({ id: eventId, timestamp, body }, signers(secrets, endpoint, sentAt)),
      },
      transformRequest: (data: unknown) => data,
      validateStatus: () => true,
    });
    response.data.destroy();
    return answered(response.status, response.headers['retry-after'], sentAt);
  } catch (error) {
    const misplaced = error instanceof ForbiddenError;
    return { status: null, error: messageOf(error), retryAfterS: null, misplaced };
  }
}

function answered(status: number, retryAfter: unknown, sentAt: Date): Answered {
  if (status >= 200 && status < 300) return { status, error: null, retryAfterS: null };
  const redirected = status >= 300 && status < 400;
  return {
    status,
    error: redirected
      ? `It answered ${status}, and redirects are not followed: give the endpoint its final address.`
      : `It answered ${status}.`,
    retryAfterS: secondsOf(retryAfter, sentAt),
  };
}

/** Retry-After is seconds or a date. */
function secondsOf(header: unknown, now: Date): number | null {
  if (typeof header !== 'string') return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, (at - now.getTime()) / 1000);
}
