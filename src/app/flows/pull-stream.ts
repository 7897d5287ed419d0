import {
  beginReading,
  certifiedUpTo,
  failStream,
  freezeWindow,
  streamState,
  type StreamState,
} from '../../intake/checkpoints.ts';
import { noteLogin } from '../../intake/connections.ts';
import { AuthExpired, HubError, StaleError, StoreUnavailable } from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext, PullStreamPayload } from '../../sdk/flows.ts';
import type { Page, PageToken } from '../../sdk/record.ts';
import { certifyStream } from '../certify-stream.ts';
import type { Deps } from '../deps.ts';
import { leasedTx } from '../leased-tx.ts';
import { request } from '../request.ts';
import {
  countLanded,
  endRunIfDone,
  landAndMap,
  lookUp,
  readSource,
  stateNow,
  type StreamPull,
} from '../stream-pull.ts';

/** After this long a pull hands its turn on, so that one large stream does not hold a worker for an hour. */
const SLICE_MS = 20_000;

/**
 * Reads one stream of a run: freezes the window, lands page after page with its checkpoint, then certifies what was
 * read against the source's own count (contract §4). Started twice, it goes on where it stood.
 */
export async function pullStream(
  deps: Deps,
  context: JobContext,
  payload: PullStreamPayload,
): Promise<void> {
  const pull: StreamPull = { deps, context, ...payload };
  const state = await lookUp(pull, (tx) => streamState(tx, payload.runId, payload.stream));
  if (state === null || state.status === 'succeeded' || state.status === 'failed') return;
  try {
    const session = await deps.sessions.of(context.tenantId, state.connection);
    await freeze(pull, session, state);
    if (await readPages(pull, session)) await certifyStream(pull, session);
  } catch (error) {
    if (!(error instanceof HubError) || isOurs(error) || context.signal.aborted) throw error;
    await failPull(pull, state.connection, error);
  }
}

/** Not the source's doing: the work is tried again, and the stream has not failed. */
function isOurs(error: HubError): boolean {
  return error instanceof StaleError || error instanceof StoreUnavailable;
}

async function freeze(
  pull: StreamPull,
  session: ConnectorSession,
  state: StreamState,
): Promise<void> {
  if (state.window !== null) return;
  const { deps, context, runId, stream } = pull;
  const since = state.full
    ? null
    : await lookUp(pull, (tx) => certifiedUpTo(tx, state.connection, stream));
  await leasedTx(deps, context, (tx) => beginReading(tx, runId, stream));
  const window = await readSource(pull, () => session.openWindow(stream, since));
  await leasedTx(deps, context, (tx) => freezeWindow(tx, runId, stream, window));
}

/** True when the last page has landed; false when the turn was handed on. */
async function readPages(pull: StreamPull, session: ConnectorSession): Promise<boolean> {
  const { deps, context, runId, stream } = pull;
  const ends = Date.now() + SLICE_MS;
  const { connection, window, ...start } = await stateNow(pull);
  if (start.status === 'read') return true;
  const ask = (after: PageToken | null): Promise<Page> => {
    const asked = readSource(pull, () => session.readPage(stream, window, after));
    // Should landing fail first, nobody waits for this answer any more; it is asked for again.
    asked.catch(() => undefined);
    return asked;
  };
  let upcoming: Promise<Page> | null = ask(start.token);
  for (let pageNumber = start.pages; upcoming !== null; pageNumber += 1) {
    const page: Page = await upcoming;
    const handsOn = page.next !== null && Date.now() >= ends;
    // The source works on the next page while this one lands.
    upcoming = page.next === null || handsOn ? null : ask(page.next);
    const place = { connection, pageNumber };
    const next = { job: 'pull', key: `${runId}/${stream}`, payload: { runId, stream } };
    const landed = await leasedTx(deps, context, async (tx) => {
      const inTx = await landAndMap(tx, pull, place, page);
      if (handsOn) await request(deps, tx, [next]);
      return inTx;
    });
    countLanded(pull, landed);
    if (handsOn) return false;
  }
  return true;
}

async function failPull(pull: StreamPull, connection: string, error: HubError): Promise<void> {
  const { deps, context, runId, stream } = pull;
  await leasedTx(deps, context, async (tx) => {
    await failStream(tx, runId, stream, { code: error.code, message: error.message });
    if (error instanceof AuthExpired) await noteLogin(tx, connection, 'refused');
    await endRunIfDone(tx, pull, connection);
  });
}
