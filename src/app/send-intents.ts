import type { TenantTx } from '../db/store.ts';
import { isReconciling } from '../delivery/doubted-intents.ts';
import {
  leasePlanned,
  markSent,
  markUnknown,
  recordResults,
  releaseUnsent,
  type LeasedIntent,
} from '../delivery/dispatch.ts';
import { keepHeld } from '../delivery/held-state.ts';
import { putOffRefused } from '../delivery/settle-intents.ts';
import { passGate } from '../delivery/send-gate.ts';
import { fieldsToSend } from '../delivery/three-way.ts';
import { getConnection } from '../intake/connections.ts';
import { AuthExpired, HubError, messageOf, RateLimited } from '../kernel/errors.ts';
import { killPoint } from '../kernel/kill-point.ts';
import type { ConnectorLimits, ConnectorSession } from '../sdk/define-connector.ts';
import type { AsRead, ReadBackRecord, WriteResult } from '../sdk/write.ts';
import { decideFields, heldFor } from './decide-fields.ts';
import type { Delivery } from './delivery-target.ts';
import { keepBefore, readPresent } from './keep-before.ts';
import { repeatedTx } from './leased-tx.ts';
import { passModes } from './mode-gate.ts';
import { comeBackAt } from './paced-session.ts';
import { isWritable } from './wake-delivery.ts';
import { kindOf } from './write-kind.ts';

const LEASE_MARGIN_S = 30;

/** Until when a write may be on its way: its last call starts within one timeout and lasts for another at most. */
export function leaseSecondsOf({ timeoutMs }: Pick<ConnectorLimits, 'timeoutMs'>): number {
  return (2 * timeoutMs) / 1000 + LEASE_MARGIN_S;
}

/** A write begins within so long after SENT was committed, or not at all: well before its work's lease ends. */
const BEGINS_WITHIN_MS = 10_000;

/**
 * Says whether it is too late to begin a call: a process that was paused between its commit and the socket must not write
 * once others may have taken over, though it holds a fence that nobody asks for at the vendor's (F-59). Asked of both
 * clocks, because one stands still while the machine sleeps and the other jumps: to be late by mistake costs a read-back.
 */
function lateFromNow(): () => boolean {
  const [ran, wall] = [performance.now(), Date.now()];
  return () =>
    performance.now() - ran > BEGINS_WITHIN_MS || Math.abs(Date.now() - wall) > BEGINS_WITHIN_MS;
}

/** Nothing of it left: what others made of it meanwhile stands, and the rest is read back and planned again. */
async function overslept(
  { deps, context }: Delivery,
  sending: readonly LeasedIntent[],
): Promise<void> {
  const error = { code: 'overslept', message: 'The worker slept past the time for its call.' };
  await repeatedTx(deps, context, (tx) => markUnknown(tx, sending, error, false));
}

/**
 * Sends one batch of what is due; returns how many intents it took up, none if the connection was closed for writing
 * meanwhile: taken up again at once they would only be given back again. `SENT` is committed before the socket is
 * written. Throws what the vendor call threw, or that the login no longer works, after the intents were marked by what
 * is known of them.
 */
