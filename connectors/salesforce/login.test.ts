import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import connector from './index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession, Egress, Vault } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { loopbackEgress } from '../../test/support/egress.ts';
import { memoryVault } from '../../test/support/held-secrets.ts';
import { control, startSalesforce } from '../../test/support/salesforce-session.ts';
import type { SalesforceSecrets } from './settings.ts';
import { fixtureWorld } from './twin/fixture-world.ts';

let twin: RunningTwin;
let calls: string[];

/** Notes the path of every call in the order in which they go out. */
function noting(): Egress {
  const plain = loopbackEgress();
  return {
    ...plain,
    http: (defaults) => {
      const http = plain.http(defaults);
      http.interceptors.request.use((request) => {
        calls.push(new URL(String(request.url)).pathname);
        return request;
      });
      return http;
    },
  };
}

const logins = () => calls.filter((path) => path.endsWith('/token')).length;
const stored = () => twin.credentials.secrets as SalesforceSecrets;

/** One session of one process; all that are given the same vault belong to one connection. */
function open(vault: Vault<SalesforceSecrets>, secrets = stored()): Promise<ConnectorSession> {
  return connector.open({
    connection: 'crm',
    config: connector.config.parse(twin.credentials.config),
    secrets: connector.secrets.parse(secrets),
    vault,
    reportUsage: () => undefined,
    egress: noting(),
    clock: systemClock(),
    logger: silentLogger,
  });
}

const count = (session: ConnectorSession) =>
  session.countWindow('Account', { mode: 'full', from: null, to: null });
const expire = (times = 1) =>
  control(twin, 'PUT', '/faults', { rules: [{ match: { path: 'queryAll' }, times, action: 'expire_token' }] }); // prettier-ignore

const ROTATING = { clientId: 'rotating', username: 'u', refreshToken: 'first', rotates: true };

beforeEach(async () => {
  calls = [];
  twin = await startSalesforce(fixtureWorld({ clients: [ROTATING], grant: 'refresh_token' }));
});
afterEach(() => twin.stop());

describe('a refresh token that rotates', () => {
  test('F-21: two processes that start at once refresh it once, and both read', async () => {
    const vault = memoryVault(stored());
    const sessions = await Promise.all([open(vault), open(vault)]);

    expect(await Promise.all(sessions.map(count))).toEqual([2, 2]);
    expect(logins()).toBe(1);
  });

  test('F-19: a session that ends under both of them is renewed once', async () => {
    const vault = memoryVault(stored());
    const sessions = await Promise.all([open(vault), open(vault)]);
    await Promise.all(sessions.map(count));
    await expire();

    expect(await Promise.all(sessions.map(count))).toEqual([2, 2]);
    expect(logins()).toBe(2);
  });

  test('F-08: the new one is stored before its session is used', async () => {
    const vault = memoryVault(stored());
    const order: string[] = [];
    const watched: Vault<SalesforceSecrets> = {
      fresh: (use) =>
        vault.fresh((secrets, save) =>
          use(secrets, async (next) => {
            order.push(...calls, 'saved');
            expect(next.refreshToken).not.toBe('first');
            await save(next);
          }),
        ),
    };
    await count(await open(watched));

    expect(order).toEqual(['/services/oauth2/token', 'saved']);
    expect(calls.slice(1)).toEqual(['/services/data/v67.0/queryAll']);
  });

  test('F-08: a session whose token cannot be stored is never used', async () => {
    const broken: Vault<SalesforceSecrets> = {
      fresh: (use) => use(stored(), () => Promise.reject(new Error('the store is away'))),
    };

    await expect(count(await open(broken))).rejects.toMatchObject({ name: 'RemoteUnavailable' });
    expect(calls).toEqual(['/services/oauth2/token']);
  });

  test('F-08: one that was lost is expired credentials, and nothing is read', async () => {
    const vault = memoryVault({ ...stored(), refreshToken: 'lost' });

    await expect(count(await open(vault))).rejects.toMatchObject({ name: 'AuthExpired' });
  });

  test('a stored session of other credentials is not taken up', async () => {
    const vault = memoryVault(stored());
    await count(await open(vault));
    const session = await vault.fresh(async (secrets) => secrets.session);
    const other = { ...stored(), clientSecret: 'another', ...(session === undefined ? {} : { session }) }; // prettier-ignore
    const before = logins();

    await expect(count(await open(memoryVault(other), other))).rejects.toMatchObject({
      name: 'AuthExpired',
    });
    expect(logins()).toBe(before + 1);
  });
});

describe('a grant without refresh tokens', () => {
  beforeEach(async () => {
    await twin.stop();
    twin = await startSalesforce();
  });

  test('F-19: of two processes whose sessions end, one logs in again and the other takes that up', async () => {
    const vault = memoryVault(stored());
    const sessions = await Promise.all([open(vault), open(vault)]);
    await Promise.all(sessions.map(count));
    const before = logins();
    await expire();

    expect(await Promise.all(sessions.map(count))).toEqual([2, 2]);
    expect(logins() - before).toBe(1);
  });

  test('F-22: a second 401 in a row is expired credentials after one renewal; the next call tries anew', async () => {
    const session = await open(memoryVault(stored()));
    await count(session);
    const before = logins();
    await expire(2);

    await expect(count(session)).rejects.toMatchObject({
      name: 'AuthExpired',
      message: expect.stringContaining('a session that it has just given out'),
    });
    expect(logins() - before).toBe(1);
    expect(await count(session)).toBe(2);
  });

  test('a 401 that comes after an answer is another end of a session, and is renewed', async () => {
    const session = await open(memoryVault(stored()));
    await count(session);
    for (let round = 0; round < 3; round += 1) {
      await expire();
      expect(await count(session)).toBe(2);
    }
  });

  test('a session that was taken up and is over as well is renewed once more', async () => {
    const vault = memoryVault(stored());
    const [first, second] = await Promise.all([open(vault), open(vault)]);
    await Promise.all([first, second].map(count));
    await expire();
    await count(first);
    await expire(2);

    expect(await count(second)).toBe(2);
  });
});
