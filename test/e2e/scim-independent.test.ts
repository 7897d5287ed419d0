import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import connector from '../../connectors/scim/index.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { PageToken, SourceRecord } from '../../src/sdk/record.ts';
import { loopbackEgress } from '../support/egress.ts';
import { startScimServer, type ScimServerProcess } from '../support/scim-server-process.ts';

const USERS = 455;
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let server: ScimServerProcess;

beforeAll(async () => {
  server = await startScimServer(USERS);
}, 150_000);
afterAll(() => server.stop());

const open = (pageSize: number): Promise<ConnectorSession> =>
  connector.open({
    connection: 'independent',
    config: connector.config.parse({ baseUrl: server.url, pageSize }),
    secrets: { token: server.token },
    egress: loopbackEgress(),
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });

async function readAll(
  session: ConnectorSession,
  stream: string,
): Promise<readonly SourceRecord[]> {
  const window = await session.openWindow(stream, null);
  const records: SourceRecord[] = [];
  let after: PageToken | null = null;
  do {
    const page = await session.readPage(stream, window, after);
    expect(page.unreadable).toEqual([]);
    records.push(...page.records);
    after = page.next;
  } while (after !== null);
  return records;
}

describe('against a SCIM server that is not ours', () => {
  test.each([200, 100, 20])(
    `all ${USERS} people come once in pages of %s, and the count closes`,
    async (pageSize) => {
      const session = await open(pageSize);

      const records = await readAll(session, 'Users');
      const distinct = new Set(records.map(({ id }) => id));
      const window = await session.openWindow('Users', null);

      expect(records).toHaveLength(USERS);
      expect(distinct.size).toBe(USERS);
      expect(await session.countWindow('Users', window)).toBe(USERS);
      expect(new Set(await session.listIds('Users', window))).toEqual(distinct);
    },
  );

  test('the enterprise extension comes with each person', async () => {
    const records = await readAll(await open(200), 'Users');

    const numbers = records.map(({ data }) => JSON.stringify(data[ENTERPRISE]));
    expect(numbers.filter((each) => /"employeeNumber":"E\d{5}"/.test(each))).toHaveLength(USERS);
  });

  test('groups, single records and tombstones read as from any directory', async () => {
    const session = await open(200);

    const groups = await readAll(session, 'Groups');
    const [first] = await readAll(session, 'Users');
    const again = await session.readByIds('Users', [first?.id ?? '', 'nobody']);

    expect(groups).toHaveLength(5);
    expect(again).toMatchObject([
      { id: first?.id, deleted: false },
      { id: 'nobody', deleted: true },
    ]);
  });

  test('every check of the connection passes', async () => {
    const checks = await (await open(200)).check();

    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('a wrong token is told as an expired login', async () => {
    const session = await connector.open({
      connection: 'independent',
      config: connector.config.parse({ baseUrl: server.url }),
      secrets: { token: 'wrong' },
      egress: loopbackEgress(),
      clock: fixedClock('2026-03-02T08:00:00Z'),
      logger: silentLogger,
    });

    await expect(
      session.countWindow('Users', { mode: 'full', from: null, to: null }),
    ).rejects.toMatchObject({ code: 'auth_expired' });
  });
});
