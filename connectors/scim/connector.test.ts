import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { Page, PageToken, SourceRecord } from '../../src/sdk/record.ts';
import connector from './index.ts';
import { scimFixtureWorld } from './twin/fixture-world.ts';
import twin from './twin/index.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const WINDOW = { mode: 'full', from: null, to: null } as const;

let running: RunningTwin;
let session: ConnectorSession;

async function start(users: number, settings = {}): Promise<void> {
  running = await twin.start({
    world: scimFixtureWorld(users, settings),
    planted: [],
    port: 0,
    startAt: '2026-03-02T08:00:00Z',
    seed: 1,
  });
  session = await open({});
}

const open = (overrides: { token?: string; pageSize?: number }): Promise<ConnectorSession> =>
  connector.open({
    connection: 'people',
    config: connector.config.parse({ ...running.credentials.config, pageSize: overrides.pageSize }),
    ...heldSecrets({ token: overrides.token ?? running.credentials.secrets['token'] ?? '' }),
    egress: loopbackEgress(),
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });

async function readAll(
  from: ConnectorSession,
  stream: string,
  between?: (page: number) => Promise<void>,
): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  let after: PageToken | null = null;
  for (let page = 0; ; page += 1) {
    // A token is stored between two pages, so it must survive JSON.
    const token: PageToken | null = after === null ? null : JSON.parse(JSON.stringify(after));
    // So that something can happen between them, no page joins several answers of the directory.
    const options = between === undefined ? undefined : { limit: 200 };
    const read: Page = await from.readPage(stream, WINDOW, token, options);
    records.push(...read.records);
    if (read.next === null) return records;
    after = read.next;
    await between?.(page);
  }
}

const control = (path: string, method: string, body: unknown): Promise<Response> =>
  fetch(`${running.control}/${path}`, { method, body: JSON.stringify(body) });
const remove = (id: string): Promise<Response> =>
  control('mutate', 'POST', { object: 'Users', operation: 'delete', id });

beforeEach(() => start(455));
afterEach(() => running.stop());

describe('reading', () => {
  test.each([1, 2, 4, 7])(
    'F-11: all people come once in smaller pages of %s, of a directory that gives three at a time',
    async (limit) => {
      await running.stop();
      await start(13, { maxResults: 3 });
      const ids: string[] = [];
      let after: PageToken | null = null;
      do {
        const page: Page = await session.readPage('Users', WINDOW, after, { limit });
        ids.push(...page.records.map(({ id }) => id));
        after = page.next;
      } while (after !== null);

      expect([ids.length, new Set(ids).size]).toEqual([13, 13]);
    },
  );

  test.each([200, 100, 7])(
    'all 455 people come once, in pages of %s, and the count agrees',
    async (maxResults) => {
      await running.stop();
      await start(455, { maxResults });

      const records = await readAll(session, 'Users');
      const ids = new Set(records.map(({ id }) => id));

      expect(records).toHaveLength(455);
      expect(ids.size).toBe(455);
      expect(await session.countWindow('Users', WINDOW)).toBe(455);
      const keys = (await session.listKeys('Users', WINDOW)) ?? [];
      expect(new Set(keys.map(({ id }) => id))).toEqual(ids);
    },
  );

  test('a record carries the vendor’s id, its stamp and its data as sent', async () => {
    const [first] = await readAll(session, 'Users');

    expect(first).toMatchObject({
      id: 'user-00001',
      stamp: '2026-01-05T08:01:00.000Z',
      deleted: false,
      data: { externalId: 'E00001', active: true, [ENTERPRISE]: { employeeNumber: 'E00001' } },
    });
  });

  test('groups come with their members', async () => {
    const [group] = await readAll(session, 'Groups');

    expect(group?.data['members']).toHaveLength(10);
  });

  test('F-72: a group of 50,000 members is one record', async () => {
    const members = Array.from({ length: 50_000 }, (_, at) => ({
      value: `user-${at}`,
      type: 'User',
    }));
    await control('mutate', 'POST', {
      object: 'Groups',
      operation: 'update',
      id: 'group-1',
      fields: { members },
    });

    const [group] = await readAll(session, 'Groups');

    expect(group?.data['members']).toHaveLength(50_000);
  });

  test('F-72: active as a string becomes a boolean, and externalId "1" is only data', async () => {
    await control('mutate', 'POST', {
      object: 'Users',
      operation: 'update',
      id: 'user-00002',
      fields: { active: 'False', externalId: '1' },
    });

    const { records } = await session.readByIds('Users', ['user-00002']);

    expect(records).toMatchObject([{ id: 'user-00002', data: { active: false, externalId: '1' } }]);
  });

  test('F-31: people deleted between pages make nobody else vanish from the read', async () => {
    const gone = [
      'user-00003',
      'user-00090',
      'user-00150',
      'user-00199',
      'user-00200',
      'user-00201',
    ];

    const records = await readAll(session, 'Users', async (page) => {
      if (page === 0) await Promise.all(gone.map(remove));
    });
    const read = new Set(records.map(({ id }) => id));
    const left = ((await session.listKeys('Users', WINDOW)) ?? []).map(({ id }) => id);

    expect(left).toHaveLength(449);
    expect(left.filter((id) => !read.has(id))).toEqual([]);
  });

  test('a record that is gone comes as a tombstone, any other as it is now', async () => {
    await remove('user-00002');

    const { records } = await session.readByIds('Users', ['user-00001', 'user-00002']);

    expect(records).toMatchObject([
      { id: 'user-00001', deleted: false },
      { id: 'user-00002', deleted: true, data: { id: 'user-00002' } },
    ]);
  });

  test('a record that the directory leaves out of its pages is counted and can be named', async () => {
    await control('faults', 'PUT', {
      rules: [{ match: { object: 'Users', id: 'user-00455' }, action: 'drop_record' }],
    });

    const read = new Set((await readAll(session, 'Users')).map(({ id }) => id));
    const listed = ((await session.listKeys('Users', WINDOW)) ?? []).map(({ id }) => id);

    expect(read.size).toBe(454);
    expect(await session.countWindow('Users', WINDOW)).toBe(455);
    expect(listed.filter((id) => !read.has(id))).toEqual(['user-00455']);
  });

  test('an unknown stream is named', async () => {
    await expect(session.readPage('Devices', WINDOW, null)).rejects.toThrow(/no stream Devices/);
    await expect(session.openWindow('Devices', null)).rejects.toThrow(/no stream Devices/);
  });
});

