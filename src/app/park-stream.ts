import type { TenantTx } from '../db/store.ts';
import { failStream } from '../intake/stream-end.ts';
import { noteLogin, type Connection } from '../intake/connections.ts';
import type { StreamState } from '../intake/checkpoints.ts';
import { parkedStreams, parkStream, waitsForCredentials } from '../intake/parked-streams.ts';
import { AuthExpired, RateLimited, RemoteUnavailable, type HubError } from '../kernel/errors.ts';
import type { Deps } from './deps.ts';
import { leasedTx } from './leased-tx.ts';
import { pullWork, request } from './request.ts';
import { endRunIfDone, stateOf, type StreamPull } from './stream-pull.ts';

/** The first wait of a read whose source names none, in milliseconds; doubled each time in a row. */
const FIRST_PARK_MS = 15_000;
const LONGEST_PARK_MS = 300_000;
/** No vendor's daily limit lasts longer; a later time is a mistake of somebody's clock. */
const LONGEST_NAMED_MS = 24 * 3_600_000;
/** Parks in a row without one page between: about three quarters of an hour of waits of our own. */
const MOST_PARKS = 12;
/** With waits that the vendor names. */
const MOST_NAMED_PARKS = 100;

/**
 * Ends a turn that a failure of the source cut short. What passes parks the stream, which keeps its place and goes on
 * there: refused credentials until they work again, a limit until the time that the vendor names, an outage for a while.
 * It fails where waiting would help nobody: a person's read of a system that is away before the first page came, a
 * source that has been asked in vain often enough, and whatever the source will not do the next time either.
 */
export async function parkOrFail(pull: StreamPull, error: HubError): Promise<void> {
  const { deps, context, runId, stream, connection } = pull;
  const reason = { code: error.code, message: error.message };
  await leasedTx(deps, context, async (tx) => {
    const state = await stateOf(tx, pull);
    if (error instanceof AuthExpired) await noteLogin(tx, connection, 'refused');
    const wait = await waitOf(tx, pull, state, error);
    if (wait === null) await failStream(tx, runId, stream, reason);
    else {
      const resumeAt =
        wait === 'credentials' ? null : new Date((await tx.clock()).getTime() + wait);
      await parkStream(tx, pull, { resumeAt, reason });
      if (resumeAt !== null) {
        await request(deps, tx, [{ ...pullWork(runId, stream), notBefore: resumeAt }]);
      }
    }
    await endRunIfDone(tx, pull);
  });
}

/** Milliseconds to wait, `credentials` until somebody mends them, null to fail. */
async function waitOf(
  tx: TenantTx,
  pull: StreamPull,
  state: StreamState,
  error: HubError,
): Promise<number | 'credentials' | null> {
  if (error instanceof AuthExpired) {
    // What this read would have brought is in the next one, after the one that waits already.
    return (await waitsForCredentials(tx, pull.connection, pull)) ? null : 'credentials';
  }
  const now = pull.deps.clock.now().getTime();
  if (error instanceof RateLimited && error.retryAt !== undefined) {
    if (state.parks >= MOST_NAMED_PARKS) return null;
    return Math.min(Math.max(0, error.retryAt.getTime() - now), LONGEST_NAMED_MS);
  }
  if (!(error instanceof RateLimited || error instanceof RemoteUnavailable)) return null;
  const isAtOnce = error instanceof RemoteUnavailable && state.trigger === 'person';
  if (state.parks >= MOST_PARKS || (isAtOnce && state.pages === 0)) return null;
  const { retryAt } = error.details;
  const breakerMs = typeof retryAt === 'number' ? retryAt - now : 0;
  return Math.max(breakerMs, Math.min(FIRST_PARK_MS * 2 ** state.parks, LONGEST_PARK_MS));
}

/**
 * Takes up what a connection's reads had to leave, now: its credentials or settings changed, or somebody found that it
 * works. The reads of a removed connection end so.
 */
export async function wakeReads(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  { id, status }: Pick<Connection, 'id' | 'status'>,
): Promise<void> {
  if (status === 'paused' || status === 'reauth_required') return;
  const parked = await parkedStreams(tx, id);
  await request(
    deps,
    tx,
    parked.map(({ runId, stream }) => pullWork(runId, stream)),
  );
}
