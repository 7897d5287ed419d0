import {
  defineConnector,
  type ConnectorContext,
  type ConnectorLimits,
  type ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { checkConnection } from './check.ts';
import { createClient } from './client.ts';
import { baseUrlOf, Config, Secrets, TIMEOUT_MS } from './config.ts';
import { describeObject } from './describe.ts';
import { readBackRecords } from './read-back.ts';
import { createReader } from './read.ts';
import { createReferences } from './references.ts';
import { STREAM_PLANS } from './streams.ts';
import { writeRecords, WRITERS } from './write.ts';

/** NetSuite's pool of concurrent calls is shared by the whole account and starts at 5: one is left to others. */
const LIMITS: ConnectorLimits = {
  concurrency: 4,
  timeoutMs: TIMEOUT_MS,
  maxResponseBytes: 64 * 1024 * 1024,
};

async function open(context: ConnectorContext<Config, Secrets>): Promise<ConnectorSession> {
  const client = createClient(context, LIMITS);
  const references = createReferences(client);
  return {
    ...createReader(client, context.config),
    check: () => checkConnection(client, LIMITS),
    describe: (object) => describeObject(client, object),
    write: (object, requests) => writeRecords(client, references, object, requests),
    readBack: (object, externalIds) => readBackRecords(client, references, object, externalIds),
    close: async () => undefined,
  };
}

/** NetSuite: orders, invoices, customers, items and subsidiaries in; sales orders and estimates out. */
export default defineConnector<Config, Secrets>({
  id: 'netsuite',
  title: 'NetSuite',
  role: 'erp',
  config: Config,
  secrets: Secrets,
  streams: STREAM_PLANS.map(({ definition }) => definition),
  writers: WRITERS,
  limits: LIMITS,
  hosts: (config) => [new URL(baseUrlOf(config)).hostname],
  open,
});
