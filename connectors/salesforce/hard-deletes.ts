import { RemoteRejected, type Logger } from '../../src/sdk/kernel.ts';
import type { ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import type { SalesforceClient } from './client.ts';
import { normalizeStamp } from './records.ts';
import { longId } from './record-id.ts';
import { rowsById } from './rows-by-id.ts';
import { DeletedReply } from './schema.ts';
import { soqlInstant, soqlLists } from './soql.ts';
import { hasDeletionLog, stampFieldOf } from './streams.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** `getDeleted` reaches back 15 days; the last hour of them is left to clocks and to the time that a read takes. */
const REACH_MS = 15 * DAY - 60 * MINUTE;
/** How far back to look where nobody knows how far the last read's log was complete: its lag is hours, rarely more. */
const LOOK_BACK_MS = DAY;
/** Ids per `IN (…)`. */
const IDS_PER_QUERY = 200;
/** More tombstones than this are not kept in memory between the calls of a read, but asked for again. */
const KEPT_AT_MOST = 50_000;
/** Ends of windows whose coverage is remembered, per stream. */
const REMEMBERED = 8;

/** The log of deletions says that it does not reach back far enough, or holds too much. */
const TOO_SHORT = new Set(['INVALID_REPLICATION_DATE', 'EXCEEDED_ID_LIMIT']);

export interface HardDeletes {
  /**
   * Asks the log of deletions for a window. False when it does not cover the window, so that only a read from the start
   * can tell what is gone.
   */
  begin(stream: string, window: Bounds, since: string): Promise<boolean>;
  /** Tombstones of what was deleted in the window and is not even in the recycle bin any more, by id. */
  gone(stream: string, window: ReadWindow): Promise<readonly SourceRecord[]>;
}

interface Bounds {
  readonly from: string;
  readonly to: string;
}

interface Deletion {
  readonly id: string;
  readonly deletedDate: string;
}

interface Log {
  readonly deletions: readonly Deletion[];
  /** In milliseconds: what the vendor still has, and how far it is complete. */
  readonly reachesBackTo: number;
  readonly coveredUpTo: number;
}

/**
 * How far the log was complete when the window that ended at this instant was read, per organisation and stream. A long
 * transaction makes it lag; the next read starts where it was complete. Kept by the process: without it the read looks
 * back a day.
 */
const coverage = new Map<string, Map<string, number>>();

function remember(place: string, to: string, coveredUpTo: number): void {
  const ends = coverage.get(place) ?? new Map<string, number>();
  ends.delete(to);
  ends.set(to, coveredUpTo);
  for (const end of ends.keys()) {
    if (ends.size <= REMEMBERED) break;
    ends.delete(end);
  }
  coverage.set(place, ends);
}

/** True if a read that ended then is too long ago for the log of deletions. */
export function isBeyondReach(since: string, now: number): boolean {
  return Date.parse(since) < now - REACH_MS;
}

/** The log counts whole minutes: it is asked from the minute of the start to the end of the minute of the end. */
function wholeMinutes(start: number, to: number): { readonly start: string; readonly end: string } {
  const end = Math.ceil(to / MINUTE) * MINUTE;
  const from = Math.min(Math.floor(start / MINUTE) * MINUTE, end - 2 * MINUTE);
  return { start: new Date(from).toISOString(), end: new Date(end).toISOString() };
}

/** Null when the log does not reach back so far, or holds more than one answer may. */
async function askLog(
  client: SalesforceClient,
  stream: string,
  start: number,
  to: number,
): Promise<Log | null> {
  const period = wholeMinutes(start, to);
  const query = `start=${encodeURIComponent(period.start)}&end=${encodeURIComponent(period.end)}`;
  try {
    const reply = await client.call(DeletedReply, {
      what: `asking for deletions of ${stream}`,
      method: 'GET',
      path: `/sobjects/${stream}/deleted/?${query}`,
    });
    return {
      deletions: reply.deletedRecords,
      reachesBackTo: Date.parse(reply.earliestDateAvailable),
      coveredUpTo: Date.parse(reply.latestDateCovered),
    };
  } catch (error) {
    const code = error instanceof RemoteRejected ? error.details['code'] : undefined;
    if (typeof code === 'string' && TOO_SHORT.has(code)) return null;
    throw error;
  }
}

/** Of these ids, those that no query finds, not even in the recycle bin. */
async function unfindable(
  client: SalesforceClient,
  stream: string,
  ids: readonly string[],
  since: number,
): Promise<ReadonlySet<string>> {
  const open = new Set(ids);
  const find = async (conditions: readonly string[]): Promise<void> => {
    const what = `looking for deleted ${stream}`;
    const query = { what, object: stream, fields: [], conditions, withDeleted: true };
    for (const { Id } of await rowsById(client, query)) open.delete(Id);
  };
  const stamp = `${stampFieldOf(stream)} >= ${soqlInstant(new Date(since).toISOString())}`;
  if (open.size > IDS_PER_QUERY) await find(['IsDeleted = true', stamp]);
  for (const list of soqlLists([...open], IDS_PER_QUERY)) await find([`Id IN (${list})`]);
  return open;
}

function tombstones(log: Log, to: string, gone: ReadonlySet<string>): readonly SourceRecord[] {
  const stamps = new Map<string, string>();
  for (const { id, deletedDate } of log.deletions) {
    const stamp = normalizeStamp(deletedDate);
    if (stamp < to && stamp > (stamps.get(longId(id)) ?? '')) stamps.set(longId(id), stamp);
  }
  return [...stamps]
    .filter(([id]) => gone.has(id))
    .map(([id, stamp]) => ({ id, stamp, deleted: true, data: { Id: id } }))
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/**
 * What left the organisation for good. Rows in the recycle bin are part of every window; those that were purged, or
 * deleted past it, show in the log of deletions alone, and only for 15 days. The log says how far it is complete.
 */
export function createHardDeletes(deps: {
  readonly client: SalesforceClient;
  readonly logger: Logger;
}): HardDeletes {
  const { client, logger } = deps;
  const logs = new Map<string, { readonly log: Log; readonly start: number }>();
  const found = new Map<string, readonly SourceRecord[]>();
  const keyOf = (stream: string, { from, to }: Bounds): string => `${stream} ${from} ${to}`;
  const placeOf = (stream: string): string => `${client.origin} ${stream}`;

  const ask = async (stream: string, window: Bounds, start: number) => {
    const log = await askLog(client, stream, start, Date.parse(window.to));
    if (log === null || log.reachesBackTo > Date.parse(window.from)) return null;
    const key = keyOf(stream, window);
    if (log.deletions.length <= KEPT_AT_MOST) logs.set(key, { log, start });
    return { log, start };
  };
  /** The stream's windows before this one are done with. */
  const forget = (stream: string): void => {
    for (const kept of [logs, found])
      for (const key of kept.keys()) if (key.startsWith(`${stream} `)) kept.delete(key);
  };

  return {
    begin: async (stream, window, since) => {
      forget(stream);
      const from = Date.parse(window.from);
      const covered = coverage.get(placeOf(stream))?.get(since) ?? from - LOOK_BACK_MS;
      const oldest = Date.parse(window.to) - REACH_MS;
      const asked = await ask(stream, window, Math.max(Math.min(from, covered), oldest));
      if (asked === null) return false;
      const { coveredUpTo } = asked.log;
      remember(placeOf(stream), window.to, coveredUpTo);
      const lagSeconds = Math.round((Date.parse(window.to) - coveredUpTo) / 1000);
      if (lagSeconds > 3600)
        logger.warn('the log of deletions lags behind; the next read covers the rest', {
          object: stream,
          lagSeconds,
        });
      return true;
    },
    gone: async (stream, { from, to }) => {
      if (from === null || to === null || !hasDeletionLog(stream)) return [];
      const key = keyOf(stream, { from, to });
      const known = found.get(key);
      if (known !== undefined) return known;
      const oldest = Date.parse(to) - REACH_MS;
      const start = Math.max(Date.parse(from) - LOOK_BACK_MS, oldest);
      const asked = logs.get(key) ?? (await ask(stream, { from, to }, start));
      if (asked === null) throw logTooShort(stream);
      const ids = asked.log.deletions.map(({ id }) => longId(id));
      const lost = ids.length === 0 ? new Set<string>() : await unfindable(client, stream, ids, asked.start); // prettier-ignore
      const records = tombstones(asked.log, to, lost);
      if (records.length <= KEPT_AT_MOST) found.set(key, records);
      return records;
    },
  };
}

function logTooShort(stream: string): RemoteRejected {
  return new RemoteRejected(
    `Salesforce no longer keeps the deletions of ${stream} since the last read. Read it from the start: \`trueup pull --full\`.`,
    { details: { code: 'INVALID_REPLICATION_DATE' } },
  );
}
