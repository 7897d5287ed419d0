import { defineConnector, statusObject } from '../../src/sdk/define-connector.ts';
import { cancellationsOf } from './cancel.ts';
import { listenForChanges, streamsWithEvents } from './change-events.ts';
import { checkConnection } from './check.ts';
import { createClient, MAX_RESPONSE_BYTES, TIMEOUT_MS } from './client.ts';
import { describeObject } from './describe.ts';
import { translateError } from './errors.ts';
import { OUTBOUND_MESSAGES } from './push.ts';
import { createReader } from './read.ts';
import { readBackRecords } from './read-back.ts';
import { SalesforceConfig, SalesforceSecrets } from './settings.ts';
import { localTime } from './source-clock.ts';
import { clockOf } from './source-clocks.ts';
import { readStatuses, writeStatuses } from './status.ts';
import { SHOWS } from './status-fields.ts';
import { PAGE_SIZE, STREAMS, streamsOf } from './streams.ts';
import { writeRecords } from './write.ts';
import { WRITERS } from './writers.ts';

function hostOf(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [new URL(url).hostname];
}

export default defineConnector<SalesforceConfig, SalesforceSecrets>({
  id: 'salesforce',
  title: 'Salesforce',
  role: 'crm',
  config: SalesforceConfig,
  secrets: SalesforceSecrets,
  streams: STREAMS,
  streamsOf,
  writers: WRITERS,
  shows: SHOWS,
  limits: { concurrency: 5, timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_RESPONSE_BYTES },
  listensTo: (config) =>
    config.changeEvents ? streamsWithEvents(STREAMS.map((stream) => stream.name)) : [],
  push: OUTBOUND_MESSAGES,
  hosts: (config) => [
    ...new Set([
      ...hostOf(config.loginUrl),
      ...hostOf(config.instanceUrl),
      '*.salesforce.com',
      '*.my.salesforce.com',
    ]),
  ],
  open: async (context) => {
    const client = createClient(context);
    const reader = createReader({
      client,
      logger: context.logger,
      overlapSeconds: context.config.overlapSeconds,
      bulkFrom: context.config.bulkFrom,
      clock: () => clockOf(client.origin),
      time: localTime,
    });
    /** Vendor data of a shape that nobody foresaw must not leave as a bare TypeError. */
    const guard = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        throw translateError(error, what);
      }
    };
    return {
      check: () => checkConnection(client, context.config),
      describe: (object) =>
        guard(`describing ${object}`, () => describeObject(client, statusObject(object) ?? object)),
      openWindow: (stream, since, carried) =>
        guard(`opening ${stream}`, () => reader.openWindow(stream, since, carried)),
      readPage: (stream, window, after, options) =>
        guard(`reading ${stream}`, () => reader.readPage(stream, window, after, options)),
      countWindow: (stream, window) =>
        guard(`counting ${stream}`, () => reader.countWindow(stream, window)),
      listKeys: (stream, window) =>
        guard(`listing ${stream}`, () => reader.listKeys(stream, window)),
      // Ids and stamps are short: an answer holds as many as it holds records.
      keysPerAnswer: PAGE_SIZE,
      readByIds: (stream, ids) => guard(`reading ${stream}`, () => reader.readByIds(stream, ids)),
      deletionsOf: (stream, ids) =>
        guard(`asking for deletions of ${stream}`, () => reader.deletionsOf(stream, ids)),
      write: (object, requests) =>
        guard(`writing ${object}`, () => {
          const shown = statusObject(object);
          return shown === null
            ? writeRecords(client, object, requests)
            : writeStatuses(client, shown, requests);
        }),
      readBack: (object, externalIds, vendorIds) =>
        guard(`reading ${object} back`, () => {
          const shown = statusObject(object);
          return shown === null
            ? readBackRecords(client, object, externalIds, vendorIds)
            : readStatuses(client, shown, vendorIds ?? []);
        }),
      cancellations: (object, externalIds) =>
        guard(`asking how ${object} is cancelled`, () =>
          cancellationsOf(client, object, externalIds),
        ),
      listen: (options) =>
        guard('listening to changes', () => listenForChanges(client, context.logger, options)),
      close: async () => undefined,
    };
  },
});
