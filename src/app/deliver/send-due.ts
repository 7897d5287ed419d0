import {
  leasePlanned,
  markSent,
  markUnknown,
  recordResults,
  releaseUnsent,
  type LeasedIntent,
} from '../../delivery/dispatch.ts';
import { AuthExpired, HubError, messageOf, RateLimited } from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import { batchSize, inTx, type Delivery } from './delivery-context.ts';

/** Sends one batch of planned intents. Returns how many; throws what the other system's failure was. */
export async function sendDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const leased = await inTx(delivery, async (tx) =>
    leasePlanned(tx, delivery.target, await batchSize(delivery, tx)),
  );
  if (leased.length === 0) return 0;
  if (delivery.context.signal.aborted) {
    await inTx(delivery, (tx) => releaseUnsent(tx, leased, 0));
    return 0;
  }
  await send(delivery, session, leased);
  return leased.length;
}

async function send(
  delivery: Delivery,
  session: ConnectorSession,
  leased: readonly LeasedIntent[],
): Promise<void> {
  const sending = await inTx(delivery, (tx) => markSent(tx, leased));
  if (sending.length === 0) return;
  const requests = sending.map((intent) => ({
    externalId: intent.externalId,
    intentId: intent.id,
    vendorId: intent.vendorId,
    fields: intent.payload,
  }));
  try {
    const results = await session.write(delivery.target.object, requests);
    await inTx(delivery, (tx) => recordResults(tx, sending, results));
  } catch (error) {
    await giveUp(delivery, sending, error);
    throw error;
  }
}

/** A throttled or unauthenticated call was refused before it did anything; any other failure leaves us not knowing. */
async function giveUp(
  delivery: Delivery,
  sending: readonly LeasedIntent[],
  error: unknown,
): Promise<void> {
  const reason = {
    code: error instanceof HubError ? error.code : 'unexpected',
    message: messageOf(error),
  };
  const refused = error instanceof RateLimited || error instanceof AuthExpired;
  const results = sending.map(({ externalId }) => ({
    kind: 'retry' as const,
    externalId,
    ...reason,
  }));
  await inTx(delivery, (tx) =>
    refused ? recordResults(tx, sending, results) : markUnknown(tx, sending, reason),
  );
}
