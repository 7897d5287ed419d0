import * as z from 'zod';
import { RemoteRejected, RemoteUnavailable, type Logger } from '../../src/sdk/kernel.ts';
import type {
  Page,
  PageToken,
  ReadWindow,
  RecordKey,
  SourceRecord,
  UnreadableRecord,
} from '../../src/sdk/record.ts';
import type { SalesforceClient } from './client.ts';
import { describeRaw } from './describe.ts';
import { normalizeStamp, readRow } from './records.ts';
import { longId } from './record-id.ts';
import { rowsById, type IdRow } from './rows-by-id.ts';
import { soqlInstant, soqlLists, soqlText, whereAll } from './soql.ts';
import { ASKED_FOR, fieldsOf, isOptional } from './streams.ts';

export interface ReaderDeps {
  readonly client: SalesforceClient;
  readonly logger: Logger;
  readonly overlapSeconds: number;
  /** The source's time, cut to its second, in milliseconds since the epoch. */
  readonly serverTime: () => Promise<number>;
  /** The next full second of the source's clock, once it is over. */
  readonly cut: () => Promise<number>;
}

export interface Reader {
  openWindow(stream: string, since: string | null): Promise<ReadWindow>;
  readPage(stream: string, window: ReadWindow, after: PageToken | null): Promise<Page>;
  countWindow(stream: string, window: ReadWindow): Promise<number>;
  listKeys(stream: string, window: ReadWindow): Promise<readonly RecordKey[]>;
  readByIds(stream: string, ids: readonly string[]): Promise<readonly SourceRecord[]>;
}

/** Ids per `IN (…)`: 200 of 18 characters fit a request line with room to spare. */
const IDS_PER_QUERY = 200;

/** A page token of ours, as it comes back from the checkpoint. */
const Key = z.object({ stamp: z.string(), id: z.string() });

/** The window as conditions. Salesforce compares whole seconds, and so do the bounds. */
function windowConditions(window: ReadWindow): readonly (string | null)[] {
  const from = window.from === null ? null : `SystemModstamp >= ${soqlInstant(window.from)}`;
  const to = window.to === null ? null : `SystemModstamp < ${soqlInstant(window.to)}`;
  return [from, to];
}

/**
 * What follows a page: rows of the same second with a higher id, and all later seconds. A cursor on the
 * stamp alone would lose the rest of a second that a page ended in (F-32).
 */
function afterCondition(after: PageToken | null): string | null {
  if (after === null) return null;
  const { stamp, id } = Key.parse(after);
  const second = soqlInstant(stamp);
  return `((SystemModstamp = ${second} AND Id > ${soqlText(id)}) OR SystemModstamp > ${second})`;
}

function sortRows(rows: readonly unknown[]): {
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
} {
  const records: SourceRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const raw of rows) {
    const row = readRow(raw);
    if (row.kind === 'record') records.push(row.record);
    else unreadable.push(row.unreadable);
  }
  return { records, unreadable };
}

/** The key of a page's last row, whether or not the row itself could be landed. */
function lastKey(rows: readonly unknown[], stream: string): PageToken {
  const last = rows.at(-1);
  if (typeof last === 'object' && last !== null && 'Id' in last && 'SystemModstamp' in last) {
    return { stamp: String(last.SystemModstamp), id: String(last.Id) };
  }
  throw new RemoteUnavailable(
    `The last row of a page of ${stream} has no Id or SystemModstamp, so the next page cannot be asked for. Try again.`,
  );
}

function stampOf({ SystemModstamp: stamp }: IdRow): string | null {
  return typeof stamp === 'string' ? normalizeStamp(stamp) : null;
}

/** What one session knows of its streams. */
interface Reading extends ReaderDeps {
  /** The fields of streams whose organisation lacks some of them. */
  readonly narrowed: Map<string, readonly string[]>;
}

interface Rows {
  readonly done: boolean;
  readonly records: readonly unknown[];
}

/** The organisation lacks a field: read on without it only if the stream may do without. */
async function narrow(
  { client, logger }: Reading,
  stream: string,
  refusal: RemoteRejected,
): Promise<readonly string[]> {
  const { fields } = await describeRaw(client, stream);
  const there = new Set(fields.map((field) => field.name));
  const wanted = fieldsOf(stream);
  const missing = wanted.filter((name) => !name.includes('.') && !there.has(name));
  if (missing.length === 0 || !missing.every((name) => isOptional(stream, name))) throw refusal;
  logger.warn('fields are missing at the source', { object: stream, missing });
  return wanted.filter((name) => !missing.includes(name));
}

