import { setTimeout as sleep } from 'node:timers/promises';
import { changePlaces, keepChangePlaces, noteListener } from '../../intake/change-checkpoints.ts';
import { liveConnection, noteLogin } from '../../intake/connections.ts';
import type { Hint } from '../../intake/inbox.ts';
import { AuthExpired, messageOf, RemoteRejected } from '../../kernel/errors.ts';
import type { ChangeHint, ReplayPlaces } from '../../sdk/change-events.ts';
import type { Deps } from '../deps.ts';
import { takeHints } from './take-hints.ts';

type ListenDeps = Pick<Deps, 'store' | 'registry' | 'queue' | 'sessions' | 'logger'>;

const ACTOR = 'system:change-events';
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** A connection that held for so long starts again without a pause to speak of. */
const STEADY_MS = 60_000;
/** One that has not broken after so long counts as listening. */
const STANDS_AFTER_MS = 5_000;

/** One connection whose changes are listened to. */
export interface Listened {
  readonly tenantId: string;
  readonly connection: string;
  readonly streams: readonly string[];
}

/**
 * Keeps a batch of hints together with the places after them, and asks for the reads that they need, in one
 * transaction: what we know to have heard is what we act on. Throws what the store throws; the same events come again
 * then, and are known by their ids.
 */
export async function keepChanges(
  deps: Pick<Deps, 'store' | 'registry' | 'queue'>,
  listened: Pick<Listened, 'tenantId' | 'connection'>,
  hints: readonly ChangeHint[],
  replay: ReplayPlaces,
): Promise<void> {
  await deps.store.withTenant(listened.tenantId, async (tx) => {
    const connection = await liveConnection(tx, listened.connection);
    const asked = { source: 'event', actor: ACTOR, hints: hints.map(hintOf) } as const;
    await takeHints(deps, tx, connection, asked);
    await keepChangePlaces(tx, connection.id, replay);
  });
}

function hintOf({ eventId, object, id, kind, echo }: ChangeHint): Hint {
  return { eventId, object, recordId: id, kind, echo, bodyHash: '' };
}

/** Listens to one connection until the signal ends it, and goes on after every break, from the places kept last. */
export async function listenToConnection(
  deps: ListenDeps,
  listened: Listened,
  signal: AbortSignal,
): Promise<void> {
  const logger = deps.logger.child({ tenant: listened.tenantId, connection: listened.connection });
  for (let pause = FIRST_PAUSE_MS; !signal.aborted;) {
    const startedAt = performance.now();
    const error = await brokeOff(deps, listened, signal);
    if (signal.aborted) break;
    if (performance.now() - startedAt > STEADY_MS) pause = FIRST_PAUSE_MS;
    // Asking again soon helps nobody when credentials or rights are missing, and may lock the account.
    if (error instanceof AuthExpired || error instanceof RemoteRejected) pause = LONGEST_PAUSE_MS;
    logger.warn('listening to changes broke off and is tried again', {
      reason: messageOf(error),
      inMs: pause,
    });
    await note(deps, listened, error).catch(() => undefined);
    await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** Listens once; resolves with why it ended. */
async function brokeOff(
  deps: ListenDeps,
  listened: Listened,
  signal: AbortSignal,
): Promise<unknown> {
  const { tenantId, connection, streams } = listened;
  const stands = setTimeout(
    () => void note(deps, listened, null).catch(() => undefined),
    STANDS_AFTER_MS,
  );
  try {
    const session = await deps.sessions.of(tenantId, connection);
    const replay = await deps.store.readTenant(tenantId, (tx) => changePlaces(tx, connection));
    const onHints = (hints: readonly ChangeHint[], places: ReplayPlaces) =>
      keepChanges(deps, listened, hints, places);
    await session.listen?.({ streams, replay, onHints, signal });
    return new Error('The other system ended it.');
  } catch (error) {
    return error;
  } finally {
    clearTimeout(stands);
  }
}

async function note(deps: ListenDeps, listened: Listened, error: unknown): Promise<void> {
  const { tenantId, connection } = listened;
  const isBroken = error !== null;
  await deps.store.withTenant(tenantId, async (tx) => {
    await noteListener(tx, {
      connection,
      state: isBroken ? 'broken' : 'listening',
      reason: isBroken ? messageOf(error) : null,
    });
    if (error instanceof AuthExpired) await noteLogin(tx, connection, 'refused');
  });
}
