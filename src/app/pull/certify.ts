import type { TenantTx } from '../../db/store.ts';
import { judge, type Certificate } from '../../intake/certificate.ts';
import { endStream, failStream, readIds, unreadIds } from '../../intake/checkpoints.ts';
import { updateConnection } from '../../intake/connections.ts';
import { finishRunIfDone } from '../../intake/runs.ts';
import { AuthExpired, type HubError } from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { ReadWindow, SourceRecord } from '../../sdk/record.ts';
import { followRun } from '../follow-ups.ts';
import { ask, inTx, land, look, standing, type Pull } from './pull-context.ts';

const READ_AGAIN_AT_ONCE = 200;

/**
 * Certifies a read that has its last page: counts at the source, names what is missing, reads again what left the
 * window, and ends the stream. Only a closed certificate moves the stream's checkpoint.
 */
export async function certify(pull: Pull, session: ConnectorSession): Promise<void> {
  const { certificate, reread } = await judged(pull, session, (await standing(pull)).window);
  await landExtras(pull, session, certificate, reread);
  const state = await standing(pull);
  await inTx(pull, async (tx) => {
    await endStream(tx, state, certificate);
    await finish(pull, tx, state.connection);
  });
}

/** Ends the stream with an error of the source; a login that no longer works parks the connection. */
export function fail(pull: Pull, connection: string, error: HubError): Promise<void> {
  return inTx(pull, async (tx) => {
    await failStream(tx, pull.runId, pull.stream, { code: error.code, message: error.message });
    if (error instanceof AuthExpired) {
      await updateConnection(tx, connection, { status: 'reauth_required' });
    }
    await finish(pull, tx, connection);
  });
}

async function finish(pull: Pull, tx: TenantTx, connection: string): Promise<void> {
  const isDone = await finishRunIfDone(tx, pull.runId);
  if (isDone) await followRun(pull.deps, tx, { id: pull.runId, connection });
}

interface Judged {
  readonly certificate: Certificate;
  /** Landed records that the source no longer lists, as it has them now. */
  readonly reread: readonly SourceRecord[];
}

async function judged(pull: Pull, session: ConnectorSession, window: ReadWindow): Promise<Judged> {
  const { runId, stream } = pull;
  const sourceCount = await ask(pull, () => session.countWindow(stream, window));
  const landedIds = await look(pull, (tx) => readIds(tx, runId, stream));
  const base = { stream, window, sourceCount, landedIds };
  if (sourceCount === null || sourceCount === landedIds.size) {
    return { certificate: judge({ ...base, sourceIds: null, reread: [] }), reread: [] };
  }
  const sourceIds = await ask(pull, () => session.listIds(stream, window));
  const listed = new Set(sourceIds ?? []);
  const gone = sourceIds === null ? [] : [...landedIds].filter((id) => !listed.has(id));
  const reread = await readAgain(pull, session, gone);
  return { certificate: judge({ ...base, sourceIds, reread }), reread };
}

async function readAgain(
  pull: Pull,
  session: ConnectorSession,
  ids: readonly string[],
): Promise<SourceRecord[]> {
  const found: SourceRecord[] = [];
  for (let at = 0; at < ids.length; at += READ_AGAIN_AT_ONCE) {
    const some = ids.slice(at, at + READ_AGAIN_AT_ONCE);
    found.push(...(await ask(pull, () => session.readByIds(pull.stream, some))));
  }
  return found;
}

/** What a full read did not meet and what left the window: landed as one more page, as the source has it now. */
async function landExtras(
  pull: Pull,
  session: ConnectorSession,
  certificate: Certificate,
  reread: readonly SourceRecord[],
): Promise<void> {
  const { connection, window, pages } = await standing(pull);
  const impliesRemoval = window.mode === 'full' && certificate.closed === true;
  const unread = impliesRemoval
    ? await look(pull, (tx) => unreadIds(tx, pull.runId, connection, pull.stream))
    : [];
  const records = [...reread, ...(await readAgain(pull, session, unread))];
  if (records.length === 0) return;
  await land(pull, connection, { records, unreadable: [], next: null }, pages, false);
}