export async function sendDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const { deps, context, target, batch, leaseSeconds, parents, butOf = [] } = delivery;
  const { taken, leased } = await repeatedTx(deps, context, async (tx) => {
    if (await isReconciling(tx, target)) return { taken: 0, leased: [] };
    const due = await leasePlanned(tx, target, { batch, leaseSeconds, butOf, parents });
    return { taken: due.length, leased: await passModes(tx, due) };
  });
  if (leased.length === 0) return taken;
  await killPoint('push.leased', () => kindOf(target.object, leased));
  if (context.signal.aborted) {
    await repeatedTx(deps, context, (tx) => releaseUnsent(tx, leased, 0));
    return 0;
  }
  const present = await readPresent(delivery, session, leased).catch(async (error: unknown) => {
    await repeatedTx(deps, context, (tx) => releaseUnsent(tx, leased, 0));
    throw error;
  });
  const { held, refused, unasked } = present;
  if (refused.size > 0) await repeatedTx(deps, context, (tx) => putOffRefused(tx, present));
  const unread = new Set([...refused.keys(), ...unasked]);
  const readable = leased.filter((intent) => !unread.has(intent));
  await keepBefore(delivery, held, readable);
  const decided = await decideFields(delivery, held, readable);
  if (delivery.byState) await keepState(delivery, held, readable);
  const isLate = lateFromNow();
  const sending = await letOut(delivery, decided);
  if (sending === null) return 0;
  await killPoint('push.intent_saved', () => kindOf(target.object, sending));
  if (isLate()) await overslept(delivery, sending);
  else if (sending.length > 0) await send(delivery, session, sending, held);
  return taken;
}

/**
 * Commits `SENT` for what may still go: a mode that was set or a connection that was closed since the lease holds for it too.
 * Null if the connection was closed: all was given back.
 * The gate comes before the lease of the work, as with those who close it.
 */
function letOut(
  { deps, context, target, leaseSeconds }: Delivery,
  decided: readonly LeasedIntent[],
): Promise<readonly LeasedIntent[] | null> {
  const commit = async (tx: TenantTx): Promise<readonly LeasedIntent[] | null> => {
    await passGate(tx);
    await context.hold(tx);
    if (isWritable(await getConnection(tx, target.connection)))
      return markSent(tx, await passModes(tx, decided), leaseSeconds);
    await releaseUnsent(tx, decided, 0);
    return null;
  };
  return deps.store.withTenant(context.tenantId, commit, { retry: true });
}

async function send(
  delivery: Delivery,
  session: ConnectorSession,
  sending: readonly LeasedIntent[],
  held: readonly ReadBackRecord[],
): Promise<void> {
  const { deps, context, target } = delivery;
  const requests = sending.map((intent) => ({
    externalId: intent.externalId,
    intentId: intent.id,
    vendorId: intent.vendorId,
    fields: fieldsToSend(intent.payload, intent.decided),
    asRead: asRead(intent, held),
    attempt: intent.attempts,
  }));
  const kind = (): string => kindOf(target.object, sending);
  const answer = session.write(target.object, requests);
  await killPoint('push.sent', kind);
  const results = await answer.catch(async (error: unknown) => {
    await giveUp(delivery, sending, error);
    throw error;
  });
  await killPoint('push.responded', kind);
  await repeatedTx(deps, context, (tx) => recordResults(tx, sending, results));
  await killPoint('push.recorded', kind);
  const signedOut = results.find(isSignedOut);
  if (signedOut !== undefined) throw new AuthExpired(signedOut.message);
  const until = comeBackAt(results);
  if (until !== null)
    throw new RateLimited(
      `The system behind "${target.connection}" asked us to come back at ${until.toISOString()}. What it did not take waits until then.`,
      { retryAt: until },
    );
}

/** The record as the fields were decided from it; null where it is not there, or was not looked for. */
function asRead(intent: LeasedIntent, held: readonly ReadBackRecord[]): AsRead | null {
  const record = heldFor(intent, held);
  if (record === undefined) return null;
  const { vendorId, changedAt = null, version = null } = record;
  return { vendorId, changedAt, version };
}

/** What is written over where nothing else would tell an answer that was lost from a call that never landed. */
async function keepState(
  { deps, context }: Delivery,
  held: readonly ReadBackRecord[],
  leased: readonly LeasedIntent[],
): Promise<void> {
  const seen = leased.flatMap((intent) => {
    const record = heldFor(intent, held);
    return record === undefined ? [] : [{ intent, record }];
  });
  await repeatedTx(deps, context, (tx) => keepHeld(tx, seen));
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
  await repeatedTx(deps, context, (tx) => {
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
