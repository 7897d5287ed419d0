import {
  judgeKeys,
  withCaveats,
  withEnded,
  type Certificate,
  type Ended,
} from '../intake/certificate.ts';
import { getConnection, noteLogin } from '../intake/connections.ts';
import type { TenantTx } from '../db/store.ts';
import {
  certifiedUpTo,
  freezeWindow,
  takeProofDue,
  unreadIds,
  type StreamState,
} from '../intake/checkpoints.ts';
import { resolveQuarantine, waitingUnlanded } from '../intake/quarantine.ts';
import { endStream } from '../intake/stream-end.ts';
import { overtakenIds } from '../intake/read-ids.ts';
import { waitingUnseen } from '../intake/unseen-records.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ReadWindow } from '../sdk/record.ts';
import { compareKeys, listSource, type Listed } from './compare-keys.ts';
import { leasedTx } from './leased-tx.ts';
import { openProof } from './open-proof.ts';
import { wakeReads } from './park-stream.ts';
import { isFullPass, judgeWindow, type Verdict } from './prove-window.ts';
import { bothEnded, NOTHING_ENDED, settleUnmet } from './removal-guard.ts';
import { landAgain, readAgain } from './reread.ts';
import {
  endRunIfDone,
  lookUp,
  readSource,
  stateNow,
  type OpenStream,
  type StreamPull,
} from './stream-pull.ts';
import { wakeDelivery } from './wake-delivery.ts';

/** A judgement, and what became of the records that the source did not show. */
interface Proof {
  readonly certificate: Certificate;
  readonly ended: Ended;
}

/**
 * Proves a stream that was read to its end against what the source lists or counts, lands what left the window or is
 * gone, and ends the stream with its certificate (contract §4). After a full read that somebody asked for, the source's
 * keys are compared with ours as well.
 */
export async function certifyStream(pull: StreamPull, session: ConnectorSession): Promise<void> {
  await settleOvertaken(pull, session);
  const state = await stateNow(pull);
  const verdict = await judgeWindow(pull, session, state);
  const ended = await settleExtras(pull, session, verdict);
  const { certificate } = verdict;
  const proof = await judgeFullPass(pull, session, state, { certificate, ended });
  await end(pull, session, proof, isWhole(state.window));
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
  const { compared, settled } = await compareKeys(pull, session, window, listed);
  const certificate = judgeKeys(stream, window, compared, null);
  await end(pull, session, { certificate, ended: settled });
  return true;
}

/** What lost against another read that landed meanwhile is asked for by its id: two saves of one second look alike. */
async function settleOvertaken(pull: StreamPull, session: ConnectorSession): Promise<void> {
  const ids = await lookUp(pull, (tx) => overtakenIds(tx, pull));
  if (ids.length > 0) await landAgain(pull, session, ids);
}

async function judgeFullPass(
  pull: StreamPull,
  session: ConnectorSession,
  state: OpenStream,
  read: Proof,
): Promise<Proof> {
  if (!isFullPass(state)) return read;
  const { window } = state;
  const listed = await listSource(pull, session, window);
  if (listed === null) return read;
  const { compared, settled } = await compareKeys(pull, session, window, listed);
  if (window.isLog === true) await askAboutUnlanded(pull, session, listed);
  return {
    certificate: judgeKeys(pull.stream, window, compared, read.certificate),
    ended: bothEnded(read.ended, settled),
  };
}

/**
 * What a log once held and could not be used, and that it does not list any more, was rotated away or can be used by now.
 * Only the source knows which: it gives what does not wait any more as gone.
 */
async function askAboutUnlanded(
  pull: StreamPull,
  session: ConnectorSession,
  listed: Listed,
): Promise<void> {
  const { connection, stream } = pull;
  const waiting = await lookUp(pull, (tx) => waitingUnlanded(tx, pull));
  const asked = waiting.filter((id) => !listed.has(id));
  if (asked.length === 0) return;
  const { records } = await readAgain(pull, session, asked);
  const gone = records.filter(({ deleted }) => deleted).map(({ id }) => id);
  await leasedTx(pull.deps, pull.context, (tx) =>
    resolveQuarantine(tx, { connection, stream }, 'intake', '', gone),
  );
}

/** True for a read that meets everything that the source has. A log only tells of a while. */
const isWhole = ({ mode, isLog }: ReadWindow): boolean => mode === 'full' && isLog !== true;

async function end(
  pull: StreamPull,
  session: ConnectorSession,
  proof: Proof,
  isReadWhole = false,
): Promise<void> {
  const state = await stateNow(pull);
  const ask = session.caveatsOf?.bind(session);
  const said =
    ask === undefined ? [] : await readSource(pull, () => ask(pull.stream, state.window));
  const caveats = [...said, ...(await waitingCaveat(pull, proof))];
  const certificate = withCaveats(withEnded(proof.certificate, proof.ended), caveats);
  await leasedTx(pull.deps, pull.context, async (tx) => {
    await endStream(tx, state, certificate, isReadWhole);
    await welcomeBack(pull, tx);
    await proveIfDue(pull, tx, state, certificate);
    await endRunIfDone(tx, pull);
  });
}

/** What another read held still waits: a window that does not look for it proves nothing of it. */
async function waitingCaveat(pull: StreamPull, { ended }: Proof): Promise<readonly string[]> {
  const hold = ended.held > 0 ? null : await lookUp(pull, (tx) => waitingUnseen(tx, pull));
  if (hold === null) return [];
  return [
    `${hold.waiting} records that the source did not show to an earlier read wait for a person: trueup people show ${hold.holdId}.`,
  ];
}

/** Credentials that were refused before and have now read a stream to its end work: what waited goes on. */
async function welcomeBack({ deps, connection }: StreamPull, tx: TenantTx): Promise<void> {
  if (!(await noteLogin(tx, connection, 'worked'))) return;
  const welcome = await getConnection(tx, connection);
  await wakeDelivery(deps, tx, welcome);
  await wakeReads(deps, tx, welcome);
}

/** The periodic proof came while the stream was parked: it is made now that the stream is read again. */
async function proveIfDue(
  { deps, connection, stream }: StreamPull,
  tx: TenantTx,
  { full, keysOnly }: StreamState,
  { closed }: Certificate,
): Promise<void> {
  if (closed !== true || !(await takeProofDue(tx, connection, stream))) return;
  const isProven = full || keysOnly;
  if (!isProven) await openProof(deps, tx, { connection, stream, by: 'system:schedule' });
}

/** What a full read did not meet and what left the window: landed as one more page, as the source has it now. */
async function settleExtras(
  pull: StreamPull,
  session: ConnectorSession,
  { certificate, reread }: Verdict,
): Promise<Ended> {
  const { runId, stream, connection } = pull;
  const { window } = await stateNow(pull);
  const isProven = isWhole(window) && certificate.closed === true;
  const ids = isProven ? await lookUp(pull, (tx) => unreadIds(tx, runId, connection, stream)) : [];
  if (reread.records.length + reread.unreadable.length === 0 && !isProven) return NOTHING_ENDED;
  return await settleUnmet(pull, session, { reread, ids, isWhole: isProven });
}
