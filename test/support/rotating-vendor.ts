import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { addConnection } from '../../src/intake/connections.ts';
import {
  defineConnector,
  type ConnectorContext,
  type ConnectorDefinition,
} from '../../src/sdk/define-connector.ts';
import { AuthExpired, HubError, RemoteUnavailable } from '../../src/sdk/kernel.ts';
import type { Kek } from '../../src/security/kek.ts';
import { sealSecrets } from '../../src/security/secrets.ts';
import type { TestStore } from './database.ts';

const Config = z.strictObject({ url: z.string().describe('Where it is.') });
const Secrets = z.strictObject({
  refreshToken: z.string().describe('Changes at each login.'),
  accessToken: z.string().optional().describe('What the last login gave.'),
});
type Context = ConnectorContext<z.infer<typeof Config>, z.infer<typeof Secrets>>;

/** A vendor whose refresh token is good for one login only, and that counts what reaches it. */
export interface RotatingVendor {
  readonly url: string;
  /** Successful logins. */
  readonly logins: () => number;
  /** Refused logins. */
  readonly refused: () => number;
  /** Calls other than logins. */
  readonly calls: () => number;
  /** The most calls that were in flight at a time. */
  readonly mostInFlight: () => number;
  /** Ends every access token that was given out. */
  expire(): void;
  /** Waits so long before each answer. */
  slow(ms: number): void;
  stop(): Promise<void>;
}

/** Starts the vendor; the first refresh token is `refresh-0`. */
export async function startRotatingVendor(): Promise<RotatingVendor> {
  let generation = 0;
  let live = '';
  let waitMs = 0;
  const count = { logins: 0, refused: 0, calls: 0, inFlight: 0, most: 0 };
  const login = (given: string, response: ServerResponse): void => {
    if (given !== `refresh-${generation}`) {
      count.refused += 1;
      return void response.writeHead(400).end('{"error":"invalid_grant"}');
    }
    generation += 1;
    count.logins += 1;
    live = `access-${generation}`;
    response.end(JSON.stringify({ refreshToken: `refresh-${generation}`, accessToken: live }));
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.startsWith('/token/') === true) {
      await delay(20);
      return login(request.url.slice('/token/'.length), response);
    }
    count.calls += 1;
    count.inFlight += 1;
    count.most = Math.max(count.most, count.inFlight);
    await delay(waitMs);
    count.inFlight -= 1;
    const known = live !== '' && request.headers.authorization === live;
    response.writeHead(known ? 200 : 401).end(known ? '7' : '{}');
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    logins: () => count.logins,
    refused: () => count.refused,
    calls: () => count.calls,
    mostInFlight: () => count.most,
    expire: () => (live = ''),
    slow: (ms) => (waitMs = ms),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A connector to it: `countWindow` is one call, with one new login when its token has ended. */
function rotatingConnector() {
  return defineConnector<z.infer<typeof Config>, z.infer<typeof Secrets>>({
    id: 'rotor',
    title: 'Gives another refresh token at each login',
    role: 'crm',
    config: Config,
    secrets: Secrets,
    streams: [],
    writers: [],
    limits: { concurrency: 8, timeoutMs: 5000, maxResponseBytes: 1000 },
    hosts: ({ url }) => [new URL(url).hostname],
    open: (context) => Promise.resolve(sessionOf(context)),
  });
}

function sessionOf(context: Context) {
  const http = context.egress.http({ baseURL: context.config.url, validateStatus: () => true });
  let token = context.secrets.accessToken;
  const renew = async (failed: string | undefined): Promise<void> => {
    await context.vault.fresh(async (newest, save) => {
      if (newest.accessToken !== failed) return void (token = newest.accessToken);
      const reply = await http.post(`/token/${newest.refreshToken}`);
      if (reply.status !== 200) throw new AuthExpired('The refresh token is refused.');
      const given = Secrets.parse(reply.data);
      await save(given);
      token = given.accessToken;
    });
  };
  const call = async (): Promise<number> => {
    try {
      const used = token;
      const ask = () => http.get('/', { headers: { authorization: token ?? 'none' } });
      let reply = await ask();
      if (reply.status === 401) {
        await renew(used);
        reply = await ask();
      }
      return Number(reply.data);
    } catch (error) {
      for (let each = error; each instanceof Error; each = each.cause as unknown)
        if (each instanceof HubError) throw each;
      throw new RemoteUnavailable('No answer.', { cause: error });
    }
  };
  const nothing = () => Promise.reject(new Error('The rotor only counts.'));
  return {
    check: async () => {
      await call();
      return [{ name: 'login', ok: true, detail: 'Signed in.', fix: null }];
    },
    describe: nothing,
    openWindow: nothing,
    readPage: nothing,
    countWindow: call,
    listKeys: nothing,
    readByIds: nothing,
    write: async () => {
      await call();
      return [];
    },
    readBack: async () => {
      await call();
      return [];
    },
    close: () => Promise.resolve(),
  };
}

/** The plug-in as the registry keeps it. */
export const ROTOR = rotatingConnector() as unknown as ConnectorDefinition;

/** Stores a connection to it under the given name. */
export async function addRotor(
  { store, tenantId }: Pick<TestStore, 'store' | 'tenantId'>,
  kek: Kek,
  id: string,
  url: string,
): Promise<void> {
  await store.withTenant(tenantId, async (tx) => {
    await addConnection(tx, {
      id,
      connector: 'rotor',
      role: 'crm',
      config: { url },
      allowPrivateNetwork: true,
    });
    await sealSecrets(tx, kek, id, { refreshToken: 'refresh-0' });
  });
}
