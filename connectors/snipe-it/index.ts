import {
  defineConnector,
  type ConnectorContext,
  type ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { createJsonClient, jsonHttp } from '../../src/sdk/json-client.ts';
import { readOnlySession, tried } from '../../src/sdk/read-only.ts';
import { SnipeConfig, SnipeSecrets } from './config.ts';
import { createReader } from './reader.ts';
import { FIELDS, STREAMS } from './streams.ts';

const LIMITS = { concurrency: 2, timeoutMs: 60_000, maxResponseBytes: 32 * 1024 * 1024 };
const RIGHTS = 'Use an API key of a user who may view assets, licences and users.';

/** Opens a Snipe-IT for reading. Sends nothing until it is asked for something. */
function openSession(context: ConnectorContext<SnipeConfig, SnipeSecrets>): ConnectorSession {
  const { config, secrets, egress, clock } = context;
  const http = jsonHttp(egress, config.baseUrl, LIMITS);
  const client = createJsonClient({
    http,
    name: 'Snipe-IT',
    clock,
    authorize: () => Promise.resolve(`Bearer ${secrets.token}`),
  });
  const reader = createReader(client, config.pageSize);
  return readOnlySession({
    system: 'Snipe-IT',
    streams: STREAMS,
    mode: 'full',
    fields: FIELDS,
    ...reader,
    check: async () => {
      const login = await tried('login', RIGHTS, async () => `${await reader.count('hardware')} assets`);
      if (!login.ok) return [login];
      const reads = [];
      for (const { name } of STREAMS)
        reads.push(await tried(`read ${name}`, RIGHTS, async () => `${await reader.count(name)} records`));
      return [login, ...reads];
    }, // prettier-ignore
  });
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
