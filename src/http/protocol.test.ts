import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../test/support/api.ts';
import type { LogFields, Logger } from '../kernel/logger.ts';

const logged: {
  readonly level: string;
  readonly message: string;
  readonly fields?: LogFields | undefined;
}[] = [];
const recorder: Logger = {
  debug: (message, fields) => void logged.push({ level: 'debug', message, fields }),
  info: (message, fields) => void logged.push({ level: 'info', message, fields }),
  warn: (message, fields) => void logged.push({ level: 'warn', message, fields }),
  error: (message, fields) => void logged.push({ level: 'error', message, fields }),
  child: () => recorder,
};

let api: TestApi;
let admin: string;

beforeAll(async () => {
  api = await testApi({ logger: recorder });
  admin = (await api.person('acme', ['admin', 'approver'])).key;
});
afterAll(() => api.close());
beforeEach(() => {
  logged.length = 0;
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.call('POST', path, { key: admin, body, headers });

describe('a problem', () => {
  test('has the members of RFC 9457, our code, the request id, and a pointer for each fault', async () => {
    const answer = await post(
      '/api/v1/users',
      { name: '', roles: ['king'], colour: 'red' },
      { 'x-request-id': 'mine-1' },
    );

    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      type: 'urn:trueup:problem:validation-failed',
      status: 422,
      code: 'validation_failed',
      instance: '/api/v1/users',
      requestId: 'mine-1',
    });
    expect(answer.body.errors.map((each: { pointer: string }) => each.pointer).toSorted()).toEqual([
      '/',
      '/name',
      '/roles/0',
    ]);
  });

  test('an id that names nothing is 404, and so is a path', async () => {
    for (const path of [
      '/api/v1/users/usr_none',
      '/api/v1/runs/x',
      '/api/v1/plans/x',
      '/api/v1/nothing',
      '/api/v2',
      '/API/v1/users',
    ]) {
      const answer = await api.call('GET', path, { key: admin });

      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not_found']);
    }
  });

  test('of ours says nothing of it but where the log has it', async () => {
    const { rename, undo } = breakTable();
    await rename();
    const answer = await api.call('GET', '/api/v1/users', { key: admin });
    await undo();

    expect(answer.status).toBe(500);
    expect(answer.body.code).toBe('internal_error');
    expect(answer.text).not.toMatch(/person_role|relation|select|at \w+ \(|\.ts/);
    expect(logged.find((each) => each.level === 'error')?.fields).toMatchObject({
      request: answer.body.requestId,
    });
  });

  function breakTable() {
    const owner = (sql: string) => api.deps.store.asOwner((tx) => tx.run(sql));
    return {
      rename: () => owner('alter table person rename column created_at to made_at'),
      undo: () => owner('alter table person rename column made_at to created_at'),
    };
  }
});

describe('a body', () => {
  test('of another content type is refused, and so is one where none is taken', async () => {
    const text = JSON.stringify({ name: 'Ada', roles: ['viewer'] });
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/json; charset=latin1',
      '',
    ];

    for (const type of types) {
      const answer = await api.call('POST', '/api/v1/users', {
        key: admin,
        body: Buffer.from(text),
        headers: { 'content-type': type },
      });
      expect([type, answer.status]).toEqual([type, 415]);
    }
    expect((await post('/api/v1/reconciliations', { x: 1 })).status).toBe(415);
  });

  test.each(['{', '{"name":', 'null', '[]', '"x"', '{"name":"\\ud800"}x'])(
    'that is no object of JSON (%s) is refused',
    async (text) => {
      const answer = await api.call('POST', '/api/v1/users', {
        key: admin,
        body: text,
        headers: { 'content-type': 'application/json' },
      });

      expect([400, 422]).toContain(answer.status);
    },
  );

  test('with a __proto__ is refused and changes no prototype', async () => {
    const answer = await api.call('POST', '/api/v1/connections', {
      key: admin,
      body: '{"name":"x","connector":"file","config":{"__proto__":{"polluted":true}}}',
      headers: { 'content-type': 'application/json' },
    });

    expect(answer.status).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('larger than a megabyte is refused', async () => {
    const answer = await post('/api/v1/users', { name: 'x'.repeat(1_100_000), roles: ['viewer'] });

    expect([answer.status, answer.body.code]).toEqual([413, 'too_large']);
  });

  test('F-86: that is malformed is not quoted, because it may hold a secret', async () => {
    const answer = await api.call('POST', '/api/v1/connections', {
      key: admin,
      body: '{"secrets":{"token":"canary-55aa" oops',
      headers: { 'content-type': 'application/json' },
    });

    expect(answer.status).toBe(400);
    expect(answer.text + JSON.stringify(logged)).not.toContain('canary-55aa');
  });
});

describe('lists', () => {
  test('come page by page, each row once, whatever the size of the page', async () => {
    for (let each = 0; each < 7; each += 1)
      await post('/api/v1/users', { name: `P${each}`, roles: ['viewer'] });
    const seen: string[] = [];
    let cursor: string | null = '';

    while (cursor !== null) {
      const {
        body,
      }: {
        body: { data: { id: string }[]; page: { nextCursor: string | null; hasMore: boolean } };
      } = await api.call(
        'GET',
        `/api/v1/audit-events?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
        { key: admin },
      );
      seen.push(...body.data.map((row) => row.id));
      expect(body.page.hasMore).toBe(body.page.nextCursor !== null);
      cursor = body.page.nextCursor;
    }

    const whole = await api.call('GET', '/api/v1/audit-events?limit=500', { key: admin });
    expect(seen).toEqual(whole.body.data.map((row: { id: string }) => row.id));
    expect(seen.length).toBeGreaterThanOrEqual(7);
  });

  test.each([
    'limit=0',
    'limit=501',
    'limit=x',
    'cursor=%%%',
    'cursor=!!',
    'nonsense=1',
    'limit=1&limit=2',
  ])('refuse the query %s', async (query) => {
    const answer = await api.call('GET', `/api/v1/runs?${query}`, { key: admin });

    expect([query, answer.status]).toEqual([query, 422]);
  });
});

describe('a single resource', () => {
  test('has a strong ETag, which holds until it changes', async () => {
    const user = (await post('/api/v1/users', { name: 'Eve', roles: ['viewer'] })).body;
    const path = `/api/v1/users/${user.id}`;
    const first = await api.call('GET', path, { key: admin });
    const etag = first.headers.get('etag') ?? '';

    const same = await api.call('GET', path, {
      key: admin,
      headers: { 'if-none-match': `"x", ${etag}` },
    });
    await api.call('POST', `${path}:disable`, { key: admin });
    const changed = await api.call('GET', path, { key: admin, headers: { 'if-none-match': etag } });

    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect([same.status, same.text]).toEqual([304, '']);
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });
});

describe('the server itself', () => {
  test('lives, is ready, and says so without a key', async () => {
    expect((await api.call('GET', '/healthz')).body).toEqual({ alive: true });
    expect((await api.call('GET', '/readyz')).body).toEqual({
      ready: true,
      parts: { database: true, queue: true, migrations: true },
    });
  });

  test('gives figures to this machine, and asks a proxy for a key', async () => {
    const local = await api.call('GET', '/metrics');
    const proxied = await api.call('GET', '/metrics', {
      headers: { 'x-forwarded-for': '8.8.8.8' },
    });
    const signedIn = await api.call('GET', '/metrics', {
      key: admin,
      headers: { 'x-forwarded-for': '8.8.8.8' },
    });

    expect([local.status, local.text]).toEqual([200, 'trueup_up 1\n']);
    expect([proxied.status, signedIn.status]).toEqual([401, 200]);
  });

  test('sends headers that keep a browser from doing harm, and does not name its software', async () => {
    const { headers } = await api.call('GET', '/healthz');

    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('refuses an address that cannot be read, without its words', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const url = new URL(api.url);
      const request = httpRequest(
        {
          host: url.hostname,
          port: url.port,
          path: '/api/v1/users/%E0%A4%A',
          headers: { authorization: `Bearer ${admin}` },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject).end();
    });

    expect(status).toBe(400);
  });

  test('ids with every odd character reach the flow and are not found there', async () => {
    for (const id of ['a:b', 'a/b', '..', '%', "'", 'ünï', ' ', 'a?b', 'a#b', '.', ':check']) {
      const answer = await api.call(
        'GET',
        `/api/v1/users/${encodeURIComponent(id).replaceAll('.', '%2E')}`,
        { key: admin },
      );

      expect([id, answer.status === 404 || answer.status === 422]).toEqual([id, true]);
    }
    expect((await api.call('GET', '/api/v1/users/a%00b', { key: admin })).status).toBe(422);
  });
});

describe('the description', () => {
  test('is OpenAPI 3.1 and names every route with its permission', async () => {
    const { body } = await api.call('GET', '/openapi.json');

    expect(body.openapi).toBe('3.1.0');
    expect(body.paths['/api/v1/plans/{id}:approve'].post['x-permission']).toBe('plans:approve');
    expect(body.paths['/api/v1/plans/{id}:approve'].post.parameters).toEqual([
      expect.objectContaining({ in: 'path', name: 'id', required: true }),
    ]);
    expect(
      body.paths['/api/v1/connections'].post.requestBody.content['application/json'].schema,
    ).toBeDefined();
    expect(body.paths['/healthz'].get.security).toEqual([]);
  });

  test('names each operation once, and every reference in it leads somewhere', async () => {
    const { body, text } = await api.call('GET', '/openapi.json');

    const operations = Object.values<Record<string, { operationId: string; summary: string }>>(
      body.paths,
    ).flatMap((each) => Object.values(each));
    expect(new Set(operations.map((each) => each.operationId)).size).toBe(operations.length);
    expect(operations.every((each) => each.summary.endsWith('.'))).toBe(true);
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(references.length).toBeGreaterThan(10);
    expect(references.filter((name) => body.components.schemas[name] === undefined)).toEqual([]);
  });
});
