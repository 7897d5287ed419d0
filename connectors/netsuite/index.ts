import {
  defineConnector,
  type ConnectorContext,
  type ConnectorLimits,
  type ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { checkConnection } from './check.ts';
import { createClient } from './client.ts';
import { baseUrlOf, Config, MAX_CONCURRENCY, Secrets, TIMEOUT_MS } from './config.ts';
import { describeObject } from './describe.ts';
import { readBackRecords } from './read-back.ts';
import { createReader } from './read.ts';
import { createReferences } from './references.ts';
import { chosenStreams } from './stream-names.ts';
import { STREAM_PLANS } from './streams.ts';
import { writeRecords, WRITERS } from './write.ts';

/** The governor of the account keeps to the connection's own `concurrency`, which is lower. */
const LIMITS: ConnectorLimits = {
  concurrency: MAX_CONCURRENCY,
  timeoutMs: TIMEOUT_MS,
  maxResponseBytes: 64 * 1024 * 1024,
};

async function open(context: ConnectorContext<Config, Secrets>): Promise<ConnectorSession> {
  const client = createClient(context, LIMITS);
  const references = createReferences(client);
  return {
    ...createReader(client, context.config),
    check: () => checkConnection(client, context.config),
    describe: (object) => describeObject(client, object),
    write: (object, requests) => writeRecords(client, references, object, requests),
    readBack: (object, externalIds) => readBackRecords(client, references, object, externalIds),
    close: async () => client.close(),
  };
}

/** NetSuite: what is sold and bought, by and from whom, and who changed it in; sales orders and estimates out. */
export default defineConnector<Config, Secrets>({
  id: 'netsuite',
  title: 'NetSuite',
  role: 'erp',
  config: Config,
  secrets: Secrets,
  streams: STREAM_PLANS.map(({ definition }) => definition),
  writers: WRITERS,
  limits: LIMITS,
  streamsOf: (config) => chosenStreams(config.streams),
  hosts: (config) => [new URL(baseUrlOf(config)).hostname],
  open,
});
