import { judge, type Certificate } from '../intake/certificate.ts';
import { getConnection, noteLogin } from '../intake/connections.ts';
import type { TenantTx } from '../db/store.ts';
import { endStream, readIds, unreadIds } from '../intake/checkpoints.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { SourceRecord } from '../sdk/record.ts';
import { leasedTx } from './leased-tx.ts';
import { wakeDelivery } from './wake-delivery.ts';
import {
  countLanded,
  endRunIfDone,
  landAndMap,
  lookUp,
  readSource,
  stateNow,
  type OpenStream,
  type StreamPull,
} from './stream-pull.ts';

const READ_AGAIN_AT_ONCE = 200;

interface Verdict {
  readonly certificate: Certificate;
  /** Landed records that the source no longer lists, as it has them now. */
  readonly reread: readonly SourceRecord[];
}

/**
 * Proves a stream that was read to its end against the source's own count, lands what left the window or is gone, and
 * ends the stream with its certificate (contract §4).
 */
export async function certifyStream(pull: StreamPull, session: ConnectorSession): Promise<void> {
  const verdict = await judgeStream(pull, session, await stateNow(pull));
  await landExtras(pull, session, verdict);
  const state = await stateNow(pull);
  await leasedTx(pull.deps, pull.context, async (tx) => {
    await endStream(tx, state, verdict.certificate);
    await welcomeBack(pull, tx, state.connection);
    await endRunIfDone(tx, pull, state.connection);
  });
}

/** Credentials that were refused before and have now read a stream to its end work: what waited is written. */
async function welcomeBack(pull: StreamPull, tx: TenantTx, connection: string): Promise<void> {
  if (!(await noteLogin(tx, connection, 'worked'))) return;
  await wakeDelivery(pull.deps, tx, await getConnection(tx, connection));
}

/** Ids are listed only where the numbers differ. */
async function judgeStream(
  pull: StreamPull,
  session: ConnectorSession,
  { window }: OpenStream,
): Promise<Verdict> {
  const { runId, stream } = pull;
  const sourceCount = await readSource(pull, () => session.countWindow(stream, window));
  const landedIds = await lookUp(pull, (tx) => readIds(tx, runId, stream));
  const known = { stream, window, sourceCount, landedIds };
  if (sourceCount === null || sourceCount === landedIds.size) {
    return { certificate: judge({ ...known, sourceIds: null, reread: [] }), reread: [] };
  }
  const sourceKeys = await readSource(pull, () => session.listKeys(stream, window));
  const sourceIds = sourceKeys?.map((key) => key.id) ?? null;
  const listed = new Set(sourceIds ?? landedIds);
  const unlisted = [...landedIds].filter((id) => !listed.has(id));
  const reread = await readAgain(pull, session, unlisted);
  return { certificate: judge({ ...known, sourceIds, reread }), reread };
}

async function readAgain(
  pull: StreamPull,
  session: ConnectorSession,
  ids: readonly string[],
): Promise<SourceRecord[]> {
  const found: SourceRecord[] = [];
  for (let at = 0; at < ids.length; at += READ_AGAIN_AT_ONCE) {
    const some = ids.slice(at, at + READ_AGAIN_AT_ONCE);
    found.push(...(await readSource(pull, () => session.readByIds(pull.stream, some))));
  }
  return found;
}

/** What a full read did not meet and what left the window: landed as one more page, as the source has it now. */
async function landExtras(
  pull: StreamPull,
  session: ConnectorSession,
  { certificate, reread }: Verdict,
): Promise<void> {
  const { runId, stream } = pull;
  const { window, connection, pages } = await stateNow(pull);
  const isWhole = window.mode === 'full' && certificate.closed === true;
  const unread = isWhole
    ? await lookUp(pull, (tx) => unreadIds(tx, runId, connection, stream))
    : [];
  const records = [...reread, ...(await readAgain(pull, session, unread))];
  if (records.length === 0) return;
  const landed = await leasedTx(pull.deps, pull.context, (tx) =>
    landAndMap(
      tx,
      pull,
      { connection, pageNumber: pages },
      { records, unreadable: [], next: null },
    ),
  );
  countLanded(pull, landed);
}
