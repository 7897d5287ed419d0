import { defineConnector } from '../../src/sdk/define-connector.ts';
import { FlexnetConfig, FlexnetSecrets } from './config.ts';
import { MAX_LOG_BYTES } from './log-pieces.ts';
import { openSession } from './session.ts';
import { STREAMS } from './streams.ts';

export default defineConnector({
  id: 'flexnet',
  title: 'FlexNet licence server',
  role: 'usage',
  config: FlexnetConfig,
  secrets: FlexnetSecrets,
  streams: STREAMS,
  writers: [],
  limits: { concurrency: 1, timeoutMs: 60_000, maxResponseBytes: MAX_LOG_BYTES },
  streamsOf: ({ streams }) => streams,
  hosts: () => [],
  open: async (context) => openSession(context),
});
