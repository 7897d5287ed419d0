import type {
  ConnectorContext,
  ConnectorSession,
  StreamDefinition,
} from '../../src/sdk/define-connector.ts';
import type { JsonObject } from '../../src/sdk/kernel.ts';
import { byReadability } from '../../src/sdk/read-only.ts';
import { NotFoundError, RemoteRejected } from '../../src/sdk/kernel.ts';
import type {
  Page,
  PageOptions,
  RecordKey,
  RecordsById,
  SourceRecord,
  UnreadableRecord,
} from '../../src/sdk/record.ts';
import { checkConnection } from './check-connection.ts';
import type { ScimConfig, ScimSecrets } from './config.ts';
import { describeObject } from './describe-object.ts';
import { joinedPages, type JoinedPages } from './joined-pages.ts';
import { LIMITS } from './limits.ts';
import { readListResponse } from './list-response.ts';
import {
  atStart,
  directoryOf,
  listOn,
  ListToken,
  type Directory,
  type ListStep,
} from './list-walk.ts';
import { outlastRefusals } from './outlast-refusals.ts';
import { createScimClient, isObject, type ScimQuery } from './scim-client.ts';
import { readRow, stampOf, tombstone } from './source-record.ts';
import { habitsOf, readSeats, writeSeats } from './write-seats.ts';
import { describeSeats, WRITERS, writerOf } from './writers.ts';

/** Records of a page that lands, several answers of a directory in one. */
const PAGE_ROWS = 2000;

/** The streams of every SCIM directory. No usable change stamp: deletions leave none, so every read is full. */
export const STREAMS: readonly StreamDefinition[] = [
  { name: 'Users', title: 'People', cursor: 'full', pageSize: PAGE_ROWS, personalData: true },
  { name: 'Groups', title: 'Groups', cursor: 'full', pageSize: PAGE_ROWS, personalData: true },
];

function pathOf(stream: string): string {
  if (STREAMS.some(({ name }) => name === stream)) return `/${stream}`;
  throw new NotFoundError(`There is no stream ${stream}. A directory has Users and Groups.`);
}

async function readPage(
  pages: JoinedPages,
  stream: string,
  token: JsonObject | null,
  { limit }: PageOptions = { limit: PAGE_ROWS },
): Promise<Page> {
  const after = token === null ? null : ListToken.parse(token);
  const { rows, next } = await pages({ path: pathOf(stream), after, limit });
  const records: SourceRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const row of rows) {
    const read = readRow(stream, row);
    if (read.kind === 'record') records.push(read.record);
    else unreadable.push(read.unreadable);
  }
  return { records, unreadable, next };
}

/**
 * Asks for the total alone: `count=0` (RFC 7644 §3.4.2.4). Some directories refuse it and are asked for one row, and
 * one that pages by cursor alone may know no startIndex. Null where no answer has a total.
 */
async function countAll(directory: Directory, stream: string): Promise<number | null> {
  const path = pathOf(stream);
  const place = await atStart(directory);
  const total = async (count: number): Promise<number | null> =>
    readListResponse(await directory.client.get(path, { ...place, count }), { path, count }).total;
  try {
    return await total(0);
  } catch (error) {
    if (error instanceof RemoteRejected) return await total(1);
    throw error;
  }
}

/**
 * By cursor a directory may leave out its total (RFC 9865 §2): then its ids are counted. By index it may not, and without
 * a total nothing tells whether the list ended or broke off.
 */
async function countWindow(
  directory: Directory,
  stream: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const total = await countAll(directory, stream);
  if (total !== null || !('cursor' in (await atStart(directory)))) return total;
  return (await listKeys(directory, stream, signal)).length;
}

async function walkKeys(
  directory: Directory,
  stream: string,
  extra: ScimQuery,
  signal: AbortSignal | undefined,
): Promise<readonly RecordKey[]> {
  const path = pathOf(stream);
  const keys = new Map<string, RecordKey>();
  let token: ListToken | null = null;
  do {
    const from = token;
    const step: ListStep = await outlastRefusals(
      directory.clock,
      () => listOn(directory, from, { path, extra }),
      signal,
    );
    for (const row of step.rows) {
      const id = isObject(row) ? row['id'] : undefined;
      if (isObject(row) && typeof id === 'string') keys.set(id, { id, stamp: stampOf(row) });
    }
    token = step.next;
  } while (token !== null);
  return [...keys.values()];
}

/** Only ids and stamps where the directory can, whole records where it refuses `attributes`. */
async function listKeys(
  directory: Directory,
  stream: string,
  signal?: AbortSignal,
): Promise<readonly RecordKey[]> {
  try {
    return await walkKeys(directory, stream, { attributes: 'id,meta.lastModified' }, signal);
  } catch (error) {
    if (error instanceof RemoteRejected) return await walkKeys(directory, stream, {}, signal);
    throw error;
  }
}

async function readById(
  { client }: Directory,
  stream: string,
  id: string,
): Promise<SourceRecord | UnreadableRecord> {
  const body = await client.find(`${pathOf(stream)}/${encodeURIComponent(id)}`);
  if (body === undefined) return tombstone(id);
  const read = readRow(stream, body);
  if (read.kind === 'unreadable') return { ...read.unreadable, id, outcome: 'quarantined' };
  if (read.record.id !== id) {
    throw new RemoteRejected(
      `The directory was asked for ${stream} ${id} and gave another record.`,
    );
  }
  return read.record;
}

async function readByIds(
  directory: Directory,
  stream: string,
  ids: readonly string[],
): Promise<RecordsById> {
  const read: (SourceRecord | UnreadableRecord)[] = [];
  for (let at = 0; at < ids.length; at += LIMITS.concurrency) {
    const chunk = ids.slice(at, at + LIMITS.concurrency);
    read.push(...(await Promise.all(chunk.map((id) => readById(directory, stream, id)))));
  }
  return byReadability(read);
}

/** Opens a directory. Sends nothing until it is asked for something. */
export function openSession(context: ConnectorContext<ScimConfig, ScimSecrets>): ConnectorSession {
  const client = createScimClient(context);
  const directory = directoryOf(client, context.config, context.clock);
  const pages = joinedPages(directory);
  const habits = habitsOf(directory);
  return {
    check: () => checkConnection(directory, STREAMS),
    describe: async (object) =>
      WRITERS.some((writer) => writer.object === object)
        ? describeSeats(writerOf(object))
        : describeObject(client, object),
    openWindow: async (stream) => {
      pathOf(stream);
      return { mode: 'full', from: null, to: null };
    },
    readPage: (stream, _window, after, options) => readPage(pages, stream, after, options),
    // A directory that pages by cursor may leave out its total (RFC 9865 §2): then its ids are counted.
    countWindow: (stream, _window, signal) => countWindow(directory, stream, signal),
    listKeys: (stream, _window, signal) => listKeys(directory, stream, signal),
    keysPerAnswer: context.config.pageSize,
    readByIds: (stream, ids) => readByIds(directory, stream, ids),
    write: async (object, requests) => writeSeats(directory, habits, writerOf(object), requests),
    readBack: async (object, _externalIds, vendorIds = []) =>
      readSeats(directory, writerOf(object), vendorIds),
    close: async () => undefined,
  };
}
