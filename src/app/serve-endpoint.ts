import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import {
  leaseDeliveries,
  noteEndpoint,
  recordAttempts,
  type Attempted,
  type LeasedDelivery,
} from '../delivery/webhooks/deliveries.ts';
import {
  disableEndpoint,
  getEndpoint,
  type WebhookEndpoint,
} from '../delivery/webhooks/endpoints.ts';
import { TEST_EVENT } from '../delivery/webhooks/event-types.ts';
import { nextStep } from '../delivery/webhooks/schedule.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { Egress } from '../sdk/define-connector.ts';
import { openSigningSecrets, type SigningSecrets } from '../security/signing-secrets.ts';
import type { Deps } from './deps.ts';
import { leasedTx } from './leased-tx.ts';
import { egressTo, postWebhook } from './post-webhook.ts';

/** How one endpoint is served. */
export interface WebhookLimits {
  /** Of one call; the standard allows 15 to 30 s. */
  readonly timeoutMs: number;
  /** Calls at a time. */
  readonly most: number;
}

export const WEBHOOK_LIMITS: WebhookLimits = { timeoutMs: 15_000, most: 8 };
const LEASE_MARGIN_S = 30;
/** After so long without a single event taken an endpoint is disabled: longer than one event is tried. */
const DISABLED_AFTER_S = 5 * 86_400;
/** An endpoint whose calls last longer than this, in seconds, pauses after them: a lane is shared by all companies. */
const SLOW_S = 2;
/** How many times as long as the slowest call. */
const PAUSE_TIMES = 3;
const ACTOR = 'system:send-webhooks';

/** What is needed to call one endpoint. */
interface Line {
  readonly endpoint: WebhookEndpoint;
  readonly secrets: SigningSecrets;
  readonly egress: Egress;
}

/** The endpoint as it is now, with its secrets opened. */
export async function lineTo(
  deps: Pick<Deps, 'kek'>,
  tx: TenantTx,
  id: string,
  limits: WebhookLimits,
): Promise<Line> {
  const endpoint = await getEndpoint(tx, id);
  const secrets = await openSigningSecrets(tx, deps.kek, id);
  return { endpoint, secrets, egress: egressTo(endpoint, limits) };
}

/** Sends what is due to one endpoint, some at a time, until nothing is, it rests, or `goesOn` says no. */
export async function serveEndpoint(
  deps: Pick<Deps, 'store' | 'kek'>,
  context: JobContext,
  id: string,
  { limits, goesOn }: { readonly limits: WebhookLimits; readonly goesOn: () => boolean },
): Promise<void> {
  while (goesOn()) {
    const taken = await leasedTx(deps, context, async (tx) => {
      const leased = await leaseDeliveries(tx, id, { most: limits.most, leaseSeconds: leaseSecondsOf(limits) });
      return leased.length === 0 ? null : { leased, line: await lineTo(deps, tx, id, limits) };
    }).catch(ifRemoved); // prettier-ignore
    if (taken === null) return;
    const attempted = await attemptAll(taken.line, taken.leased);
    await leasedTx(deps, context, (tx) => keepAttempts(tx, taken.line.endpoint, attempted));
  }
}

/** Until when a call may be on its way. */
export function leaseSecondsOf({ timeoutMs }: WebhookLimits): number {
  return timeoutMs / 1000 + LEASE_MARGIN_S;
}

function ifRemoved(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}

/** Calls the endpoint once for each of these, all at a time, and says what follows. */
export function attemptAll(
  { endpoint, secrets, egress }: Line,
  leased: readonly LeasedDelivery[],
): Promise<readonly Attempted[]> {
  return Promise.all(
    leased.map(async (delivery) => {
      const startedAt = performance.now();
      const answer = await postWebhook(egress, endpoint, secrets, delivery);
      const before = { attempts: delivery.attempts, silences: endpoint.silences, once: delivery.type === TEST_EVENT }; // prettier-ignore
      const next = nextStep(answer, before, Math.random);
      return { delivery, answer, next, ms: performance.now() - startedAt };
    }),
  );
}

/** Keeps what became of some calls, and disables the endpoint that is gone or takes nothing for days. */
export async function keepAttempts(
  tx: TenantTx,
  { id, url }: WebhookEndpoint,
  attempted: readonly Attempted[],
): Promise<void> {
  await recordAttempts(tx, id, attempted);
  const counted = attempted.filter(({ delivery }) => delivery.type !== TEST_EVENT);
  const arrived = counted.some(({ next }) => next.state === 'delivered');
  const asked = counted.some(({ answer }) => answer.retryAfterS !== null);
  const restS = arrived && !asked ? 0 : Math.max(0, ...counted.map(({ next }) => next.restS));
  if (counted.length === 0) return;
  const slowestS = Math.max(...counted.map(({ ms }) => ms)) / 1000;
  const pauseS = slowestS > SLOW_S ? slowestS * PAUSE_TIMES : 0;
  const failingS = await noteEndpoint(tx, id, { arrived, restS, pauseS });
  const gone = counted.some(({ next }) => next.gone);
  const reason = gone
    ? 'The receiver answered 410: it is gone.'
    : `Nothing has arrived for ${Math.floor(failingS / 86_400)} days.`;
  if (!gone && failingS < DISABLED_AFTER_S) return;
  if (!(await disableEndpoint(tx, id, reason))) return;
  await appendAudit(tx, {
    actor: ACTOR,
    action: 'webhook_endpoint.disabled',
    subject: { type: 'webhook_endpoint', id },
    details: { reason, host: new URL(url).host },
  });
}
