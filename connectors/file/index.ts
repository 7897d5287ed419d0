import { defineConnector } from '../../src/sdk/define-connector.ts';
import { FileConfig, FileSecrets } from './config.ts';
import { openSession } from './session.ts';
import { MAX_FILE_BYTES } from '../../src/sdk/local-file.ts';
import { STREAMS } from './streams.ts';

export default defineConnector({
  id: 'file',
  title: 'CSV and NDJSON files',
  role: 'file',
  config: FileConfig,
  secrets: FileSecrets,
  streams: STREAMS.map(({ key: _key, columns: _columns, ...stream }) => stream),
  writers: [],
  limits: { concurrency: 1, timeoutMs: 60_000, maxResponseBytes: MAX_FILE_BYTES },
  streamsOf: ({ streams }) => streams,
  hosts: () => [],
  open: async (context) => openSession(context),
});
