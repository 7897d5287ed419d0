import type {
  ConnectorContext,
  ConnectorSession,
  StreamDefinition,
} from '../../src/sdk/define-connector.ts';
import type { JsonObject } from '../../src/sdk/kernel.ts';
import { NotFoundError, RemoteRejected } from '../../src/sdk/kernel.ts';
import type { Page, RecordKey, SourceRecord } from '../../src/sdk/record.ts';
import { checkConnection } from './check-connection.ts';
import type { ScimConfig, ScimSecrets } from './config.ts';
import { describeObject } from './describe-object.ts';
import { WALK_START, walkOn, WalkToken, type WalkStep } from './index-walk.ts';
import { LIMITS } from './limits.ts';
import { readListResponse } from './list-response.ts';
import { createScimClient, isObject, type ScimClient, type ScimQuery } from './scim-client.ts';
import { readRow, stampOf, tombstone } from './source-record.ts';

/** The streams of every SCIM directory. No usable change stamp: deletions leave none, so every read is full. */
export const STREAMS: readonly StreamDefinition[] = [
  { name: 'Users', title: 'People', cursor: 'full', pageSize: 200, personalData: true },
  { name: 'Groups', title: 'Groups', cursor: 'full', pageSize: 200, personalData: true },
];

interface Directory {
  readonly client: ScimClient;
  readonly pageSize: number;
}

function pathOf(stream: string): string {
  if (STREAMS.some(({ name }) => name === stream)) return `/${stream}`;
  throw new NotFoundError(`There is no stream ${stream}. A directory has Users and Groups.`);
}

async function step(
  { client, pageSize }: Directory,
  stream: string,
  token: WalkToken,
  extra: ScimQuery = {},
): Promise<WalkStep> {
  const path = pathOf(stream);
  const query = { startIndex: token.startIndex, count: pageSize, ...extra };
  const body = await client.get(path, query);
  return walkOn(token, readListResponse(body, { path, count: pageSize }));
}

async function readPage(
  directory: Directory,
  stream: string,
  after: JsonObject | null,
): Promise<Page> {
  const token = after === null ? WALK_START : WalkToken.parse(after);
  const { rows, next } = await step(directory, stream, token);
  const read = rows.map((row) => readRow(stream, row));
  return {
    records: read.flatMap((each) => (each.kind === 'record' ? [each.record] : [])),
    unreadable: read.flatMap((each) => (each.kind === 'unreadable' ? [each.unreadable] : [])),
    next,
  };
}

/** `count=0` asks for the total alone (RFC 7644 §3.4.2.4); some directories refuse it and are asked for one row. */
async function countAll({ client }: Directory, stream: string): Promise<number | null> {
  const path = pathOf(stream);
  const total = async (count: number): Promise<number | null> =>
    readListResponse(await client.get(path, { startIndex: 1, count }), { path, count }).total;
  try {
    return await total(0);
  } catch (error) {
    if (error instanceof RemoteRejected) return await total(1);
    throw error;
  }
}

async function walkKeys(
  directory: Directory,
  stream: string,
  extra: ScimQuery,
): Promise<readonly RecordKey[]> {
  const keys = new Map<string, RecordKey>();
  let token: WalkToken | null = WALK_START;
  while (token !== null) {
    const { rows, next }: WalkStep = await step(directory, stream, token, extra);
    for (const row of rows) {
      const id = isObject(row) ? row['id'] : undefined;
      if (isObject(row) && typeof id === 'string') keys.set(id, { id, stamp: stampOf(row) });
    }
    token = next;
  }
  return [...keys.values()];
}

/** Only ids and stamps where the directory can, whole records where it refuses `attributes`. */
async function listKeys(directory: Directory, stream: string): Promise<readonly RecordKey[]> {
  try {
    return await walkKeys(directory, stream, { attributes: 'id,meta.lastModified' });
  } catch (error) {
    if (error instanceof RemoteRejected) return await walkKeys(directory, stream, {});
    throw error;
  }
}

async function readById({ client }: Directory, stream: string, id: string): Promise<SourceRecord> {
  const body = await client.find(`${pathOf(stream)}/${encodeURIComponent(id)}`);
  if (body === undefined) return tombstone(id);
  const read = readRow(stream, body);
  if (read.kind === 'unreadable') throw new RemoteRejected(read.unreadable.reason);
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
): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (let at = 0; at < ids.length; at += LIMITS.concurrency) {
    const chunk = ids.slice(at, at + LIMITS.concurrency);
    records.push(...(await Promise.all(chunk.map((id) => readById(directory, stream, id)))));
  }
  return records;
}

function readOnly(object: string): RemoteRejected {
  return new RemoteRejected(`A SCIM connection only reads: ${object} was not written.`);
}

/** Opens a directory for reading. Sends nothing until it is asked for something. */
export function openSession(context: ConnectorContext<ScimConfig, ScimSecrets>): ConnectorSession {
  const client = createScimClient(context);
  const directory: Directory = { client, pageSize: context.config.pageSize };
  return {
    check: () => checkConnection(client, STREAMS),
    describe: (object) => describeObject(client, object),
    openWindow: async (stream) => {
      pathOf(stream);
      return { mode: 'full', from: null, to: null };
    },
    readPage: (stream, _window, after) => readPage(directory, stream, after),
    countWindow: (stream) => countAll(directory, stream),
    listKeys: (stream) => listKeys(directory, stream),
    readByIds: (stream, ids) => readByIds(directory, stream, ids),
    write: async (object) => {
      throw readOnly(object);
    },
    readBack: async (object) => {
      throw readOnly(object);
    },
    close: async () => undefined,
  };
}
