import type { TenantTx } from '../../db/store.ts';
import { compareReadBack } from '../../delivery/compare-read-back.ts';
import {
  dueForReadBack,
  intentIdsOf,
  leasePlanned,
  markSent,
  markUnknown,
  nextDue,
  recordResults,
  recoverLost,
  releaseUnsent,
  settle,
  type LeasedIntent,
  type Target,
} from '../../delivery/dispatch.ts';
import { completePlans } from '../../delivery/plans.ts';
import { getConnection, updateConnection } from '../../intake/connections.ts';
import { AuthExpired, HubError, messageOf, RateLimited, StaleError, StoreUnavailable } from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, request } from '../request.ts';
import { connectorOf } from '../sessions.ts';
import { isWritable } from '../wake-delivery.ts';

const SLICE_MS = 20_000;
/** How long a system that does not answer is left alone. Open intents never run out of attempts. */
const WAIT_FAILED_S = 15;
/** While a connection is closed for writing its intents wait; opening it wakes them. */
const WAIT_CLOSED_S = 300;

/**
 * Sends the open intents of one object of one connection, batch by batch, reads every one back, and settles it.
 * `SENT` is committed before the socket is written; an answer that got lost is settled by reading back, never by
 * sending again blind (rule 6). Plans whose every intent is settled become applied.
 */
export async function deliver(deps: Deps, context: JobContext, target: Target): Promise<void> {
  const delivery = createDelivery(deps, context, target);
  const open = await delivery.begin();
  if (!open) return;
  try {
    const session = await deps.sessions.of(context.tenantId, target.connection);
    const ends = Date.now() + SLICE_MS;
    let busy = true;
    while (busy && Date.now() < ends && !context.signal.aborted) {
      const settled = await delivery.readBackDue(session);
      const sent = await delivery.sendDue(session);
      busy = settled + sent > 0;
    }
    await delivery.end();
  } catch (error) {
    if (!(error instanceof HubError) || error instanceof StaleError || error instanceof StoreUnavailable) throw error;
    await delivery.postpone(error);
  }
}

function createDelivery(deps: Deps, context: JobContext, target: Target) {
  const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
    deps.store.withTenant(context.tenantId, async (tx) => {
      await context.hold(tx);
      return fn(tx);
    });

  const batchSize = async (): Promise<number> => {
    const connection = await deps.store.readTenant(context.tenantId, (tx) => getConnection(tx, target.connection));
    const writer = connectorOf(deps.registry, connection.connector).writers.find((each) => each.object === target.object);
    return writer?.batch ?? 1;
  };

  const again = async (tx: TenantTx, seconds: number): Promise<void> => {
    const notBefore = new Date((await tx.clock()).getTime() + seconds * 1000);
    await request(deps, tx, [{ ...deliverWork(target), notBefore }]);
  };

  /** False when the connection may not be written: its intents wait where they are. */
  const begin = (): Promise<boolean> =>
    inTx(async (tx) => {
      const connection = await getConnection(tx, target.connection);
      await recoverLost(tx, target);
      if (isWritable(connection)) return true;
      await again(tx, WAIT_CLOSED_S);
      return false;
    });

  const readBack = async (session: ConnectorSession, intents: readonly LeasedIntent[]): Promise<void> => {
    const externalIds = [...new Set(intents.map((intent) => intent.externalId))];
    const records = new Map((await session.readBack(target.object, externalIds)).map((record) => [record.externalId, record]));
    await inTx(async (tx) => {
      const known = await intentIdsOf(tx, externalIds);
      const verdicts = intents.map((intent) => ({
        intent,
        verdict: compareReadBack(intent, records.get(intent.externalId), known.get(intent.externalId) ?? new Set()),
      }));
      await settle(tx, verdicts);
    });
  };

  const readBackDue = async (session: ConnectorSession): Promise<number> => {
    const due = await deps.store.readTenant(context.tenantId, async (tx) => dueForReadBack(tx, target, await batchSize()));
    if (due.length > 0) await readBack(session, due);
    return due.length;
  };

  const send = async (session: ConnectorSession, leased: readonly LeasedIntent[]): Promise<void> => {
    const sending = await inTx((tx) => markSent(tx, leased));
    if (sending.length === 0) return;
    const requests = sending.map((intent) => ({
      externalId: intent.externalId,
      intentId: intent.id,
      vendorId: intent.vendorId,
      fields: intent.payload,
    }));
    try {
      const results = await session.write(target.object, requests);
      await inTx((tx) => recordResults(tx, sending, results));
    } catch (error) {
      await giveUp(sending, error);
    }
  };

  /** A throttled or unauthenticated call was refused before it did anything; any other failure leaves us not knowing. */
  const giveUp = async (sending: readonly LeasedIntent[], error: unknown): Promise<void> => {
    const code = error instanceof HubError ? error.code : 'unexpected';
    const refused = error instanceof RateLimited || error instanceof AuthExpired;
    const results = sending.map((intent) => ({ kind: 'retry' as const, externalId: intent.externalId, code, message: messageOf(error) }));
    await inTx(async (tx) => {
      if (refused) await recordResults(tx, sending, results);
      else await markUnknown(tx, sending, { code, message: messageOf(error) });
    });
    throw error;
  };

  const sendDue = async (session: ConnectorSession): Promise<number> => {
    const leased = await inTx(async (tx) => leasePlanned(tx, target, await batchSize()));
    if (leased.length === 0) return 0;
    if (context.signal.aborted) {
      await inTx((tx) => releaseUnsent(tx, leased, 0));
      return 0;
    }
    await send(session, leased);
    return leased.length;
  };

  /** Plans that are complete now become applied; what is still open gets its next turn. */
  const end = (): Promise<void> =>
    inTx(async (tx) => {
      await completePlans(tx);
      const due = await nextDue(tx, target);
      if (due !== null) await request(deps, tx, [{ ...deliverWork(target), notBefore: due }]);
    });

  /** The system did not answer, or wants us to wait or to sign in again: the intents stay open and are tried later. */
  const postpone = async (error: HubError): Promise<void> => {
    deps.logger.warn('A connected system could not be written', { ...target, code: error.code, reason: error.message });
    await inTx(async (tx) => {
      if (error instanceof AuthExpired) await updateConnection(tx, target.connection, { status: 'reauth_required' });
      const named = error instanceof RateLimited && error.retryAt !== undefined ? (error.retryAt.getTime() - Date.now()) / 1000 : 0;
      await again(tx, Math.max(WAIT_FAILED_S, named));
    });
  };

  return { begin, readBackDue, sendDue, end, postpone };
}
