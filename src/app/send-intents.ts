import {
  leasePlanned,
  markSent,
  markUnknown,
  recordResults,
  releaseUnsent,
  type LeasedIntent,
} from '../delivery/dispatch.ts';
import { fieldsToSend } from '../delivery/three-way.ts';
import { AuthExpired, HubError, messageOf } from '../kernel/errors.ts';
import { killPoint } from '../kernel/kill-point.ts';
import type { ConnectorLimits, ConnectorSession } from '../sdk/define-connector.ts';
import type { WriteResult } from '../sdk/write.ts';
import { decideFields } from './decide-fields.ts';
import type { Delivery } from './delivery-target.ts';
import { keepBefore, readPresent } from './keep-before.ts';
import { leasedTx } from './leased-tx.ts';

const LEASE_MARGIN_S = 30;

/** Until when a write may be on its way: its last call starts within one timeout and lasts for another at most. */
export function leaseSecondsOf({ timeoutMs }: Pick<ConnectorLimits, 'timeoutMs'>): number {
  return (2 * timeoutMs) / 1000 + LEASE_MARGIN_S;
}

/**
 * Sends one batch of what is due; returns how many intents it took up. `SENT` is committed before the socket is
 * written. Throws what the vendor call threw, or that the login no longer works, after the intents were marked by what
 * is known of them.
 */
export async function sendDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const { deps, context, target, batch, leaseSeconds, butOf = [] } = delivery;
  const leased = await leasedTx(deps, context, (tx) =>
    leasePlanned(tx, target, { batch, leaseSeconds, butOf }),
  );
  if (leased.length === 0) return 0;
  if (context.signal.aborted) {
    await leasedTx(deps, context, (tx) => releaseUnsent(tx, leased, 0));
    return 0;
  }
  const held = await readPresent(delivery, session, leased).catch(async (error: unknown) => {
    await leasedTx(deps, context, (tx) => releaseUnsent(tx, leased, 0));
    throw error;
  });
  await keepBefore(delivery, held, leased);
  const decided = await decideFields(delivery, held, leased);
  const sending = await leasedTx(deps, context, (tx) => markSent(tx, decided, leaseSeconds));
  await killPoint('push.intent_saved');
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
    fields: fieldsToSend(intent.payload, intent.decided),
  }));
  const answer = session.write(target.object, requests);
  await killPoint('push.sent');
  const results = await answer.catch(async (error: unknown) => {
    await giveUp(delivery, sending, error);
    throw error;
  });
  await killPoint('push.responded');
  await leasedTx(deps, context, (tx) => recordResults(tx, sending, results));
  await killPoint('push.recorded');
  const signedOut = results.find(isSignedOut);
  if (signedOut !== undefined) throw new AuthExpired(signedOut.message);
}

function isSignedOut(
  result: WriteResult,
): result is Extract<WriteResult, { readonly kind: 'retry' | 'unknown' }> {
  return (result.kind === 'retry' || result.kind === 'unknown') && result.code === 'auth_expired';
}

/**
 * A call that threw leaves every request of its batch unknown, whatever it threw: a part may have been applied before.
 * Only where the connector says that nothing was applied (`details.nothingApplied`) are they planned again, and only
 * where the call never left (`details.sent` is false) does nothing found at the next read-back mean that none comes.
 */
async function giveUp(
  { deps, context }: Delivery,
  sending: readonly LeasedIntent[],
  error: unknown,
): Promise<void> {
  const code = error instanceof HubError ? error.code : 'unexpected';
  const message = messageOf(error);
  const details = error instanceof HubError ? error.details : {};
  await leasedTx(deps, context, (tx) => {
    if (details['nothingApplied'] !== true)
      return markUnknown(tx, sending, { code, message }, details['sent'] !== false);
    const results = sending.map(({ externalId }) => ({
      kind: 'retry' as const,
      externalId,
      code,
      message,
    }));
    return recordResults(tx, sending, results);
  });
}
