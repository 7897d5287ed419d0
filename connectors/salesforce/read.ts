import * as z from 'zod';
import { RemoteUnavailable, type Logger } from '../../src/sdk/kernel.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type {
  Page,
  PageOptions,
  PageToken,
  ReadWindow,
  RecordKey,
  RecordsById,
  SourceRecord,
  UnreadableRecord,
} from '../../src/sdk/record.ts';
import { createBulkReader, isBulkToken, type BulkReader } from './bulk-query.ts';
import type { SalesforceClient } from './client.ts';
import { createHardDeletes, type HardDeletes } from './hard-deletes.ts';
import { normalizeStamp } from './records.ts';
import { longId } from './record-id.ts';
import { rowsById } from './rows-by-id.ts';
import { createRowSource, sortRows, type RowSource } from './select-rows.ts';
import { soqlInstant, soqlLists, soqlText, whereAll } from './soql.ts';
import type { LocalTime, SourceClock } from './source-clock.ts';
import { ASKED_FOR, isReadWhole, PAGE_SIZE, stampFieldOf } from './streams.ts';
import { openWindow, windowConditions } from './windows.ts';

export interface ReaderDeps {
  readonly client: SalesforceClient;
  readonly logger: Logger;
  readonly overlapSeconds: number;
  /** A window of at least so many rows is read by Bulk API 2.0. */
  readonly bulkFrom: number;
  /** What we know of the source's clock, once the login told where it is. */
  readonly clock: () => SourceClock;
  readonly time: LocalTime;
}

