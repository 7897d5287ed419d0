import {
  beginReading,
  certifiedUpTo,
  freezeWindow,
  type StreamState,
} from '../../intake/checkpoints.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import { ask, inTx, land, look, standing, type Pull } from './pull-context.ts';

/** After this long a pull hands its turn on, so that one large stream does not hold a worker for an hour. */
const SLICE_MS = 20_000;

/**
 * Freezes the window unless that was done, then lands page after page. True when the last page has landed, false when
 * the turn was handed on; called again it goes on where the checkpoint stands.
 */
export async function readPages(
  pull: Pull,
  session: ConnectorSession,
  first: StreamState,
): Promise<boolean> {
  await freeze(pull, session, first);
  const ends = Date.now() + SLICE_MS;
  const { connection, window, ...at } = await standing(pull);
  let { token, pages, status } = at;
  while (status !== 'read') {
    const after = token;
    const page = await ask(pull, () => session.readPage(pull.stream, window, after));
    const goOn = page.next !== null && Date.now() >= ends;
    await land(pull, connection, page, pages, goOn);
    if (goOn) return false;
    pages += 1;
    token = page.next;
    status = page.next === null ? 'read' : 'reading';
  }
  return true;
}

async function freeze(pull: Pull, session: ConnectorSession, state: StreamState): Promise<void> {
  if (state.window !== null) return;
  const since = state.full
    ? null
    : await look(pull, (tx) => certifiedUpTo(tx, state.connection, pull.stream));
  await inTx(pull, (tx) => beginReading(tx, pull.runId, pull.stream));
  const window = await ask(pull, () => session.openWindow(pull.stream, since));
  await inTx(pull, (tx) => freezeWindow(tx, pull.runId, pull.stream, window));
}
