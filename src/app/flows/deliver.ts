import { setTimeout as delay } from 'node:timers/promises';
import type { TenantTx } from '../../db/store.ts';
import { hasOpenConflicts } from '../../delivery/conflicts.ts';
import { endConnection } from '../../delivery/end-connection.ts';
import { nextDue, recoverLost } from '../../delivery/dispatch.ts';
import type { Target } from '../../delivery/target.ts';
import { waitsForParent } from '../../delivery/parent-rows.ts';
import { completePlans } from '../../delivery/move-plans.ts';
import { getConnection, isLive, noteLogin } from '../../intake/connections.ts';
import {
  AuthExpired,
  HubError,
  messageOf,
  RateLimited,
  RemoteUnavailable,
  StaleError,
  StoreUnavailable,
} from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { repeatedTx } from '../leased-tx.ts';
import { pacedSession } from '../paced-session.ts';
import { createPacing, type Lane } from '../pacing.ts';
import { readBackDue } from '../read-back-intents.ts';
import { deliverWork, request } from '../request.ts';
import { watchTarget } from '../watch-target.ts';
import { lookAtConflicts } from '../look-at-conflicts.ts';
import type { Delivery } from '../delivery-target.ts';
import { leaseSecondsOf, sendDue } from '../send-intents.ts';
import { connectorOf } from '../connector-of.ts';
import { isWritable } from '../wake-delivery.ts';

const SLICE_MS = 20_000;
/** While another object of the same parent is being written. */
const PARENT_WAIT_MS = 100;
/** Writes in a row without an answer that end a turn. */
const GIVES_UP_AFTER = 2;
/** Any part of this, and of twice as much after each failure, is a system left alone that does not answer. */
const FIRST_WAIT_S = 15;
const LONGEST_WAIT_S = 60;
/** While no retry is left of its budget, or where it asks to wait and does not say for how long. */
const WAIT_SPENT_S = 60;
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
    const lane = laneOf(deps, context, target);
    lane.requireOpen();
    const open = await deps.sessions.of(context.tenantId, target.connection);
    const session = pacedSession(open, lane, delivery.oneByOne);
    const butOf = await watchTarget(delivery, session);
    await lookAtConflicts(delivery, session);
    await work({ ...delivery, butOf }, session, lane);
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
  return repeatedTx(deps, context, async (tx) => {
    const connection = await getConnection(tx, target.connection);
    await recoverLost(tx, target);
    if (!isWritable(connection)) {
      // Planned by who did not know yet that it was removed.
      if (!isLive(connection)) await endConnection(tx, connection.id);
      await completePlans(tx);
      if (!isLive(connection)) return null;
      await again(deps, tx, target, WAIT_CLOSED_S);
      return null;
    }
    const { writers, shows = [], limits } = connectorOf(deps.registry, connection.connector);
    const writer = writers.find((each) => each.object === target.object);
    const shown = shows.find((each) => each.object === target.object);
    return {
      deps,
      context,
      target,
      batch: writer?.batch ?? shown?.batch ?? 1,
      partFields: writer?.partFields ?? [],
      byState: writer?.intentField === null || shown !== undefined,
      oneByOne: (writer ?? shown)?.oneByOne === true,
      parents: Object.fromEntries(
        writers.flatMap(({ object, parentField }) =>
          parentField === undefined ? [] : [[object, parentField]],
        ),
      ),
      leaseSeconds: leaseSecondsOf(limits),
    };
  });
}

async function work(delivery: Delivery, session: ConnectorSession, lane: Lane): Promise<void> {
  const { context } = delivery;
  const ends = Date.now() + SLICE_MS;
  let busy = true;
  let lost = 0;
  while (busy && Date.now() < ends && !context.signal.aborted) {
    const turn = { ...delivery, batch: lane.width(delivery.batch) };
    const settled = await readBackDue(turn, session);
    const sent = await sendDue(turn, session);
    // A system that shows its records and saves none is no better than one that is away.
    if (sent > 0) lost = lane.failures() > 0 ? lost + lane.failures() : 0;
    if (lost >= GIVES_UP_AFTER) throw noAnswer(delivery.target);
    busy = settled + sent > 0 || (await waitedForParent(turn));
  }
}

/** Waits a moment for a write under the same parent; false where nothing waits for one. */
async function waitedForParent({ deps, context, target, parents }: Delivery): Promise<boolean> {
  if (!(target.object in parents)) return false;
  const waits = await deps.store.readTenant(context.tenantId, (tx) =>
    waitsForParent(tx, target, parents),
  );
  if (waits) await delay(PARENT_WAIT_MS * (0.5 + Math.random()), undefined, { signal: context.signal }).catch(() => undefined); // prettier-ignore
  return waits;
}

function noAnswer({ connection }: Target): RemoteUnavailable {
  return new RemoteUnavailable(
    `The system behind "${connection}" gave no answer several times in a row. It is asked again later.`,
  );
}

/** Plans that are complete now become applied; what is still open gets its next turn. */
function end({ deps, context, target, butOf = [] }: Delivery): Promise<void> {
  return repeatedTx(deps, context, async (tx) => {
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
  const seconds = waitAfter(error, laneOf(deps, context, target));
  await repeatedTx(deps, context, async (tx) => {
    if (error instanceof AuthExpired) await noteLogin(tx, target.connection, 'refused');
    await again(deps, tx, target, seconds);
  });
}

/** How the connection of a target is asked; reads of it in this process share the lane. */
function laneOf(deps: Deps, { tenantId }: JobContext, { connection }: Target): Lane {
  return (deps.pacing ?? createPacing()).lane(tenantId, connection);
}

/**
 * Seconds until the next turn. Never before the other system's own wait is over, or before its breaker lets one probe; else
 * a random part of a wait that doubles with each failure, and a full one while the budget of retries is spent.
 */
function waitAfter(error: unknown, lane: Lane): number {
  const chance = lane.random();
  const named = comeBack(error);
  if (named !== null) return Math.max(1, (named - lane.now()) / 1000) + chance;
  if (error instanceof RateLimited || !lane.mayRetry()) return WAIT_SPENT_S * (1 + chance);
  const most = FIRST_WAIT_S * 2 ** Math.max(0, lane.failures() - 1);
  return Math.max(1, Math.min(LONGEST_WAIT_S, most) * chance);
}

/** The instant that a failure names, in milliseconds: the vendor's own, or that of our breaker. */
function comeBack(error: unknown): number | null {
  if (error instanceof RateLimited) return error.retryAt?.getTime() ?? null;
  const probe = error instanceof HubError ? error.details['retryAt'] : undefined;
  return typeof probe === 'number' ? probe : null;
}

async function again(deps: Deps, tx: TenantTx, target: Target, seconds: number): Promise<void> {
  const notBefore = new Date((await tx.clock()).getTime() + seconds * 1000);
  await request(deps, tx, [{ ...deliverWork(target), notBefore }]);
}
