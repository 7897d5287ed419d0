import { judge, judgeKeys, type Certificate } from '../intake/certificate.ts';
import { getConnection, noteLogin } from '../intake/connections.ts';
import type { TenantTx } from '../db/store.ts';
import { certifiedUpTo, freezeWindow, unreadIds, type StreamState } from '../intake/checkpoints.ts';
import { countReadIds } from '../intake/read-ids.ts';
import { endStream } from '../intake/stream-end.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ReadWindow, SourceRecord } from '../sdk/record.ts';
import { compareKeys, compareRead, land, listSource, readAgain } from './compare-keys.ts';
import { leasedTx } from './leased-tx.ts';
import { wakeReads } from './park-stream.ts';
import {
  endRunIfDone,
  lookUp,
  readSource,
  stateNow,
  type OpenStream,
  type StreamPull,
} from './stream-pull.ts';
import { wakeDelivery } from './wake-delivery.ts';

interface Verdict {
  readonly certificate: Certificate;
  /** Landed records that the source no longer lists, as it has them now. */
  readonly reread: readonly SourceRecord[];
}

/**
 * Proves a stream that was read to its end against the source's own count, lands what left the window or is gone, and
 * ends the stream with its certificate (contract §4). After a full read that somebody asked for, the source's keys are
 * compared with ours as well.
 */
export async function certifyStream(pull: StreamPull, session: ConnectorSession): Promise<void> {
  const state = await stateNow(pull);
  const verdict = await judgeStream(pull, session, state);
  await landExtras(pull, session, verdict);
  await end(pull, await judgeFullPass(pull, session, state, verdict.certificate));
}

/**
 * Proves by keys alone all that was certified before: compares ids and stamps up to where that ended, and reads only
 * what differs. False where keys prove nothing (a source without stamps, one that cannot list, a stream that was never
 * certified): then everything is to be read again.
 */
export async function proveByKeys(
  pull: StreamPull,
  session: ConnectorSession,
  state: StreamState,
): Promise<boolean> {
  const { runId, stream, connection } = pull;
  const since = await lookUp(pull, (tx) => certifiedUpTo(tx, connection, stream));
  const isBegun = state.window !== null && state.window.to !== state.since;
  if (since === null || isBegun) return false;
  const window: ReadWindow = { mode: 'full', from: null, to: state.window?.to ?? since };
  const listed = await listSource(pull, session, window);
  if (listed === null || [...listed.values()].includes(null)) return false;
  await leasedTx(pull.deps, pull.context, (tx) =>
    freezeWindow(tx, runId, stream, window, window.to),
  );
  const compared = await compareKeys(pull, session, window, listed);
  await end(pull, judgeKeys(stream, window, compared, null));
  return true;
}

async function judgeFullPass(
  pull: StreamPull,
  session: ConnectorSession,
  { window, full, keysOnly }: OpenStream,
  read: Certificate,
): Promise<Certificate> {
  if (window.mode !== 'full' || !(full || keysOnly)) return read;
  const listed = await listSource(pull, session, window);
  if (listed === null) return read;
  const compared = await compareKeys(pull, session, window, listed);
  return judgeKeys(pull.stream, window, compared, read);
}

async function end(pull: StreamPull, certificate: Certificate): Promise<void> {
  const state = await stateNow(pull);
  await leasedTx(pull.deps, pull.context, async (tx) => {
    await endStream(tx, state, certificate);
    await welcomeBack(pull, tx);
    await endRunIfDone(tx, pull);
  });
}

/** Credentials that were refused before and have now read a stream to its end work: what waited goes on. */
async function welcomeBack({ deps, connection }: StreamPull, tx: TenantTx): Promise<void> {
  if (!(await noteLogin(tx, connection, 'worked'))) return;
  const welcome = await getConnection(tx, connection);
  await wakeDelivery(deps, tx, welcome);
  await wakeReads(deps, tx, welcome);
}

/** Ids are listed only where the numbers differ. */
async function judgeStream(
  pull: StreamPull,
  session: ConnectorSession,
  { window }: OpenStream,
): Promise<Verdict> {
  const { runId, stream } = pull;
  const sourceCount = await readSource(pull, () => session.countWindow(stream, window));
  const distinctIds = await lookUp(pull, (tx) => countReadIds(tx, { runId, stream }));
  const known = { stream, window, sourceCount, distinctIds };
  const listed =
    sourceCount === null || sourceCount === distinctIds
      ? null
      : await listSource(pull, session, window);
  if (listed === null) {
    return { certificate: judge({ ...known, missing: [], reread: [] }), reread: [] };
  }
  const { missing, unlisted } = await compareRead(pull, listed);
  const reread = await readAgain(pull, session, unlisted);
  return { certificate: judge({ ...known, missing, reread }), reread };
}

/** What a full read did not meet and what left the window: landed as one more page, as the source has it now. */
async function landExtras(
  pull: StreamPull,
  session: ConnectorSession,
  { certificate, reread }: Verdict,
): Promise<void> {
  const { runId, stream, connection } = pull;
  const { window } = await stateNow(pull);
  const isWhole = window.mode === 'full' && certificate.closed === true;
  const unread = isWhole
    ? await lookUp(pull, (tx) => unreadIds(tx, runId, connection, stream))
    : [];
  await land(pull, [...reread, ...(await readAgain(pull, session, unread))]);
}
