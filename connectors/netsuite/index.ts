import {
  defineConnector,
  statusObject,
  type ConnectorContext,
  type ConnectorLimits,
  type ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { cancellationsOf } from './cancel.ts';
import { checkConnection } from './check.ts';
import { createClient } from './client.ts';
import { baseUrlOf, Config, MAX_CONCURRENCY, Secrets, TIMEOUT_MS } from './config.ts';
import { describeObject } from './describe.ts';
import { readBackRecords } from './read-back.ts';
import { createReader } from './read.ts';
import { readPositions, writePositions } from './positions.ts';
import { createReferences } from './references.ts';
import { readStatuses, writeStatuses } from './status.ts';
import { SHOWS } from './status-fields.ts';
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
  const writing = { client, references, asJob: context.config.asJob };
  return {
    ...createReader(client, context.config),
    check: () => checkConnection(client, context.config),
    describe: (object) => describeObject(client, statusObject(object) ?? object),
    write: (object, requests) => {
      const shown = statusObject(object);
      if (shown !== null) return writeStatuses(client, shown, requests);
      return object === 'customer'
        ? writePositions(client, requests)
        : writeRecords(writing, object, requests);
    },
    readBack: (object, externalIds, vendorIds = []) => {
      const shown = statusObject(object);
      if (shown !== null) return readStatuses(client, shown, vendorIds);
      return object === 'customer'
        ? readPositions(client, vendorIds)
        : readBackRecords(client, references, object, externalIds);
    },
    cancellations: (object, externalIds) =>
      cancellationsOf(client, references, object, externalIds),
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
  shows: SHOWS,
  limits: LIMITS,
  streamsOf: (config) => chosenStreams(config.streams),
  hosts: (config) => [new URL(baseUrlOf(config)).hostname],
  open,
});
