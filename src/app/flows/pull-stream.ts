import {
  beginReading,
  carriedOn,
  certifiedUpTo,
  freezeWindow,
  streamState,
  type StreamState,
} from '../../intake/checkpoints.ts';
import { beginTurn, endTurn, unparkStream } from '../../intake/parked-streams.ts';
import { getConnection } from '../../intake/connections.ts';
import { readContents, type ReadPage } from '../../intake/read-contents.ts';
import { settleRunStatus } from '../../intake/runs.ts';
import { HubError, RemoteRejected, StaleError, StoreUnavailable } from '../../kernel/errors.ts';
import { killPoint } from '../../kernel/kill-point.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext, PullStreamPayload } from '../../sdk/flows.ts';
import type { Page, PageToken } from '../../sdk/record.ts';
import { certifyStream, proveByKeys } from '../certify-stream.ts';
import type { Deps } from '../deps.ts';
import { leasedTx } from '../leased-tx.ts';
import { parkOrFail } from '../park-stream.ts';
import { pullWork, request } from '../request.ts';
import { watchSchema, type SchemaWatch } from '../schema-watch.ts';
import { connectorOf } from '../connector-of.ts';
import {
  countLanded,
  landAndMap,
  laneOf,
  lookUp,
  readSource,
  stateNow,
  type StreamPull,
} from '../stream-pull.ts';

/** A page, and where it was made ahead its contents. */
type Asked = Page | ReadPage;

/** After this long a pull hands its turn on, so that one large stream does not hold a worker for an hour. */
const SLICE_MS = 20_000;

/**
 * Reads one stream of a run: freezes the window, lands page after page with its checkpoint, then certifies what was
 * read against the source's own count (contract §4); a run of keys only compares those with what we hold instead.
 * Started twice, it goes on where it stood; what the source cannot give now parks it there.
 */
export async function pullStream(
  deps: Deps,
  context: JobContext,
  payload: PullStreamPayload,
): Promise<void> {
  const state = await deps.store.readTenant(context.tenantId, (tx) =>
    streamState(tx, payload.runId, payload.stream),
  );
  if (state === null || state.status === 'succeeded' || state.status === 'failed') return;
  const pull: StreamPull = { deps, context, ...payload, connection: state.connection };
  try {
    if (state.status === 'parked') await unpark(pull);
    else if (state.trigger === 'person' && state.status === 'waiting') laneOf(pull).askedByPerson();
    const session = await deps.sessions.of(context.tenantId, state.connection, {
      // What a push announces may be a deal that was just won.
      closedWon: state.trigger === 'hook',
    });
    if (state.keysOnly && (await proveByKeys(pull, session, state))) return;
    if (await readOn(pull, session, state)) await certifyStream(pull, session);
  } catch (error) {
    if (!(error instanceof HubError) || isOurs(error) || context.signal.aborted) {
      await endTurnOf(pull);
      throw error;
    }
    await parkOrFail(pull, error);
  }
}

/** Reads until the last page has landed; false when the turn was handed on. */
async function readOn(
  pull: StreamPull,
  session: ConnectorSession,
  state: StreamState,
): Promise<boolean> {
  const schema = await watchSchema(pull, session);
  try {
    await freeze(pull, session, state);
    return await readPages(pull, session, schema);
  } catch (error) {
    if (error instanceof RemoteRejected) await schema.refused();
    throw error;
  }
}

async function unpark(pull: StreamPull): Promise<void> {
  await leasedTx(pull.deps, pull.context, async (tx) => {
    await unparkStream(tx, pull);
    await settleRunStatus(tx, pull.runId);
  });
}

/** A turn that ends with an error did not die: the page's size is not why. Without a store or a lease it stays as it is. */
async function endTurnOf({ deps, context, runId, stream }: StreamPull): Promise<void> {
  await leasedTx(deps, context, (tx) => endTurn(tx, { runId, stream })).catch(() => undefined);
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
  const certified = await lookUp(pull, (tx) => certifiedUpTo(tx, state.connection, stream));
  const since = state.full || state.keysOnly ? null : certified;
  const carried =
    since === null ? null : await lookUp(pull, (tx) => carriedOn(tx, state.connection, stream));
  await leasedTx(deps, context, (tx) => beginReading(tx, runId, stream));
  const window = await readSource(pull, () => session.openWindow(stream, since, carried));
  await leasedTx(deps, context, (tx) => freezeWindow(tx, runId, stream, window, certified));
}

/** True when the last page has landed; false when the turn was handed on. */
async function readPages(
  pull: StreamPull,
  session: ConnectorSession,
  schema: SchemaWatch,
): Promise<boolean> {
  const { deps, context, runId, stream } = pull;
  const ends = Date.now() + SLICE_MS;
  const { window, since, ...start } = await stateNow(pull);
  if (start.status === 'read') return true;
  const limit = await beginTurnOf(pull);
  const options = limit === null ? undefined : { limit };
  const ask = (after: PageToken | null): Promise<Asked> => {
    const page = readSource(pull, () => session.readPage(stream, window, after, options));
    // Made while the page before lands; not where a page is as much as we can hold.
    const asked = limit === null ? page.then(readContents) : page;
    // Should landing fail first, nobody waits for this answer any more; it is asked for again.
    asked.catch(() => undefined);
    return asked;
  };
  let upcoming: Promise<Asked> | null = ask(start.token);
  for (let pageNumber = start.pages; upcoming !== null; pageNumber += 1) {
    const page: Asked = await upcoming;
    await killPoint('pull.fetched');
    await schema.check(page);
    const handsOn: boolean = page.next !== null && Date.now() >= ends;
    const next: PageToken | null = handsOn ? null : page.next;
    let ahead: Promise<Asked> | null = null;
    // The next page is asked for when this one goes to PostgreSQL: earlier, making it ready would hold this one up at
    // every step (a fifth of the throughput). Not where two pages at once may be too much for us.
    const askAhead = (): void => {
      if (next !== null && limit === null) ahead ??= ask(next);
    };
    const landed = await leasedTx(deps, context, async (tx) => {
      const inTx = await landAndMap(tx, pull, { pageNumber, since, window }, page, askAhead);
      if (handsOn) await request(deps, tx, [pullWork(runId, stream)]);
      await killPoint('pull.before_commit');
      return inTx;
    });
    await killPoint('pull.committed');
    countLanded(pull, landed, window.mode === 'full' ? 'full pass' : 'overlap');
    if (handsOn) return false;
    upcoming = next === null ? null : (ahead ?? ask(next));
  }
  return true;
}

/** Begins a turn and says how many records a page may hold, null for the stream's own size. */
async function beginTurnOf(pull: StreamPull): Promise<number | null> {
  const { deps, context, connection, stream } = pull;
  return leasedTx(deps, context, async (tx) => {
    const { connector } = await getConnection(tx, connection);
    const { streams } = connectorOf(deps.registry, connector);
    const { pageSize } = streams.find(({ name }) => name === stream) ?? { pageSize: 1 };
    return await beginTurn(tx, pull, pageSize);
  });
}
