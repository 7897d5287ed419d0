import type {
  ConnectionCheck,
  ConnectorContext,
  ConnectorSession,
  ObjectDescription,
} from '../../src/sdk/define-connector.ts';
import { HubError, RemoteRejected } from '../../src/sdk/kernel.ts';
import type { FlexnetConfig, FlexnetSecrets } from './config.ts';
import { createRowReader, readRows } from './row-reader.ts';
import { streamNamed } from './streams.ts';

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  checkouts: ['server', 'daemon', 'feature', 'product', 'user', 'host', 'licences', 'out_at', 'in_at', 'end_reason', 'borrowed_until'],
  denials: ['server', 'daemon', 'feature', 'product', 'user', 'host', 'licences', 'at', 'reason', 'reason_code'],
  features: ['server', 'feature', 'issued', 'in_use', 'at', 'holders'],
}; // prettier-ignore

function readOnly(object: string): RemoteRejected {
  return new RemoteRejected(`A licence server’s files are only read: ${object} was not written.`);
}

async function checkStream(config: FlexnetConfig, stream: string): Promise<ConnectionCheck> {
  const name = `read ${stream}`;
  try {
    const { records, unreadable } = await readRows(config, stream, null);
    const ok = records.length > 0 || unreadable.length === 0;
    const detail = `${records.length} records, ${unreadable.length} lines that cannot be read`;
    const fix = ok
      ? null
      : 'Check that the file is an lmgrd debug log, or the output of lmstat -a.';
    return { name, ok, detail, fix };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const fix = 'Put the file into the connection’s directory, readable for the server.';
    return { name, ok: false, detail: error.message, fix };
  }
}

function describeStream(stream: string): ObjectDescription {
  const label = streamNamed(stream).title;
  const fields = (FIELDS[stream] ?? []).map((name) => ({
    name,
    label: name.replaceAll('_', ' '),
    type: 'text',
    required: false,
    readOnly: true,
    custom: false,
    key: false,
    picklist: [],
    reference: null,
  }));
  return { object: stream, label, fields };
}

/**
 * Opens the files of a licence server. A log only tells of a while: what it no longer holds is not gone, so no read is
 * a full one and nothing is ever removed.
 */
export function openSession({
  config,
}: ConnectorContext<FlexnetConfig, FlexnetSecrets>): ConnectorSession {
  const rows = createRowReader(config);
  return {
    check: async () => {
      const checks: ConnectionCheck[] = [];
      for (const stream of config.streams) checks.push(await checkStream(config, stream));
      return checks;
    },
    describe: async (object) => describeStream(object),
    openWindow: async (stream) => {
      streamNamed(stream);
      return { mode: 'incremental', from: null, to: null };
    },
    readPage: (stream, _window, after, options) => rows.page(stream, after, options?.limit),
    countWindow: (stream) => rows.count(stream),
    listKeys: (stream) => rows.keys(stream),
    readByIds: (stream, ids) => rows.byIds(stream, ids),
    write: async (object) => {
      throw readOnly(object);
    },
    readBack: async (object) => {
      throw readOnly(object);
    },
    close: async () => rows.close(),
  };
}
