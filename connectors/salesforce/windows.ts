import { RemoteUnavailable, type JsonObject, type Logger } from '../../src/sdk/kernel.ts';
import type { ReadWindow } from '../../src/sdk/record.ts';
import type { SalesforceClient } from './client.ts';
import { isBeyondReach, type HardDeletes } from './hard-deletes.ts';
import { Newest } from './schema.ts';
import { soqlInstant, whereAll } from './soql.ts';
import type { SourceClock } from './source-clock.ts';
import { hasDeletionLog, isReadWhole, stampFieldOf } from './streams.ts';

const SECOND = 1000;
/** The last end may lie so far ahead of what we know of the source's clock; beyond it the clock was set back. */
const TOLERATED_MS = 2 * SECOND;

export interface WindowDeps {
  readonly client: SalesforceClient;
  readonly logger: Logger;
  readonly overlapSeconds: number;
  readonly hardDeletes: HardDeletes;
  /** What we know of the source's clock, once the login told where it is. */
  readonly clock: () => SourceClock;
}

/** A window as conditions. Salesforce compares whole seconds, and so do the bounds. */
export function windowConditions(stream: string, window: ReadWindow): readonly (string | null)[] {
  const stamp = stampFieldOf(stream);
  const from = window.from === null ? null : `${stamp} >= ${soqlInstant(window.from)}`;
  const to = window.to === null ? null : `${stamp} < ${soqlInstant(window.to)}`;
  return [from, to];
}

interface SizedUp extends Newest {
  /** The second in which the source was when it answered, or an earlier one. */
  readonly second: number;
}

/** Rows of a window without an end, the stamp of the newest, and the source's time: one call. */
async function sizeUp(
  { client, clock }: WindowDeps,
  stream: string,
  from: string | null,
): Promise<SizedUp> {
  const where = whereAll(windowConditions(stream, { mode: 'incremental', from, to: null }));
  const soql = `SELECT COUNT(Id) total, MAX(${stampFieldOf(stream)}) newest FROM ${stream}${where}`;
  const { records } = await client.query(soql, `sizing up ${stream}`, true);
  const row = Newest.safeParse(records[0]);
  const second = clock().second();
  if (row.success && second !== null) return { ...row.data, second };
  throw new RemoteUnavailable(
    row.success
      ? 'Salesforce answered without a Date header, so the end of the read cannot be fixed. Check what stands between us and it.'
      : `Salesforce gave no count of ${stream} when the read began. It is tried again.`,
    row.success ? {} : { cause: row.error },
  );
}

/**
 * The end of a window: the current second, if nothing was changed in it yet. Else the next one, waited for, so that a
 * read sees all that was committed before it began and nothing is committed into it afterwards.
 */
async function endOf({ clock }: WindowDeps, { second, newest }: SizedUp): Promise<string> {
  const changedAt = newest === null ? -Infinity : Math.floor(Date.parse(newest) / SECOND) * SECOND;
  if (changedAt < second) return new Date(second).toISOString();
  // A stamp ahead of the source's clock is from before it was set back.
  const end = second + SECOND;
  await clock().passed(end);
  return new Date(end).toISOString();
}

async function fromStart(deps: WindowDeps, stream: string): Promise<ReadWindow> {
  const size = await sizeUp(deps, stream, null);
  return { mode: 'full', from: null, to: await endOf(deps, size), expected: size.total };
}

async function resync(deps: WindowDeps, stream: string, since: string): Promise<ReadWindow> {
  const why = 'the log of deletions does not reach back to the last read';
  deps.logger.warn(`read from the start: ${why}`, { object: stream, since });
  return await fromStart(deps, stream);
}

interface Since {
  readonly from: string;
  readonly size: SizedUp;
}

/** One overlap before the last end; before the source's own time where its clock was set back behind that end. */
async function sizeUpSince(deps: WindowDeps, stream: string, since: string): Promise<Since> {
  const last = Date.parse(since);
  const before = (end: number): string =>
    new Date(end - deps.overlapSeconds * SECOND).toISOString();
  const size = await sizeUp(deps, stream, before(last));
  if (last <= size.second) return { from: before(last), size };
  if (last - size.second <= TOLERATED_MS) {
    await deps.clock().passed(last);
    return { from: before(last), size: { ...size, second: last } };
  }
  const from = before(size.second);
  return { from, size: await sizeUp(deps, stream, from) };
}

/**
 * Freezes what a read covers. One call tells its end and its size, one more the deletions since the last read; where
 * the vendor no longer knows those, the window is the whole stream.
 */
export async function openWindow(
  deps: WindowDeps,
  stream: string,
  since: string | null,
  carried: JsonObject | null = null,
): Promise<ReadWindow> {
  if (isReadWhole(stream)) return { mode: 'full', from: null, to: null };
  if (since === null) return await fromStart(deps, stream);
  const { from, size } = await sizeUpSince(deps, stream, since);
  const isLogged = hasDeletionLog(stream);
  if (isLogged && isBeyondReach(since, size.second)) return await resync(deps, stream, since);
  const to = await endOf(deps, size);
  const window = { mode: 'incremental', from, to, expected: size.total } as const;
  if (!isLogged) return window;
  const carry = await deps.hardDeletes.begin(stream, { from, to }, carried);
  return carry === null ? await resync(deps, stream, since) : { ...window, carry };
}
