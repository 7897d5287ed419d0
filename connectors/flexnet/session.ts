import type {
  ConnectionCheck,
  ConnectorContext,
  ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { RemoteRejected } from '../../src/sdk/kernel.ts';
import { readOnlySession, tried } from '../../src/sdk/read-only.ts';
import type { FlexnetConfig, FlexnetSecrets } from './config.ts';
import { createRowReader, readRows } from './row-reader.ts';
import { FIELDS, STREAMS } from './streams.ts';

const FIX =
  'Put an lmgrd debug log, or the output of lmstat -a, into the connection’s directory, readable for the server.';

function checkStream(config: FlexnetConfig, stream: string): Promise<ConnectionCheck> {
  return tried(`read ${stream}`, FIX, async () => {
    const { records, unreadable } = await readRows(config, stream, null);
    if (records.length === 0 && unreadable.length > 0)
      throw new RemoteRejected(`None of ${unreadable.length} lines can be read.`);
    return `${records.length} records, ${unreadable.length} lines that cannot be read`;
  });
}

/**
 * Opens the files of a licence server. A log only tells of a while: what it no longer holds is not gone, so no read is
 * a full one and nothing is ever removed.
 */
export function openSession({
  config,
}: ConnectorContext<FlexnetConfig, FlexnetSecrets>): ConnectorSession {
  const reader = createRowReader(config);
  const session = readOnlySession({
    system: 'A licence server',
    streams: STREAMS,
    mode: 'incremental',
    fields: FIELDS,
    ...reader,
    check: async () => {
      const checks: ConnectionCheck[] = [];
      for (const stream of config.streams) checks.push(await checkStream(config, stream));
      return checks;
    },
  });
  return {
    ...session,
    openWindow: (stream, _since, carried) => reader.window(stream, carried ?? null),
    countWindow: async (stream, { unprovable }) =>
      unprovable === undefined ? await reader.count(stream) : null,
    // Of all that was ever read a log lists too little.
    listKeys: async (stream, { mode }) => (mode === 'full' ? null : await reader.keys(stream)),
  };
}
