import { setTimeout as sleep } from 'node:timers/promises';
import { dueEndpoints } from '../../delivery/webhooks/deliveries.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { leasedTx } from '../leased-tx.ts';
import { serveEndpoint, WEBHOOK_LIMITS, type WebhookLimits } from '../serve-endpoint.ts';

/** No call begins later than this, so that a turn of the lane is held for this and one call at most. */
const SLICE_MS = 5_000;
const LOOK_EVERY_MS = 250;

/**
 * Sends what is due to webhooks of a company, each endpoint on its own: one that is slow, full or gone holds up nobody
 * else. What it leaves is due later; the sweeper asks for this again then.
 */
export async function sendWebhooks(
  deps: Deps,
  context: JobContext,
  limits: WebhookLimits = WEBHOOK_LIMITS,
): Promise<void> {
  const ends = Date.now() + SLICE_MS;
  const goesOn = (): boolean => Date.now() < ends && !context.signal.aborted;
  const served = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  for (;;) {
    const due = goesOn() ? await leasedTx(deps, context, (tx) => dueEndpoints(tx, [...served.keys()])) : []; // prettier-ignore
    for (const id of due) {
      const serving = serveEndpoint(deps, context, id, { limits, goesOn })
        .catch((error: unknown) => {
          failures.push(error);
          deps.logger.warn('An endpoint could not be served', { endpoint: id, reason: messageOf(error) }); // prettier-ignore
        })
        .finally(() => served.delete(id));
      served.set(id, serving);
    }
    if (served.size === 0) break;
    await Promise.race([...served.values(), sleep(LOOK_EVERY_MS, undefined, { ref: false })]);
  }
  if (failures.length > 0) throw failures[0];
}
