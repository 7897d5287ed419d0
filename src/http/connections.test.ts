import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scimFixtureWorld } from '../../connectors/scim/twin/fixture-world.ts';
import twin from '../../connectors/scim/twin/index.ts';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';
import type { RunningTwin } from '../sdk/define-twin.ts';
import { loadRoutes } from './load-routes.ts';

const CANARY = 'canary-e83c91';

let api: TestApi;
let admin: string;
let directory: RunningTwin;

beforeAll(async () => {
  api = await testApi();
  admin = (await api.person('acme', ['admin'])).key;
  directory = await twin.start({
    world: scimFixtureWorld(5),
    planted: [],
    port: 0,
    startAt: '2026-03-02T08:00:00Z',
    seed: 1,
  });
});
afterAll(async () => {
  await directory.stop();
  await api.close();
});

const token = (): string => directory.credentials.secrets['token'] ?? '';

async function add(name: string, change: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  const { config, secrets } = directory.credentials;
  const body = { name, connector: 'scim', config, secrets, allowPrivateNetwork: true, ...change };
  return await api.call('POST', '/api/v1/connections', { key: admin, body });
}

async function isKept(name: string): Promise<boolean> {
  const rows = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql(
      `select from connection c where c.id = $1 union all select from connection_key k where k.connection like $1 || '%'`,
      [name],
    ),
  );
  return rows.length > 0;
}

describe('adding a connection', () => {
  test('signs in, keeps it read-only with its checks, and tells where it is', async () => {
    const answer = await add('people');

    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/v1/connections/people');
    expect(answer.body).toMatchObject({
      id: 'people',
      role: 'directory',
      mode: 'read-only',
      status: 'ok',
      secretFields: ['token'],
      takesPushes: false,
    });
    expect(answer.body.checks).toContainEqual(expect.objectContaining({ name: 'login', ok: true }));
  });

  test('under a taken name is refused before anybody signs in', async () => {
    const answer = await add('people', { secrets: { token: 'wrong' } });

    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
  });

  test.each([
    [
      'wrong credentials',
      { secrets: { token: `${CANARY}-wrong` } },
      502,
      'auth_expired',
      /token|credentials/i,
    ],
    [
      'a host that does not answer',
      { config: { baseUrl: 'http://127.0.0.1:1/scim/v2' } },
      502,
      'remote_unavailable',
      /did not answer/,
    ],
    [
      'a host without an address',
      { config: { baseUrl: 'https://nowhere.invalid/scim/v2' } },
      502,
      'remote_unavailable',
      /did not answer|no address/,
    ],
    [
      'a private address without leave',
      { allowPrivateNetwork: false },
      403,
      'forbidden',
      /--allow-private-network/,
    ],
    [
      'an address of cloud metadata',
      { config: { baseUrl: 'https://169.254.169.254/scim' } },
      403,
      'forbidden',
      /never connects/,
    ],
    [
      'settings that do not fit',
      { config: { baseUrl: 'ftp://x' } },
      422,
      'validation_failed',
      /"\/config\/baseUrl"/,
    ],
    [
      'a setting that there is not',
      { config: { baseUrl: 'https://x.example', colour: 'red' } },
      422,
      'validation_failed',
      /colour/,
    ],
    ['secrets that do not fit', { secrets: {} }, 422, 'validation_failed', /"\/secrets\/token"/],
    [
      'a connector that there is not',
      { connector: 'telepathy' },
      404,
      'not_found',
      /Installed: file, .*netsuite/,
    ],
  ])(
    'with %s is refused in clear words, and nothing is kept',
    async (_, change, status, code, words) => {
      const answer = await add('attempt', change);

      expect([answer.status, answer.body.code, answer.text]).toEqual([
        status,
        code,
        expect.stringMatching(words),
      ]);
      expect(answer.text).not.toContain(CANARY);
      expect(await isKept('attempt')).toBe(false);
    },
  );

  test('that can read nothing is refused, and by force kept', async () => {
    const files = { connector: 'file', config: { directory: api.deps.home }, secrets: {} };

    const refused = await add('drop', files);
    const isKeptThen = await isKept('drop');
    const forced = await add('drop', { ...files, force: true });

    expect([refused.status, refused.body.code, isKeptThen]).toEqual([
      422,
      'validation_failed',
      false,
    ]);
    expect(refused.body.errors).toContainEqual(
      expect.objectContaining({ pointer: '/checks/employment' }),
    );
    expect([forced.status, forced.body.checks]).toEqual([
      201,
      expect.arrayContaining([expect.objectContaining({ name: 'read employment', ok: false })]),
    ]);
  });

  test('by force keeps what cannot sign in, with the failed check', async () => {
    const answer = await add('forced', { secrets: { token: 'wrong' }, force: true });

    expect([answer.status, answer.body.status]).toEqual([201, 'reauth_required']);
    expect(answer.body.checks).toContainEqual(
      expect.objectContaining({ name: 'login', ok: false }),
    );
  });

  test('unchecked still validates what is given', async () => {
    expect((await add('unchecked', { check: false, config: {} })).status).toBe(422);
    expect((await add('unchecked', { check: false })).body).toMatchObject({
      status: 'unchecked',
      checks: [],
    });
  });
});

