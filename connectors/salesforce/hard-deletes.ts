import * as z from 'zod';
import { RemoteRejected, type JsonObject, type Logger } from '../../src/sdk/kernel.ts';
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

/** The log of deletions says that it does not reach back far enough, or holds too much. */
const TOO_SHORT = new Set(['INVALID_REPLICATION_DATE', 'EXCEEDED_ID_LIMIT']);

export interface HardDeletes {
  /**
   * Asks the log of deletions for a window. `carried` is what the window before gave to carry on. Null when the log does
   * not cover the window, so that only a read from the start can tell what is gone.
   */
  begin(stream: string, window: Bounds, carried: JsonObject | null): Promise<DeletionReach | null>;
  /** Tombstones of what was deleted in the window and is not even in the recycle bin any more, by id. */
  gone(stream: string, window: ReadWindow): Promise<readonly SourceRecord[]>;
  /** Of these ids, those that the log tells to have been deleted, as far as it reaches back from `now`. */
  told(stream: string, ids: readonly string[], now: number): Promise<ReadonlySet<string>>;
}

/**
 * Which part of the log a window takes in, and how far the log was complete then. A long transaction makes it lag, for
 * hours, rarely for days; the next window takes it in from where it was complete.
 */
const DeletionReach = z.object({
  deletionsFrom: z.iso.datetime(),
  deletionsUpTo: z.iso.datetime(),
});
type DeletionReach = z.infer<typeof DeletionReach>;

function reachOf(carry: JsonObject | null | undefined): DeletionReach | null {
  const reach = DeletionReach.safeParse(carry);
  return reach.success ? reach.data : null;
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

async function toldDeletions(
  client: SalesforceClient,
  stream: string,
  ids: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  if (!hasDeletionLog(stream)) return new Set();
  const log = await askLog(client, stream, now - REACH_MS, now);
  const deleted = new Set(log?.deletions.map(({ id }) => longId(id)));
  return new Set(ids.filter((id) => deleted.has(id)));
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

/** Where in the log a window begins: at `known`, else a day before it, and never beyond the log's reach. */
function startOf({ from, to }: Bounds, known: string | undefined): number {
  const start = known === undefined ? Date.parse(from) - LOOK_BACK_MS : Date.parse(known);
  return Math.max(Math.min(Date.parse(from), start), Date.parse(to) - REACH_MS);
}

function noteLag(logger: Logger, stream: string, lagMs: number): void {
  if (lagMs <= 60 * MINUTE) return;
  logger.warn('the log of deletions lags behind; the next read covers the rest', {
    object: stream,
    lagSeconds: Math.round(lagMs / 1000),
  });
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
    begin: async (stream, window, carried) => {
      forget(stream);
      const asked = await ask(stream, window, startOf(window, reachOf(carried)?.deletionsUpTo));
      if (asked === null) return null;
      const { coveredUpTo } = asked.log;
      noteLag(logger, stream, Date.parse(window.to) - coveredUpTo);
      return {
        deletionsFrom: new Date(asked.start).toISOString(),
        deletionsUpTo: new Date(coveredUpTo).toISOString(),
      };
    },
    gone: async (stream, { from, to, carry }) => {
      if (from === null || to === null || !hasDeletionLog(stream)) return [];
      const key = keyOf(stream, { from, to });
      const known = found.get(key);
      if (known !== undefined) return known;
      const window = { from, to };
      const start = startOf(window, reachOf(carry)?.deletionsFrom);
      const asked = logs.get(key) ?? (await ask(stream, window, start));
      if (asked === null) throw logTooShort(stream);
      const ids = asked.log.deletions.map(({ id }) => longId(id));
      const lost = ids.length === 0 ? new Set<string>() : await unfindable(client, stream, ids, asked.start); // prettier-ignore
      const records = tombstones(asked.log, to, lost);
      if (records.length <= KEPT_AT_MOST) found.set(key, records);
      return records;
    },
    told: (stream, ids, now) => toldDeletions(client, stream, ids, now),
  };
}

function logTooShort(stream: string): RemoteRejected {
  return new RemoteRejected(
    `Salesforce no longer keeps the deletions of ${stream} since the last read. Read it from the start: \`trueup pull --full\`.`,
    { details: { code: 'INVALID_REPLICATION_DATE' } },
  );
}
