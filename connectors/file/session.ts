import type {
  ConnectionCheck,
  ConnectorContext,
  ConnectorSession,
  ObjectDescription,
} from '../../src/sdk/define-connector.ts';
import { HubError, RemoteRejected } from '../../src/sdk/kernel.ts';
import type {
  RecordKey,
  RecordsById,
  SourceRecord,
  UnreadableRecord,
} from '../../src/sdk/record.ts';
import type { FileConfig, FileSecrets } from './config.ts';
import { countRows } from './count-rows.ts';
import { csvHeader } from './csv-rows.ts';
import { idOf, keyedRows } from './keyed-rows.ts';
import { createPageReader, keyColumns } from './page-reader.ts';
import { openSourceFile, type SourceFile } from './source-file.ts';
import type { FileStream } from './file-stream.ts';
import { STREAMS, streamNamed } from './streams.ts';

async function withFile<T>(
  config: FileConfig,
  stream: FileStream,
  use: (file: SourceFile) => Promise<T>,
): Promise<T> {
  const file = await openSourceFile(config, stream);
  try {
    return await use(file);
  } finally {
    await file.handle.close();
  }
}

/** The columns of the file as it is now; of a JSON file, the members that the shipped mappings know. */
function columnsOf(config: FileConfig, stream: FileStream): Promise<readonly string[]> {
  return withFile(config, stream, async (file) => {
    if (file.format === 'csv') return csvHeader(file, keyColumns(config, stream));
    return stream.columns.map(({ name }) => name);
  });
}

async function checkStream(config: FileConfig, stream: FileStream): Promise<ConnectionCheck> {
  const name = `read ${stream.name}`;
  try {
    const columns = await columnsOf(config, stream);
    return { name, ok: true, detail: `${columns.length} columns`, fix: null };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const fix = 'Put the file into the connection’s directory, readable for the server.';
    return { name, ok: false, detail: error.message, fix };
  }
}

async function describeStream(config: FileConfig, stream: FileStream): Promise<ObjectDescription> {
  const labels = new Map(stream.columns.map(({ name, label }) => [name, label]));
  const key = keyColumns(config, stream);
  const columns = await columnsOf(config, stream);
  const fields = columns.map((name) => ({
    name,
    label: labels.get(name) ?? name,
    type: 'text',
    required: key.includes(name),
    readOnly: true,
    custom: !labels.has(name),
    key: key.includes(name),
    picklist: [],
    reference: null,
  }));
  return { object: stream.name, label: stream.title, fields };
}

function listKeys(config: FileConfig, stream: FileStream): Promise<readonly RecordKey[]> {
  return withFile(config, stream, async (file) => {
    const keys: RecordKey[] = [];
    for await (const row of keyedRows(file, keyColumns(config, stream)))
      keys.push({ id: idOf(row), stamp: null });
    return keys;
  });
}

function readByIds(
  config: FileConfig,
  stream: FileStream,
  ids: readonly string[],
): Promise<RecordsById> {
  return withFile(config, stream, async (file) => {
    const wanted = new Set(ids);
    const found = new Map<string, SourceRecord>();
    const unreadable = new Map<string, UnreadableRecord>();
    for await (const row of keyedRows(file, keyColumns(config, stream))) {
      if (!wanted.has(idOf(row))) continue;
      if (row.kind === 'unreadable') unreadable.set(idOf(row), row.unreadable);
      else found.set(row.record.id, row.record);
    }
    return {
      records: ids
        .filter((id) => !unreadable.has(id))
        .map((id) => found.get(id) ?? { id, stamp: null, deleted: true, data: {} }),
      unreadable: [...unreadable.values()],
    };
  });
}

function readOnly(object: string): RemoteRejected {
  return new RemoteRejected(`A file connection only reads: ${object} was not written.`);
}

/** Opens a directory of files. Nothing is read until it is asked for. */
export function openSession({
  config,
}: ConnectorContext<FileConfig, FileSecrets>): ConnectorSession {
  const reader = createPageReader(config);
  return {
    check: async () => {
      const checks: ConnectionCheck[] = [];
      for (const stream of STREAMS.filter(({ name }) =>
        config.streams.some((own) => own === name),
      )) {
        checks.push(await checkStream(config, stream));
      }
      return checks;
    },
    describe: async (object) => describeStream(config, streamNamed(object)),
    openWindow: async (stream) => {
      streamNamed(stream);
      return { mode: 'full', from: null, to: null };
    },
    readPage: async (stream, _window, after, options) =>
      reader.next(streamNamed(stream), after, options),
    countWindow: async (name) => {
      const stream = streamNamed(name);
      return withFile(config, stream, async (file) => {
        await reader.checkUnchanged(stream, file);
        return countRows(file);
      });
    },
    listKeys: async (stream) => listKeys(config, streamNamed(stream)),
    readByIds: async (stream, ids) => readByIds(config, streamNamed(stream), ids),
    write: async (object) => {
      throw readOnly(object);
    },
    readBack: async (object) => {
      throw readOnly(object);
    },
    close: () => reader.close(),
  };
}