describe('a kept connection', () => {
  test('is checked anew, and described by the system itself', async () => {
    const checked = await api.call('POST', '/api/v1/connections/people:check', { key: admin });
    const objects = await api.call('GET', '/api/v1/connections/people/objects', { key: admin });
    const described = await api.call('GET', '/api/v1/connections/people/objects/Users', {
      key: admin,
    });

    expect(checked.body.checks.every((each: { ok: boolean }) => each.ok)).toBe(true);
    expect(objects.body.data).toContainEqual({
      object: 'Users',
      title: expect.any(String),
      reads: true,
      writes: false,
    });
    expect(described.body.fields.map((each: { name: string }) => each.name)).toContain('userName');
  });

  test('with credentials that stopped working says so in its check, and keeps the answer', async () => {
    const checked = await api.call('POST', '/api/v1/connections/forced:check', { key: admin });

    expect([checked.status, checked.body.status]).toEqual([200, 'reauth_required']);
    expect(
      (await api.call('GET', '/api/v1/connections/forced', { key: admin })).body.checks[0],
    ).toMatchObject({ name: 'login', ok: false });
  });

  test('gets new secrets only if they work', async () => {
    const wrong = await api.call('POST', '/api/v1/connections/people:rotate', {
      key: admin,
      body: { secrets: { token: 'wrong' } },
    });
    const still = await api.call('POST', '/api/v1/connections/people:check', { key: admin });
    const right = await api.call('POST', '/api/v1/connections/forced:rotate', {
      key: admin,
      body: { secrets: { token: token() } },
    });

    expect([wrong.status, wrong.body.code]).toEqual([502, 'auth_expired']);
    expect(still.body.status).toBe('ok');
    expect([right.status, right.body.status]).toEqual([200, 'ok']);
  });

  test('is not opened for writing when its connector writes nothing', async () => {
    const drop = { connector: 'file', name: 'drop', config: { directory: tmpdir() }, force: true };
    await api.call('POST', '/api/v1/connections', { key: admin, body: drop });
    const refused = await api.call('PATCH', '/api/v1/connections/drop', {
      key: admin,
      body: { mode: 'read-write' },
    });
    const shown = await api.call('GET', '/api/v1/connections/drop', { key: admin });

    expect([refused.status, refused.body.detail]).toEqual([
      422,
      expect.stringMatching(/"drop" stays read-only.*file writes nothing/),
    ]);
    expect(shown.body.mode).toBe('read-only');
  });

  test('is changed, paused and resumed, each with an entry in the audit', async () => {
    const patch = (body: object) =>
      api.call('PATCH', '/api/v1/connections/people', { key: admin, body });

    expect((await patch({ mode: 'read-only' })).body).toMatchObject({
      mode: 'read-only',
      status: 'ok',
    });
    expect((await patch({ paused: true })).body).toMatchObject({ status: 'paused' });
    expect(
      (await api.call('POST', '/api/v1/connections/people:pull', { key: admin, body: {} })).status,
    ).toBe(422);
    expect((await patch({ paused: false })).body).toMatchObject({ status: 'ok' });
    const audit = await api.call('GET', '/api/v1/audit-events?subject=people', { key: admin });
    expect(audit.body.data.map((each: { action: string }) => each.action)).toEqual([
      'connection.changed',
      'connection.changed',
      'connection.changed',
      'connection.added',
    ]);
  });

  test('stays paused when it is checked or gets new secrets', async () => {
    const call = (method: string, verb: string, body?: object) =>
      api.call(method, `/api/v1/connections/people${verb}`, { key: admin, body });
    await call('PATCH', '', { paused: true });

    const checked = await call('POST', ':check');
    const rotated = await call('POST', ':rotate', { secrets: { token: token() } });
    const resumed = await call('PATCH', '', { paused: false });

    expect([checked.body.status, rotated.body.status, resumed.body.status]).toEqual([
      'paused',
      'paused',
      'ok',
    ]);
  });

  test('keeps its status when nobody answers at a check', async () => {
    const { config } = directory.credentials;
    const away = { config: { ...config, baseUrl: 'http://127.0.0.1:1/scim/v2' }, check: false };
    await add('away', away);

    const checked = await api.call('POST', '/api/v1/connections/away:check', { key: admin });
    const shown = await api.call('GET', '/api/v1/connections/away', { key: admin });

    expect([checked.status, checked.body.code]).toEqual([502, 'remote_unavailable']);
    expect(shown.body).toMatchObject({ status: 'unchecked', checks: [] });
  });

  test('is read by a run that is shown with its streams', async () => {
    const started = await api.call('POST', '/api/v1/connections/people:pull', {
      key: admin,
      body: { streams: ['Users'] },
    });
    const shown = await api.call('GET', started.headers.get('location') ?? '', { key: admin });

    expect(started.status).toBe(202);
    expect(shown.body).toMatchObject({
      id: started.body.runId,
      connection: 'people',
      status: 'running',
      streams: [{ stream: 'Users', status: 'waiting', landed: 0, certificate: null }],
    });
    expect(
      (
        await api.call('POST', '/api/v1/connections/people:pull', {
          key: admin,
          body: { streams: ['Ghosts'] },
        })
      ).status,
    ).toBe(404);
  });
});

test('F-86: no GET route, header or error of the API gives a secret back', async () => {
  await add('canary', { secrets: { token: `${CANARY}-token` }, check: false });
  await api.call('POST', '/api/v1/connections/canary:check', { key: admin });
  await api.call('POST', '/api/v1/connections/canary:rotate', {
    key: admin,
    body: { secrets: { token: `${CANARY}-new` } },
  });
  const all = (await api.person('acme', ['admin', 'approver', 'auditor'])).key;

  for (const route of await loadRoutes()) {
    if (route.method !== 'get') continue;
    const path = route.path
      .replace('{id}', 'canary')
      .replace('{object}', 'Users')
      .replaceAll(/\{\w+\}/g, 'x');
    const answer = await api.call('GET', path + (path.endsWith('/trace') ? '?id=canary' : ''), {
      key: all,
    });

    expect([path, answer.text.includes(CANARY)]).toEqual([path, false]);
    expect([path, JSON.stringify([...answer.headers]).includes(CANARY)]).toEqual([path, false]);
  }
});