/** The reading half of a session, as far as this vendor answers more surely than every vendor can. */
export interface Reader extends Pick<ConnectorSession, 'openWindow' | 'readPage' | 'readByIds'> {
  countWindow(stream: string, window: ReadWindow): Promise<number>;
  listKeys(stream: string, window: ReadWindow): Promise<readonly RecordKey[]>;
  readByIds(stream: string, ids: readonly string[]): Promise<RecordsById>;
  deletionsOf(stream: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Ids per `IN (…)`: 200 of 18 characters fit a request line with room to spare. */
const IDS_PER_QUERY = 200;

/** Page tokens of ours, as they come back from the checkpoint: after a row, or among the tombstones. */
const Key = z.object({ stamp: z.string(), id: z.string() });
const Tombstones = z.object({ phase: z.literal('deleted'), after: z.string() });

/** What one session reads with. */
interface Reading extends ReaderDeps {
  readonly rows: RowSource;
  readonly bulk: BulkReader;
  readonly hardDeletes: HardDeletes;
}

/**
 * What follows a page: rows of the same second with a higher id, and all later seconds. A cursor on the
 * stamp alone would lose the rest of a second that a page ended in (F-32).
 */
function afterCondition(stream: string, after: PageToken | null): string | null {
  if (after === null) return null;
  const { stamp, id } = Key.parse(after);
  if (isReadWhole(stream)) return `Id > ${soqlText(id)}`;
  const field = stampFieldOf(stream);
  const second = soqlInstant(stamp);
  return `((${field} = ${second} AND Id > ${soqlText(id)}) OR ${field} > ${second})`;
}

/** The key of a page's last row, whether or not the row itself could be landed. */
function lastKey(rows: readonly unknown[], stream: string): PageToken {
  const last: unknown = rows.at(-1);
  const field = stampFieldOf(stream);
  if (typeof last === 'object' && last !== null && 'Id' in last && field in last) {
    const { Id: id, [field]: stamp } = last as Readonly<Record<string, unknown>>;
    return { stamp: String(stamp), id: String(id) };
  }
  throw new RemoteUnavailable(
    `The last row of a page of ${stream} has no Id or ${field}, so the next page cannot be asked for. Try again.`,
  );
}

/** One page's place in a read, and its size. */
interface Asked {
  readonly stream: string;
  readonly window: ReadWindow;
  readonly after: PageToken | null;
  /** Records on the page at most. */
  readonly limit: number;
}

async function keysetPage(
  { rows }: Reading,
  { stream, window, after, limit }: Asked,
): Promise<Page> {
  const where = whereAll([...windowConditions(stream, window), afterCondition(stream, after)]);
  const order = isReadWhole(stream) ? 'Id' : `${stampFieldOf(stream)}, Id`;
  const askedFor = limit < PAGE_SIZE ? limit : ASKED_FOR;
  const { done, records } = await rows.select(
    stream,
    `${where} ORDER BY ${order} LIMIT ${askedFor}`,
  );
  const isLast = done && records.length < askedFor;
  return { ...sortRows(records, stream), next: isLast ? null : lastKey(records, stream) };
}

/** Large windows go by Bulk API 2.0, which reads by change stamp only. */
function isForBulk({ bulkFrom }: Reading, stream: string, window: ReadWindow): boolean {
  if (isReadWhole(stream) || stampFieldOf(stream) !== 'SystemModstamp') return false;
  return (window.expected ?? 0) >= bulkFrom;
}

async function bulkPage(reading: Reading, asked: Asked): Promise<Page> {
  const { stream, window, after, limit } = asked;
  const where = whereAll(windowConditions(stream, window));
  const fields = await reading.rows.visibleFields(stream);
  const page = await reading.bulk.page({ stream, fields, where }, after, limit);
  return 'fallBack' in page ? await keysetPage(reading, { ...asked, after: page.fallBack }) : page;
}

async function deletedPage(
  { hardDeletes }: Reading,
  { stream, window, limit }: Asked,
  after: string,
): Promise<Page> {
  const gone = (await hardDeletes.gone(stream, window)).filter(({ id }) => id > after);
  const records = gone.slice(0, limit);
  const last = records.at(-1);
  const isLast = last === undefined || gone.length <= limit;
  return {
    records,
    unreadable: [],
    next: isLast ? null : { phase: 'deleted', after: last.id },
  };
}

/** After the last row come the tombstones of what no query shows any more, if there are some. */
async function withDeleted(
  { hardDeletes }: Reading,
  stream: string,
  window: ReadWindow,
  page: Page,
): Promise<Page> {
  if (page.next !== null) return page;
  const gone = await hardDeletes.gone(stream, window);
  return gone.length === 0 ? page : { ...page, next: { phase: 'deleted', after: '' } };
}

async function readPage(
  reading: Reading,
  stream: string,
  window: ReadWindow,
  after: PageToken | null,
  options?: PageOptions,
): Promise<Page> {
  const limit = Math.min(options?.limit ?? PAGE_SIZE, PAGE_SIZE);
  const asked: Asked = { stream, window, after, limit };
  const deleted = Tombstones.safeParse(after);
  if (deleted.success) return await deletedPage(reading, asked, deleted.data.after);
  const isBulk = after === null ? isForBulk(reading, stream, window) : isBulkToken(after);
  const ask = isBulk ? bulkPage : keysetPage;
  return await withDeleted(reading, stream, window, await ask(reading, asked));
}

async function count(
  { client, hardDeletes }: Reading,
  stream: string,
  window: ReadWindow,
): Promise<number> {
  const soql = `SELECT COUNT() FROM ${stream}${whereAll(windowConditions(stream, window))}`;
  const { totalSize } = await client.query(soql, `counting ${stream}`, true);
  return totalSize + (await hardDeletes.gone(stream, window)).length;
}

async function listKeys(
  { client, hardDeletes }: Reading,
  stream: string,
  window: ReadWindow,
): Promise<readonly RecordKey[]> {
  const field = stampFieldOf(stream);
  const rows = await rowsById(client, {
    what: `listing ${stream}`,
    object: stream,
    fields: [field],
    conditions: windowConditions(stream, window),
    withDeleted: true,
  });
  const keys = rows.map(({ Id: id, [field]: stamp }) => ({
    id,
    stamp: typeof stamp === 'string' ? normalizeStamp(stamp) : null,
  }));
  const gone = await hardDeletes.gone(stream, window);
  return [...keys, ...gone.map(({ id, stamp }) => ({ id, stamp }))];
}

/** Adds the records of these ids to `found` and those that cannot be landed to `unread`. */
async function collect(
  reading: Reading,
  stream: string,
  ids: readonly string[],
  into: {
    readonly found: Map<string, SourceRecord>;
    readonly unread: Map<string, UnreadableRecord>;
  },
): Promise<void> {
  for (const list of soqlLists(ids, IDS_PER_QUERY)) {
    const { done, records } = await reading.rows.select(stream, ` WHERE Id IN (${list})`);
    const rows = sortRows(records, stream);
    for (const record of rows.records) into.found.set(record.id, record);
    for (const row of rows.unreadable) if (row.id !== null) into.unread.set(row.id, row);
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
): Promise<RecordsById> {
  const wanted = [...new Set(ids.map(longId))];
  const found = new Map<string, SourceRecord>();
  const unread = new Map<string, UnreadableRecord>();
  await collect(reading, stream, wanted, { found, unread });
  const records = wanted
    .filter((id) => !unread.has(id))
    .map((id) => found.get(id) ?? { id, stamp: null, deleted: true, data: { Id: id } });
  return { records, unreadable: [...unread.values()] };
}

/**
 * Reads streams by (change stamp, Id). Deleted rows are part of every window (`queryAll`) and come as tombstones for as
 * long as the recycle bin keeps them; what left it comes after the last row, from the log of deletions. Counts and
 * lists of keys speak of the same set.
 */
export function createReader(deps: ReaderDeps): Reader {
  const reading: Reading = {
    ...deps,
    rows: createRowSource(deps),
    bulk: createBulkReader(deps),
    hardDeletes: createHardDeletes(deps),
  };
  return {
    openWindow: (stream, since, carried) => openWindow(reading, stream, since, carried),
    readPage: (stream, window, after, options) => readPage(reading, stream, window, after, options),
    countWindow: (stream, window) => count(reading, stream, window),
    listKeys: (stream, window) => listKeys(reading, stream, window),
    readByIds: (stream, ids) => readByIds(reading, stream, ids),
    deletionsOf: async (stream, ids) => {
      // No answer has told the time yet: nothing is known to be gone.
      const now = deps.clock().second();
      return now === null ? new Set() : await reading.hardDeletes.told(stream, ids, now);
    },
  };
}
