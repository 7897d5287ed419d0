import type { TenantTx } from '../../db/store.ts';
import { hasOpenConflicts } from '../../delivery/conflicts.ts';
import { nextDue, recoverLost, type Target } from '../../delivery/dispatch.ts';
import { completePlans } from '../../delivery/plans.ts';
import { getConnection, noteLogin } from '../../intake/connections.ts';
import {
  AuthExpired,
  HubError,
  messageOf,
  RateLimited,
  StaleError,
  StoreUnavailable,
} from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { leasedTx } from '../leased-tx.ts';
import { readBackDue } from '../read-back-intents.ts';
import { deliverWork, request } from '../request.ts';
import { watchTarget } from '../watch-target.ts';
import { lookAtConflicts } from '../look-at-conflicts.ts';
import type { Delivery } from '../delivery-target.ts';
import { leaseSecondsOf, sendDue } from '../send-intents.ts';
import { connectorOf } from '../connector-of.ts';
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
  try {
    const delivery = await begin(deps, context, target);
    if (delivery === null) return;
    const session = await deps.sessions.of(context.tenantId, target.connection);
    const butOf = await watchTarget(delivery, session);
    await lookAtConflicts(delivery, session);
    await work({ ...delivery, butOf }, session);
    await end({ ...delivery, butOf });
  } catch (error) {
    if (isOurs(error)) throw error;
    await postpone({ deps, context, target }, error);
  }
}

/** Not the other system's doing: the work is tried again. */
function isOurs(error: unknown): boolean {
  return error instanceof StaleError || error instanceof StoreUnavailable;
}

/** Null when the connection may not be written: its intents wait where they are. */
function begin(deps: Deps, context: JobContext, target: Target): Promise<Delivery | null> {
  return leasedTx(deps, context, async (tx) => {
    const connection = await getConnection(tx, target.connection);
    await recoverLost(tx, target);
    if (!isWritable(connection)) {
      await completePlans(tx);
      await again(deps, tx, target, WAIT_CLOSED_S);
      return null;
    }
    const { writers, limits } = connectorOf(deps.registry, connection.connector);
    const writer = writers.find((each) => each.object === target.object);
    return {
      deps,
      context,
      target,
      batch: writer?.batch ?? 1,
      partFields: writer?.partFields ?? [],
      leaseSeconds: leaseSecondsOf(limits),
    };
  });
}

async function work(delivery: Delivery, session: ConnectorSession): Promise<void> {
  const { context } = delivery;
  const ends = Date.now() + SLICE_MS;
  let busy = true;
  while (busy && Date.now() < ends && !context.signal.aborted) {
    const settled = await readBackDue(delivery, session);
    const sent = await sendDue(delivery, session);
    busy = settled + sent > 0;
  }
}

/** Plans that are complete now become applied; what is still open gets its next turn. */
function end({ deps, context, target, butOf = [] }: Delivery): Promise<void> {
  return leasedTx(deps, context, async (tx) => {
    await completePlans(tx);
    const due = await nextDue(tx, target, butOf);
    const waits = butOf.length > 0 || (await hasOpenConflicts(tx, target));
    if (due === null && waits) await again(deps, tx, target, WAIT_CLOSED_S);
    if (due !== null) await request(deps, tx, [{ ...deliverWork(target), notBefore: due }]);
  });
}

/**
 * The system did not answer, gave something that nobody foresaw, or wants us to wait or to sign in again: the intents
 * stay open and are tried later.
 */
async function postpone(
  { deps, context, target }: Pick<Delivery, 'deps' | 'context' | 'target'>,
  error: unknown,
): Promise<void> {
  const code = error instanceof HubError ? error.code : 'unexpected';
  const reason = messageOf(error);
  deps.logger.warn('A connected system could not be written', { ...target, code, reason });
  const retryAt = error instanceof RateLimited ? error.retryAt : undefined;
  const named = retryAt === undefined ? 0 : (retryAt.getTime() - Date.now()) / 1000;
  await leasedTx(deps, context, async (tx) => {
    if (error instanceof AuthExpired) await noteLogin(tx, target.connection, 'refused');
    await again(deps, tx, target, Math.max(WAIT_FAILED_S, named));
  });
}

async function again(deps: Deps, tx: TenantTx, target: Target, seconds: number): Promise<void> {
  const notBefore = new Date((await tx.clock()).getTime() + seconds * 1000);
  await request(deps, tx, [{ ...deliverWork(target), notBefore }]);
}
