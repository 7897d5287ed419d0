import {
  leasePlanned,
  markSent,
  markUnknown,
  recordResults,
  releaseUnsent,
  type LeasedIntent,
  type Target,
} from '../delivery/dispatch.ts';
import { AuthExpired, HubError, messageOf, RateLimited } from '../kernel/errors.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { Deps } from './deps.ts';
import { leasedTx } from './leased-tx.ts';

/** One object of one connection while a worker delivers to it. */
export interface Delivery {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly target: Target;
  /** Records per call at most. */
  readonly batch: number;
}

/**
 * Sends one batch of what is due; returns how many intents it took up. `SENT` is committed before the socket is
 * written. Throws what the vendor call threw, after the intents were marked by what is known of them.
 */
export async function sendDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const { deps, context, target, batch } = delivery;
  const leased = await leasedTx(deps, context, (tx) => leasePlanned(tx, target, batch));
  if (leased.length === 0) return 0;
  if (context.signal.aborted) {
    await leasedTx(deps, context, (tx) => releaseUnsent(tx, leased, 0));
    return 0;
  }
  const sending = await leasedTx(deps, context, (tx) => markSent(tx, leased));
  if (sending.length > 0) await send(delivery, session, sending);
  return leased.length;
}

async function send(
  delivery: Delivery,
  session: ConnectorSession,
  sending: readonly LeasedIntent[],
): Promise<void> {
  const { deps, context, target } = delivery;
  const requests = sending.map((intent) => ({
    externalId: intent.externalId,
    intentId: intent.id,
    vendorId: intent.vendorId,
    fields: intent.payload,
  }));
  try {
    const results = await session.write(target.object, requests);
    await leasedTx(deps, context, (tx) => recordResults(tx, sending, results));
  } catch (error) {
    await giveUp(delivery, sending, error);
    throw error;
  }
}

/** A throttled or unauthenticated call was refused before it did anything; any other failure leaves us not knowing. */
async function giveUp(
  { deps, context }: Delivery,
  sending: readonly LeasedIntent[],
  error: unknown,
): Promise<void> {
  const code = error instanceof HubError ? error.code : 'unexpected';
  const message = messageOf(error);
  const refused = error instanceof RateLimited || error instanceof AuthExpired;
  const results = sending.map(({ externalId }) => ({
    kind: 'retry' as const,
    externalId,
    code,
    message,
  }));
  await leasedTx(deps, context, (tx) =>
    refused ? recordResults(tx, sending, results) : markUnknown(tx, sending, { code, message }),
  );
}