async function select(reading: Reading, stream: string, tail: string): Promise<Rows> {
  const { client, narrowed } = reading;
  const ask = (fields: readonly string[]): Promise<Rows> =>
    client.query(`SELECT ${fields.join(', ')} FROM ${stream}${tail}`, `reading ${stream}`, true);
  const known = narrowed.get(stream);
  if (known !== undefined) return await ask(known);
  try {
    return await ask(fieldsOf(stream));
  } catch (error) {
    const isRefusal = error instanceof RemoteRejected && error.details['code'] === 'INVALID_FIELD';
    if (!isRefusal) throw error;
    const fields = await narrow(reading, stream, error);
    narrowed.set(stream, fields);
    return await ask(fields);
  }
}

async function count({ client }: Reading, stream: string, window: ReadWindow): Promise<number> {
  const soql = `SELECT COUNT() FROM ${stream}${whereAll(windowConditions(window))}`;
  return (await client.query(soql, `counting ${stream}`, true)).totalSize;
}

/**
 * The end of a window: the current second, if nothing was changed in it yet. Else the next one, waited for,
 * so that a read sees all that was committed before it began and nothing is committed into it afterwards.
 */
async function endOf(reading: Reading, stream: string): Promise<string> {
  const second = new Date(await reading.serverTime()).toISOString();
  const changed = await count(reading, stream, { mode: 'incremental', from: second, to: null });
  return changed === 0 ? second : new Date(await reading.cut()).toISOString();
}

/** Adds the records of these ids to `found` and the ids of those that lost digits to `unread`. */
async function collect(
  reading: Reading,
  stream: string,
  ids: readonly string[],
  into: { readonly found: Map<string, SourceRecord>; readonly unread: Set<string> },
): Promise<void> {
  for (const list of soqlLists(ids, IDS_PER_QUERY)) {
    const { done, records } = await select(reading, stream, ` WHERE Id IN (${list})`);
    const rows = sortRows(records);
    for (const record of rows.records) into.found.set(record.id, record);
    for (const { id } of rows.unreadable) into.unread.add(id ?? '');
    if (done || records.length === 0) continue;
    const isOpen = (id: string): boolean => !into.found.has(id) && !into.unread.has(id);
    await collect(
      reading,
      stream,
      ids.filter((id) => list.includes(id) && isOpen(id)),
      into,
    );
  }
}

async function readByIds(
  reading: Reading,
  stream: string,
  ids: readonly string[],
): Promise<readonly SourceRecord[]> {
  const wanted = [...new Set(ids.map(longId))];
  const found = new Map<string, SourceRecord>();
  const unread = new Set<string>();
  await collect(reading, stream, wanted, { found, unread });
  if (unread.size > 0) {
    reading.logger.warn('records lost digits', { object: stream, ids: [...unread] });
  }
  return wanted
    .filter((id) => !unread.has(id))
    .map((id) => found.get(id) ?? { id, stamp: null, deleted: true, data: { Id: id } });
}

/**
 * Reads streams by (SystemModstamp, Id). Deleted rows are part of every window (`queryAll`) and come as
 * tombstones for as long as the recycle bin keeps them, so counts and rows speak of the same set.
 */
export function createReader(deps: ReaderDeps): Reader {
  const reading: Reading = { ...deps, narrowed: new Map() };
  return {
    openWindow: async (stream, since) => {
      const to = await endOf(reading, stream);
      if (since === null) return { mode: 'full', from: null, to };
      // A source whose clock was set back may show an end before the last one.
      const start = Math.min(Date.parse(since), Date.parse(to)) - deps.overlapSeconds * 1000;
      const from = new Date(start).toISOString();
      return { mode: 'incremental', from, to };
    },
    readPage: async (stream, window, after) => {
      const where = whereAll([...windowConditions(window), afterCondition(after)]);
      const tail = `${where} ORDER BY SystemModstamp, Id LIMIT ${ASKED_FOR}`;
      const { done, records } = await select(reading, stream, tail);
      const isLast = done && records.length < ASKED_FOR;
      return { ...sortRows(records), next: isLast ? null : lastKey(records, stream) };
    },
    countWindow: (stream, window) => count(reading, stream, window),
    listKeys: async (stream, window) => {
      const rows = await rowsById(deps.client, {
        what: `listing ${stream}`,
        object: stream,
        fields: ['SystemModstamp'],
        conditions: windowConditions(window),
        withDeleted: true,
      });
      return rows.map((row) => ({ id: row.Id, stamp: stampOf(row) }));
    },
    readByIds: (stream, ids) => readByIds(reading, stream, ids),
  };
}