describe('fields and checks', () => {
  test('describe names core, extension and nested fields', async () => {
    const { fields } = await session.describe('Users');

    const byName = new Map(fields.map((field) => [field.name, field]));
    expect(byName.get('id')).toMatchObject({ key: true, readOnly: true });
    expect(byName.get('userName')).toMatchObject({ required: true, custom: false });
    expect(byName.get('emails')).toMatchObject({ type: 'complex[]' });
    expect(byName.get('emails.value')).toMatchObject({ type: 'string' });
    expect(byName.get(`${ENTERPRISE}:employeeNumber`)).toMatchObject({ custom: true });
    await expect(session.describe('Devices')).rejects.toThrow('It has Users, Groups.');
  });

  test('a sound connection passes every check', async () => {
    const checks = await session.check();

    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([
      'login',
      'directory',
      'read Users',
      'count Users',
      'describe Users',
      'read Groups',
      'count Groups',
      'describe Groups',
    ]);
  });

  test('a wrong token fails the login with what to do, and never shows the token', async () => {
    const wrong = await open({ token: 'not-the-token' });

    const checks = await wrong.check();

    expect(checks).toMatchObject([
      { name: 'login', ok: false, fix: expect.stringContaining('token') },
    ]);
    expect(JSON.stringify(checks)).not.toContain('not-the-token');
    await expect(wrong.readPage('Users', WINDOW, null)).rejects.toMatchObject({
      code: 'auth_expired',
    });
  });

  test.each([
    ['does not answer', { action: 'status', status: 503 }, 'remote_unavailable'],
    ['asks us to wait', { action: 'status', status: 429 }, 'rate_limited'],
  ])('a directory that %s is no failed check', async (_, rule, code) => {
    await control('faults', 'PUT', { rules: [{ ...rule, match: {} }] });

    await expect(session.check()).rejects.toMatchObject({ code });
  });

  test('it writes nothing but logins, seats and memberships', async () => {
    await expect(session.write('Users', [])).rejects.toMatchObject({ code: 'not_found' });
    await expect(session.readBack('Users', [])).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('settings', () => {
  const problems = (input: unknown): string =>
    JSON.stringify(connector.config.safeParse(input).error?.issues ?? []);

  test.each([
    ['https://directory.example.test/scim/v2/', ''],
    ['http://127.0.0.1:8080/scim', ''],
    ['http://directory.example.test/scim', 'clear text'],
    ['https://user:pw@directory.example.test', 'user or password'],
    ['https://directory.example.test/scim?x=1', 'query'],
    ['ftp://directory.example.test', 'must be a URL'],
    ['directory', 'must be a URL'],
  ])('%s', (baseUrl, problem) => {
    const found = problems({ baseUrl });

    expect(problem === '' ? found : found.includes(problem)).toEqual(problem === '' ? '[]' : true);
  });

  test('the base URL loses its last slash, and its host is the only one that may be called', () => {
    const config = connector.config.parse({
      baseUrl: 'https://directory.example.test/scim/v2/',
      pageSize: '50',
    });

    expect(config).toEqual({
      baseUrl: 'https://directory.example.test/scim/v2',
      pageSize: 50,
      paging: 'auto',
    });
    expect(connector.hosts(config)).toEqual(['directory.example.test']);
  });

  test('a token with a line break is refused before it could reach a header', () => {
    expect(connector.secrets.safeParse({ token: 'a\r\nb' }).success).toBe(false);
  });
});
