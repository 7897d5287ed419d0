import type { TenantTx } from '../../db/store.ts';
import { judge, type Certificate } from '../../intake/certificate.ts';
import {
  certifiedUpTo,
  endStream,
  failStream,
  freezeWindow,
  readIds,
  streamState,
  unreadIds,
  type StreamState,
} from '../../intake/checkpoints.ts';
import { updateConnection } from '../../intake/connections.ts';
import { landPage } from '../../intake/landing.ts';
import { finishRunIfDone } from '../../intake/runs.ts';
import { AuthExpired, HubError, StaleError, StoreUnavailable } from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext, PullStreamPayload } from '../../sdk/flows.ts';
import type { Page, ReadWindow, SourceRecord } from '../../sdk/record.ts';
import type { Deps } from '../deps.ts';
import { followRun } from '../follow-ups.ts';
import { mapWork, request } from '../request.ts';
import { retryReads } from '../retry-reads.ts';

/** After this long a pull hands its turn on, so that one large stream does not hold a worker for an hour. */
const SLICE_MS = 20_000;
const READ_AGAIN_AT_ONCE = 200;

/**
 * Reads one stream of a run: freezes the window, lands page after page with its checkpoint, then certifies what was
 * read against the source's own count (contract §4). Started twice, it goes on where it stood.
 */
export async function pullStream(deps: Deps, context: JobContext, payload: PullStreamPayload): Promise<void> {
  const state = await deps.store.readTenant(context.tenantId, (tx) => streamState(tx, payload.runId, payload.stream));
  if (state === null || state.status === 'succeeded' || state.status === 'failed') return;
  const pull = createPull(deps, context, payload);
  try {
    const session = await deps.sessions.of(context.tenantId, state.connection);
    const done = await pull.readPages(session, state);
    if (done) await pull.certify(session);
  } catch (error) {
    if (!(error instanceof HubError) || isOurs(error) || context.signal.aborted) throw error;
    await pull.fail(state.connection, error);
  }
}

/** Not the source's doing: the work is tried again, and the stream has not failed. */
function isOurs(error: HubError): boolean {
  return error instanceof StaleError || error instanceof StoreUnavailable;
}

function createPull(deps: Deps, context: JobContext, payload: PullStreamPayload) {
  const { runId, stream } = payload;
  const read = <T>(fn: () => Promise<T>): Promise<T> => retryReads(fn, context.signal);
  const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
    deps.store.withTenant(context.tenantId, async (tx) => {
      await context.hold(tx);
      return fn(tx);
    });
  const current = async (): Promise<StreamState & { readonly window: ReadWindow }> => {
    const state = await deps.store.readTenant(context.tenantId, (tx) => streamState(tx, runId, stream));
    if (state?.window === null || state === null) throw new StaleError(`The read of ${stream} in ${runId} is gone.`);
    return { ...state, window: state.window };
  };

  const freeze = async (session: ConnectorSession, state: StreamState): Promise<void> => {
    if (state.window !== null) return;
    const since = state.full ? null : await deps.store.readTenant(context.tenantId, (tx) => certifiedUpTo(tx, state.connection, stream));
    const window = await read(() => session.openWindow(stream, since));
    await inTx((tx) => freezeWindow(tx, runId, stream, window));
  };

  const land = (state: StreamState, page: Page, pageNumber: number, goOn: boolean): Promise<void> =>
    inTx(async (tx) => {
      const landed = await landPage(tx, { runId, connection: state.connection, stream, pageNumber }, page);
      if (landed.changed) await request(deps, tx, [mapWork(runId, stream, pageNumber)]);
      if (goOn) await request(deps, tx, [{ job: 'pull', key: `${runId}/${stream}`, payload: { runId, stream } }]);
    });

  /** True when the last page has landed; false when the turn was handed on. */
  const readPages = async (session: ConnectorSession, first: StreamState): Promise<boolean> => {
    await freeze(session, first);
    const ends = Date.now() + SLICE_MS;
    let { token, pages, status, window, ...rest } = await current();
    while (status !== 'read') {
      const page = await read(() => session.readPage(stream, window, token));
      const goOn = page.next !== null && Date.now() >= ends;
      await land({ ...rest, token, pages, status, window }, page, pages, goOn);
      if (goOn) return false;
      pages += 1;
      token = page.next;
      status = page.next === null ? 'read' : 'reading';
    }
    return true;
  };

  const readAgain = async (session: ConnectorSession, ids: readonly string[]): Promise<SourceRecord[]> => {
    const found: SourceRecord[] = [];
    for (let at = 0; at < ids.length; at += READ_AGAIN_AT_ONCE) {
      found.push(...(await read(() => session.readByIds(stream, ids.slice(at, at + READ_AGAIN_AT_ONCE)))));
    }
    return found;
  };

  const judged = async (session: ConnectorSession, window: ReadWindow): Promise<{ certificate: Certificate; reread: SourceRecord[] }> => {
    const sourceCount = await read(() => session.countWindow(stream, window));
    const landedIds = await deps.store.readTenant(context.tenantId, (tx) => readIds(tx, runId, stream));
    if (sourceCount === null || sourceCount === landedIds.size) {
      return { certificate: judge({ stream, window, sourceCount, landedIds, sourceIds: null, reread: [] }), reread: [] };
    }
    const sourceIds = await read(() => session.listIds(stream, window));
    const listed = new Set(sourceIds ?? []);
    const reread = sourceIds === null ? [] : await readAgain(session, [...landedIds].filter((id) => !listed.has(id)));
    return { certificate: judge({ stream, window, sourceCount, landedIds, sourceIds, reread }), reread };
  };

  /** What a full read did not meet and what left the window: landed as one more page, as the source has it now. */
  const landExtras = async (session: ConnectorSession, certificate: Certificate, reread: readonly SourceRecord[]): Promise<void> => {
    const state = await current();
    const unread =
      state.window.mode === 'full' && certificate.closed === true
        ? await deps.store.readTenant(context.tenantId, (tx) => unreadIds(tx, runId, state.connection, stream))
        : [];
    const records = [...reread, ...(await readAgain(session, unread))];
    if (records.length > 0) await land(state, { records, unreadable: [], next: null }, state.pages, false);
  };

  const finish = async (tx: TenantTx, connection: string): Promise<void> => {
    if (await finishRunIfDone(tx, runId)) await followRun(deps, tx, { id: runId, connection });
  };

  const certify = async (session: ConnectorSession): Promise<void> => {
    const { certificate, reread } = await judged(session, (await current()).window);
    await landExtras(session, certificate, reread);
    const state = await current();
    await inTx(async (tx) => {
      await endStream(tx, state, certificate);
      await finish(tx, state.connection);
    });
  };

  const fail = (connection: string, error: HubError): Promise<void> =>
    inTx(async (tx) => {
      await failStream(tx, runId, stream, { code: error.code, message: error.message });
      if (error instanceof AuthExpired) await updateConnection(tx, connection, { status: 'reauth_required' });
      await finish(tx, connection);
    });

  return { readPages, certify, fail };
}
