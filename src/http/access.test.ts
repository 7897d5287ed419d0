import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../test/support/api.ts';
import { permissionsOf, Role } from '../security/permissions.ts';
import type { Route } from './define-route.ts';
import { loadRoutes } from './load-routes.ts';

let api: TestApi;
let routes: readonly Route[];
const keys = new Map<Role, string>();

beforeAll(async () => {
  api = await testApi();
  routes = await loadRoutes();
  for (const role of Role.options) keys.set(role, (await api.person('acme', [role])).key);
});
afterAll(() => api.close());

/** A path with an id that fits the parameter and names nothing. */
function pathOf(route: Route): string {
  return route.path.replaceAll(/\{\w+\}/g, 'nobody');
}

function guarded(): readonly Route[] {
  return routes.filter((route) => route.permission !== 'public');
}

const isScim = (route: Route): boolean => route.path.startsWith('/scim/');

describe('every route', () => {
  test('declares a permission, and those that are open to all are these and no others', () => {
    const open = routes
      .filter((route) => route.permission === 'public' && !isScim(route))
      .map((route) => route.path);

    expect(routes.length).toBeGreaterThan(40);
    expect(open.toSorted()).toEqual([
      '/healthz',
      '/hooks/{id}',
      '/hooks/{id}/{token}',
      '/metrics',
      '/openapi.json',
      '/readyz',
      '/schemas/events/v1.json',
      '/schemas/mapping/v1.json',
    ]);
  });

  test('of the SCIM endpoint lets nobody in without a token of a directory, whatever is sent', async () => {
    const own = routes.filter(isScim);

    expect(own.length).toBeGreaterThan(15);
    for (const route of own) {
      expect([route.permission, typeof route.admit]).toEqual(['public', 'function']);
      for (const key of [undefined, keys.get('admin'), 'trd_acme_x_y']) {
        const answer = await api.call(route.method.toUpperCase(), pathOf(route), { key });

        expect([route.path, answer.status, answer.body]).toEqual([
          route.path,
          401,
          expect.objectContaining({ status: '401' }),
        ]);
        expect(answer.headers.get('content-type')).toContain('application/scim+json');
      }
    }
  });

  test('F-79: refuses a caller without a key, whatever is sent', async () => {
    for (const route of guarded()) {
      const answer = await api.call(route.method.toUpperCase(), pathOf(route));

      expect([route.path, answer.status, answer.body?.code]).toEqual([
        route.path,
        401,
        'unauthenticated',
      ]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  test('F-79: refuses each role that lacks its permission, before it looks at the request', async () => {
    let refusals = 0;
    for (const route of guarded()) {
      for (const role of Role.options) {
        if ([...permissionsOf([role])].some((each) => each === route.permission)) continue;
        const answer = await api.call(route.method.toUpperCase(), pathOf(route), {
          key: keys.get(role),
        });

        expect([route.path, role, answer.status]).toEqual([route.path, role, 403]);
        refusals += 1;
      }
    }
    expect(refusals).toBeGreaterThan(60);
  });

  test('lets each role through that has its permission', async () => {
    for (const route of guarded()) {
      for (const role of Role.options) {
        if (![...permissionsOf([role])].some((each) => each === route.permission)) continue;
        if (route.path === '/api/v1/tenants') continue;
        const answer = await api.call(route.method.toUpperCase(), pathOf(route), {
          key: keys.get(role),
        });

        expect([
          route.path,
          role,
          [401, 403, 500].includes(answer.status) ? answer.text : 'let through',
        ]).toEqual([route.path, role, 'let through']);
      }
    }
  });

  test('some role can use it', () => {
    const all = permissionsOf(Role.options);

    expect(
      guarded().filter((route) => ![...all].some((each) => each === route.permission)),
    ).toEqual([]);
  });
});

describe('a key', () => {
  const status = async (key: string): Promise<number> =>
    (await api.call('GET', '/api/v1/me', { key })).status;

  test('of nobody, of another company, cut short or altered is refused with one and the same answer', async () => {
    const { key } = await api.person('acme', ['viewer']);
    const [, , id, secret] = key.split('_');
    const wrong = [
      'tru_acme_x_y',
      `tru_globex_${id}_${secret}`,
      `tru_nobody_${id}_${secret}`,
      key.slice(0, -1),
      key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a'),
      key.toUpperCase(),
      `${key} `.repeat(3),
      "tru_acme_'or 1=1--_x",
    ];

    const answers = await Promise.all(
      wrong.map((each) => api.call('GET', '/api/v1/me', { key: each })),
    );

    expect(answers.map((answer) => answer.status)).toEqual(wrong.map(() => 401));
    expect(new Set(answers.slice(0, 6).map((answer) => answer.body.detail)).size).toBe(1);
    expect(await status(key)).toBe(200);
  });

  test('F-80: stops working with the next request once its person is disabled', async () => {
    const { id, key } = await api.person('acme', ['viewer']);
    expect(await status(key)).toBe(200);

    const disabled = await api.call('POST', `/api/v1/users/${id}:disable`, {
      key: keys.get('admin'),
    });

    expect(disabled.body.status).toBe('disabled');
    expect(await status(key)).toBe(401);
  });

  test('stops working with the next request once it is revoked', async () => {
    const { key } = await api.person('acme', ['viewer']);
    const { body } = await api.call('GET', '/api/v1/me', { key });

    await api.call('POST', `/api/v1/keys/${body.keyId}:revoke`, { key: keys.get('admin') });

    expect(await status(key)).toBe(401);
  });

  test('stops working at its end', async () => {
    const { id } = await api.person('acme', ['viewer']);
    const made = await api.call('POST', '/api/v1/keys', {
      key: keys.get('admin'),
      body: { personId: id, expiresAt: new Date(Date.now() + 400).toISOString() },
    });
    expect(await status(made.body.text)).toBe(200);

    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(await status(made.body.text)).toBe(401);
  });

  test('loses a right as soon as its person loses the role', async () => {
    const { id, key } = await api.person('acme', ['viewer', 'auditor']);
    expect((await api.call('GET', '/api/v1/audit-events', { key })).status).toBe(200);

    await api.deps.store.withTenant('acme', (tx) =>
      tx.run(`delete from person_role r where r.person_id = $1 and r.role = 'auditor'`, [id]),
    );

    expect((await api.call('GET', '/api/v1/audit-events', { key })).status).toBe(403);
  });

  test('carries no role that its person lacks', async () => {
    const { id } = await api.person('acme', ['viewer']);

    const made = await api.call('POST', '/api/v1/keys', {
      key: keys.get('admin'),
      body: { personId: id, roles: ['admin'] },
    });

    expect([made.status, made.body.code]).toEqual([422, 'validation_failed']);
  });

  test('is nowhere in the store but as a hash', async () => {
    const { key } = await api.person('acme', ['viewer']);
    const secret = key.split('_').at(-1) ?? '';

    const rows = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql<{ row: string }>('select k::text as row from api_key k'),
    );

    expect(rows.some((each) => each.row.includes(secret))).toBe(false);
  });
});

describe('another company', () => {
  test('F-77: cannot reach a resource by its id on any route: it does not exist', async () => {
    const outsider = (await api.person('globex', [...Role.options])).key;
    const { id } = await api.person('acme', ['viewer']);
    const { body: key } = await api.call('POST', '/api/v1/keys', {
      key: keys.get('admin'),
      body: { personId: id },
    });
    const added = await api.call('POST', '/api/v1/connections', {
      key: keys.get('admin'),
      body: { name: 'files', connector: 'file', config: { directory: '/tmp' }, check: false },
    });
    const { runId } = (
      await api.call('POST', '/api/v1/connections/files:pull', { key: keys.get('admin'), body: {} })
    ).body;
    expect([added.status, typeof runId]).toEqual([201, 'string']);

    const ids: Readonly<Record<string, string>> = {
      users: id,
      keys: key.id,
      connections: 'files',
      runs: runId,
    };
    const bodies: Readonly<Record<string, unknown>> = {
      'connections/{id}:rotate': { secrets: {} },
      'connections/{id}': { paused: true },
      'users/{id}': { status: 'active' },
    };
    let tried = 0;
    for (const route of guarded()) {
      const [, , , resource = '', ...parts] = route.path.split('/');
      const rest = parts.join('/');
      const found = ids[resource];
      if (found === undefined || !rest.startsWith('{id}')) continue;
      const path = route.path.replace('{id}', found).replace('{object}', 'employment');
      const body = route.body === undefined ? undefined : (bodies[`${resource}/${rest}`] ?? {});
      const answer = await api.call(route.method.toUpperCase(), path, { key: outsider, body });

      expect([route.method, path, answer.status, answer.body.code]).toEqual([
        route.method,
        path,
        404,
        'not_found',
      ]);
      tried += 1;
    }
    expect(tried).toBeGreaterThanOrEqual(11);
  });

  test('cannot see that there are other companies', async () => {
    const outsider = (await api.person('globex', ['admin'])).key;

    const answer = await api.call('GET', '/api/v1/tenants', { key: outsider });

    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('acme');
  });
});
