import { judge, type Certificate } from '../intake/certificate.ts';
import { quarantinedIds } from '../intake/held-keys.ts';
import { stampMillis } from '../intake/page-records.ts';
import { countReadIds } from '../intake/read-ids.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { RecordsById } from '../sdk/record.ts';
import { compareRead, listSource, type Listed } from './compare-keys.ts';
import { landAgain, readAgain } from './reread.ts';
import { lookUp, readSource, stateNow, type OpenStream, type StreamPull } from './stream-pull.ts';

export interface Verdict {
  readonly certificate: Certificate;
  /** Landed records that the source no longer lists, as it has them now. */
  readonly reread: RecordsById;
}

const NOTHING: RecordsById = { records: [], unreadable: [] };

/** How long a read without a start, and so without an overlap before it, may last before its count proves too little. */
const FULL_READ_SECONDS = 600;

/**
 * Judges a read by what the source has of its window. Equal numbers hide one record that is missing, because it was
 * committed late, behind one that has moved out. So a window of as many records as one answer can list is listed, for the
 * one call that counting costs. A larger one is counted, and listed where the numbers differ or the read took longer than
 * the overlap, which the next read looks over once more. Not so where all that we hold is compared by keys afterwards.
 */
export async function judgeWindow(
  pull: StreamPull,
  session: ConnectorSession,
  state: OpenStream,
): Promise<Verdict> {
  const { runId, stream } = pull;
  const { window } = state;
  const distinctIds = await lookUp(pull, (tx) => countReadIds(tx, { runId, stream }));
  if (window.unprovable !== undefined) {
    const unproven = { stream, window, sourceCount: null, distinctIds, missing: [], reread: [] };
    return { certificate: judge(unproven), reread: NOTHING };
  }
  const isCompared = isFullPass(state);
  const isSmall = !isCompared && distinctIds <= (session.keysPerAnswer ?? -1);
  const small = isSmall ? await listSource(pull, session, window) : null;
  const sourceCount =
    small?.size ??
    (await readSource(pull, () => session.countWindow(stream, window, pull.context.signal)));
  const isLong = !isCompared && (await lastedLong(pull, state));
  const isProven = sourceCount === distinctIds && !isLong;
  const listed =
    small ?? (sourceCount === null || isProven ? null : await listSource(pull, session, window));
  const known = { stream, window, sourceCount, distinctIds };
  if (listed === null)
    return { certificate: judge({ ...known, missing: [], reread: [] }), reread: NOTHING };
  return await judgeListed(pull, session, known, listed);
}

/** True for a full read that somebody asked for, or all that a log holds: its end is a comparison of all keys. */
export function isFullPass({ window, full, keysOnly }: OpenStream): boolean {
  return (window.mode === 'full' || window.isLog === true) && (full || keysOnly);
}

async function judgeListed(
  pull: StreamPull,
  session: ConnectorSession,
  known: Pick<Parameters<typeof judge>[0], 'stream' | 'window' | 'sourceCount' | 'distinctIds'>,
  listed: Listed,
): Promise<Verdict> {
  const { missing, unlisted, restamped: all } = await compareRead(pull, listed);
  const waiting = await lookUp(pull, (tx) => quarantinedIds(tx, pull, all));
  const restamped = all.filter((id) => !waiting.has(id));
  const mended = await landAgain(pull, session, restamped, 'as read');
  const stale = restamped.filter((id) => isBehind(mended.given.get(id), listed.get(id)));
  const reread = await readAgain(pull, session, unlisted);
  const found = { listed: true, missing, stale, caughtLate: mended.late, reread: reread.records };
  return { certificate: judge({ ...known, ...found }), reread };
}

/** True if reading again by id gave nothing (undefined), or what is older than listed: that answer came from a copy that lags. */
function isBehind(given: string | null | undefined, listed: string | null | undefined): boolean {
  return given === undefined || (given !== null && given < (listed ?? ''));
}

/** True if a record could be committed behind the read with a stamp that the next read does not look at any more. */
async function lastedLong(pull: StreamPull, { since, window }: OpenStream): Promise<boolean> {
  const { lastedSeconds } = await stateNow(pull);
  return (lastedSeconds ?? 0) > overlapSeconds(since, window);
}

/** How far the window reaches back before what was certified; before its end, where the source's clock was set back. */
function overlapSeconds(since: string | null, { from, to }: OpenStream['window']): number {
  if (since === null || from === null) return FULL_READ_SECONDS;
  const end = to !== null && to < since ? to : since;
  return (stampMillis(end) - stampMillis(from)) / 1000;
}
