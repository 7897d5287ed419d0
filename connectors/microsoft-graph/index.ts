import {
  defineConnector,
  type ConnectorContext,
  type ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { createJsonClient, jsonHttp } from '../../src/sdk/json-client.ts';
import { readOnlySession, tried, type ReadOnlySource } from '../../src/sdk/read-only.ts';
import { GraphConfig, GraphSecrets } from './config.ts';
import { createLogin } from './login.ts';
import { LICENCE_WRITER, licenceWriter } from './licence-writer.ts';
import { createReader } from './reader.ts';
import { FIELDS, STREAMS } from './streams.ts';

const LIMITS = { concurrency: 4, timeoutMs: 60_000, maxResponseBytes: 32 * 1024 * 1024 };
const RIGHTS = 'Give the app registration the application permissions User.Read.All and Organization.Read.All, with admin consent.'; // prettier-ignore

/** Opens a directory. Sends nothing until it is asked for something. */
function openSession(context: ConnectorContext<GraphConfig, GraphSecrets>): ConnectorSession {
  const { config, secrets, egress, clock } = context;
  const http = jsonHttp(egress, config.graphUrl, LIMITS);
  const login = createLogin({ http, config, secrets, clock });
  const client = createJsonClient({
    http,
    name: 'Microsoft Graph',
    clock,
    authorize: () => login.header(),
    forget: () => login.forget(),
  });
  const reader = createReader({ client, origin: config.graphUrl, pageSize: config.pageSize });
  const readOne = async (stream: string): Promise<string> =>
    `${(await reader.page(stream, null)).records.length} records on the first page`;
  const source: ReadOnlySource = {
    system: 'Microsoft Graph',
    streams: STREAMS,
    mode: 'full',
    fields: FIELDS,
    ...reader,
    check: async () => {
      const signIn = await tried('login', 'Check directory, client id and client secret.', async () => {
        await login.header();
        return 'A token is given';
      }); // prettier-ignore
      if (!signIn.ok) return [signIn];
      const reads = [];
      for (const { name } of STREAMS) reads.push(await tried(`read ${name}`, RIGHTS, () => readOne(name))); // prettier-ignore
      const count = async (): Promise<string> => `${(await reader.count('users')) ?? 0} users`;
      return [signIn, ...reads, await tried('count users', RIGHTS, count)];
    },
  };
  return readOnlySession(source, licenceWriter(client, reader, LIMITS.timeoutMs));
}

export default defineConnector({
  id: 'microsoft-graph',
  title: 'Microsoft 365 licences (Microsoft Graph)',
  role: 'usage',
  config: GraphConfig,
  secrets: GraphSecrets,
  streams: STREAMS,
  writers: [LICENCE_WRITER],
  limits: LIMITS,
  hosts: ({ graphUrl, loginUrl }) => [...new Set([new URL(graphUrl).hostname, new URL(loginUrl).hostname])], // prettier-ignore
  open: async (context) => openSession(context),
});
