import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import connector from '../../connectors/scim/index.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { PageToken, SourceRecord } from '../../src/sdk/record.ts';
import { makeCliHome, type CliHome } from '../support/cli.ts';
import { loopbackEgress } from '../support/egress.ts';
import { startScimServer, type ScimServerProcess } from '../support/scim-server-process.ts';
import { addArguments } from '../support/twin-process.ts';
import { heldSecrets } from '../support/held-secrets.ts';

const USERS = 455;
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const Pulled = z.object({
  run: z.string(),
  streams: z.array(
    z.strictObject({
      stream: z.string(),
      sourceCount: z.number().nullable(),
      landed: z.number(),
      created: z.number(),
      updated: z.number(),
      unchanged: z.number(),
      superseded: z.number(),
      rejected: z.number(),
      quarantined: z.number(),
      closed: z.boolean().nullable(),
    }),
  ),
});

let server: ScimServerProcess;

beforeAll(async () => {
  server = await startScimServer(USERS);
}, 150_000);
afterAll(() => server.stop());

const open = (pageSize: number): Promise<ConnectorSession> =>
  connector.open({
    connection: 'independent',
    config: connector.config.parse({ baseUrl: server.url, pageSize }),
    ...heldSecrets({ token: server.token }),
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
      const keys = (await session.listKeys('Users', window)) ?? [];
      expect(new Set(keys.map(({ id }) => id))).toEqual(distinct);
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
    const { records: again } = await session.readByIds('Users', [first?.id ?? '', 'nobody']);

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
      ...heldSecrets({ token: 'wrong' }),
      egress: loopbackEgress(),
      clock: fixedClock('2026-03-02T08:00:00Z'),
      logger: silentLogger,
    });

    await expect(
      session.countWindow('Users', { mode: 'full', from: null, to: null }),
    ).rejects.toMatchObject({ code: 'auth_expired' });
  });
});

describe('through the command line', () => {
  let home: CliHome;
  beforeAll(async () => {
    home = await makeCliHome();
  });
  afterAll(() => home?.stop(), 60_000);

  const users = async (): Promise<z.infer<typeof Pulled>['streams'][number] | undefined> =>
    (await home.json(['pull', 'people'], Pulled)).streams.find(({ stream }) => stream === 'Users');

  test(`trueup pull lands all ${USERS} people of a SCIM server that is not ours, and closes`, async () => {
    const connection = {
      connector: 'scim',
      name: 'people',
      config: { baseUrl: server.url },
      secrets: { token: server.token },
    };
    const added = await home.run(await addArguments(home, connection));

    expect([added.code, added.out]).toEqual([0, expect.stringContaining('checks passed')]);
    expect(await users()).toMatchObject({
      sourceCount: USERS,
      landed: USERS,
      created: USERS,
      rejected: 0,
      quarantined: 0,
      closed: true,
    });
  }, 90_000);

  test('read again it finds the same people, and nothing new', async () => {
    expect(await users()).toMatchObject({ created: 0, updated: 0, quarantined: 0, closed: true });
  }, 60_000);

  test('every person of it becomes a fact: nothing waits for a person', async () => {
    const errors = await home.json(['errors', 'list'], z.array(z.unknown()));

    expect(errors).toEqual([]);
  });

  test('the worker shows what it read, asked and did in its figures, the API its own', async () => {
    const workerUrl = await readFile(join(home.folder, 'run', 'worker.address'), 'utf8');
    const { url: apiUrl } = await home.processes();
    const get = async (url: string) => (await fetch(url)).text();

    const figures = await get(`${workerUrl}/metrics`);

    expect(figures).toContain(
      `trueup_sync_records_total{stream="Users",outcome="created"} ${USERS}\n`,
    );
    expect(figures).toContain(
      `trueup_sync_records_total{stream="Users",outcome="unchanged"} ${USERS}\n`,
    );
    expect(figures).toMatch(/trueup_job_seconds_count\{job="pull",outcome="done"\} [4-9]\n/);
    expect(figures).toMatch(/trueup_job_seconds_count\{job="map",outcome="done"\} [1-9]/);
    expect(figures).toMatch(/trueup_connector_request_seconds_count\{connector="scim"\} [1-9]/);
    expect(JSON.parse(await get(`${workerUrl}/readyz`))).toMatchObject({ ready: true });
    expect((await fetch(`${workerUrl}/api/v1/runs`)).status).toBe(404);
    expect(await get(`${apiUrl}/metrics`)).toContain('trueup_queue_depth{lane="bulk"}');
  });
});
