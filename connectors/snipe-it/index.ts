import {
  defineConnector,
  type ConnectorContext,
  type ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { createJsonClient } from '../../src/sdk/json-client.ts';
import { describeByName, refuseWrites, streamNamed, tried } from '../../src/sdk/read-only.ts';
import { SnipeConfig, SnipeSecrets } from './config.ts';
import { createReader } from './reader.ts';
import { FIELDS, STREAMS } from './streams.ts';

const LIMITS = { concurrency: 2, timeoutMs: 60_000, maxResponseBytes: 32 * 1024 * 1024 };
const RIGHTS = 'Use an API key of a user who may view assets, licences and users.';

/** Opens a Snipe-IT for reading. Sends nothing until it is asked for something. */
function openSession(context: ConnectorContext<SnipeConfig, SnipeSecrets>): ConnectorSession {
  const { config, secrets, egress, clock } = context;
  const http = egress.http({
    baseURL: config.baseUrl,
    timeout: LIMITS.timeoutMs,
    maxContentLength: LIMITS.maxResponseBytes,
    maxRedirects: 0,
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
    headers: { accept: 'application/json' },
  });
  const client = createJsonClient({
    http,
    name: 'Snipe-IT',
    clock,
    authorize: () => Promise.resolve(`Bearer ${secrets.token}`),
  });
  const reader = createReader(client, config.pageSize);
  const named = (stream: string) => streamNamed(STREAMS, stream, 'Snipe-IT');
  return {
    check: async () => {
      const login = await tried('login', RIGHTS, async () => `${await reader.count('hardware')} assets`);
      if (!login.ok) return [login];
      const reads = [];
      for (const { name } of STREAMS)
        reads.push(await tried(`read ${name}`, RIGHTS, async () => `${await reader.count(name)} records`));
      return [login, ...reads];
    }, // prettier-ignore
    describe: async (object) => {
      const { name, title } = named(object);
      return describeByName(name, title, FIELDS[name] ?? []);
    },
    openWindow: async (stream) => {
      named(stream);
      return { mode: 'full', from: null, to: null };
    },
    readPage: (stream, _window, after, options) => reader.page(stream, after, options?.limit),
    countWindow: (stream) => reader.count(stream),
    listKeys: (stream) => reader.keys(stream),
    readByIds: (stream, ids) => reader.byIds(stream, ids),
    ...refuseWrites('Snipe-IT'),
    close: async () => undefined,
  };
}

export default defineConnector({
  id: 'snipe-it',
  title: 'Snipe-IT asset inventory',
  role: 'assets',
  config: SnipeConfig,
  secrets: SnipeSecrets,
  streams: STREAMS,
  writers: [],
  limits: LIMITS,
  hosts: ({ baseUrl }) => [new URL(baseUrl).hostname],
  open: async (context) => openSession(context),
});
