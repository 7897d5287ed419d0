import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningTwin } from '../../../src/sdk/define-twin.ts';
import { FIXTURE_TOKEN, scimFixtureWorld } from './fixture-world.ts';
import twin from './index.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The bodies of a foreign protocol: each test says what it expects.
  readonly body: Record<string, never>;
}

let running: RunningTwin;

beforeEach(async () => {
  running = await twin.start({
    world: scimFixtureWorld(25),
    planted: [],
    port: 0,
    startAt: '2026-03-02T08:00:00Z',
    seed: 1,
  });
});
afterEach(() => running.stop());

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${running.url}/scim/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${FIXTURE_TOKEN}`,
      'content-type': 'application/scim+json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') };
}

const get = (path: string): Promise<Answer> => call('GET', path);
const filtered = async (filter: string): Promise<readonly string[]> => {
  const { body } = await get(`/Users?count=200&filter=${encodeURIComponent(filter)}`);
  const rows: readonly { id: string }[] = body['Resources'] ?? [];
  return rows.map(({ id }) => id);
};
const patch = (id: string, ...operations: readonly unknown[]): Promise<Answer> =>
  call('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: operations });
const control = (path: string, method: string, body: unknown): Promise<Response> =>
  fetch(`${running.control}/${path}`, { method, body: JSON.stringify(body) });

describe('authentication', () => {
  test.each(['', 'Bearer wrong', `Basic ${FIXTURE_TOKEN}`])(
    '"%s" is answered 401 with the SCIM error body',
    async (authorization) => {
      const { status, headers, body } = await call('GET', '/Users', undefined, { authorization });

      expect(status).toBe(401);
      expect(headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
      expect(headers.get('www-authenticate')).toContain('Bearer');
      expect(body).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '401',
        detail: expect.any(String),
      });
    },
  );

  test('an expired token lets nobody in until the twin is reset', async () => {
    await control('faults', 'PUT', { rules: [{ nth: 1, action: 'expire_token' }] });

    const expired = await get('/Users');
    await control('reset', 'POST', {});

    expect(expired.status).toBe(401);
    expect((await get('/Users')).status).toBe(200);
  });
});

describe('index paging', () => {
  test.each([
    ['startIndex=1&count=10', 1, 10, 'user-00001'],
    ['startIndex=21&count=10', 21, 5, 'user-00021'],
    ['startIndex=0&count=2', 1, 2, 'user-00001'],
    ['startIndex=-5&count=2', 1, 2, 'user-00001'],
    ['count=0', 1, 0, undefined],
    ['count=-3', 1, 0, undefined],
    ['startIndex=26', 26, 0, undefined],
  ])('%s', async (query, startIndex, length, first) => {
    const { body } = await get(`/Users?${query}`);
    const rows: readonly { id: string }[] = body['Resources'] ?? [];

    expect(body).toMatchObject({ totalResults: 25, startIndex, itemsPerPage: length });
    expect(rows.map(({ id }) => id)[0]).toBe(first);
  });

  test('the server cuts count to its own maximum', async () => {
    await running.stop();
    running = await twin.start({
      world: scimFixtureWorld(25, { maxResults: 7 }),
      planted: [],
      port: 0,
      startAt: '2026-03-02T08:00:00Z',
      seed: 1,
    });

    const { body } = await get('/Users?count=1000');

    expect(body).toMatchObject({ totalResults: 25, itemsPerPage: 7 });
  });

  test('a dropped record is counted and left out of pages, but shows when only ids are asked for', async () => {
    await control('faults', 'PUT', {
      rules: [{ match: { object: 'Users', id: 'user-00003' }, action: 'drop_record' }],
    });

    const page = await get('/Users?count=100');
    const ids = await get('/Users?count=100&attributes=id');

    expect(page.body).toMatchObject({ totalResults: 25, itemsPerPage: 24 });
    expect(JSON.stringify(page.body)).not.toContain('"user-00003"');
    expect(ids.body).toMatchObject({ totalResults: 25, itemsPerPage: 25 });
    expect((await get('/Users/user-00003')).status).toBe(200);
  });
});

describe('filters', () => {
  test.each([
    ['userName eq "user.00007@example.TEST"', ['user-00007']],
    ['USERNAME EQ "user.00007@example.test"', ['user-00007']],
    ['externalId eq "e00007"', []],
    [`${ENTERPRISE}:employeeNumber eq "E00007"`, ['user-00007']],
    [`urn:IETF:params:scim:schemas:core:2.0:user:userName sw "user.00007"`, ['user-00007']],
    ['name.familyName eq "00008" or displayName ew "00009"', ['user-00008', 'user-00009']],
    ['emails co "alias.00011"', ['user-00011']],
    ['emails[type eq "work" and value co "00012"]', ['user-00012']],
    ['emails[type eq "work" and value co "alias"]', []],
    ['active eq false', ['user-00010', 'user-00020']],
    ['active eq false and not (userName co "00020")', ['user-00010']],
    ['title pr', []],
    ['entitlements pr and userName lt "user.00005"', ['user-00003']],
    ['userName ge "user.00025"', ['user-00025']],
    ['meta.lastModified gt "2026-01-05T09:24:30+01:00"', ['user-00025']],
    [
      'userName eq "user.00001@example.test" or active eq false and userName co "00020"',
      ['user-00001', 'user-00020'],
    ],
    ['(userName co "00001" or active eq false) and userName co "00020"', ['user-00020']],
    ['title eq null and userName co "00004"', ['user-00004']],
    ['userName ne "x" and userName co "00004"', ['user-00004']],
  ])('%s', async (filter, expected) => {
    expect(await filtered(filter)).toEqual(expected);
  });

  test.each([
    'userName',
    'userName eq',
    'userName eq user',
    'userName is "a"',
    'shoeSize eq 44',
    'emails[shape eq "x"]',
    '(userName eq "a"',
    'userName eq "a" userName',
    'active gt true',
    `${'('.repeat(40)}userName pr${')'.repeat(40)}`,
    'userName eq "a',
  ])('%s is refused as invalidFilter', async (filter) => {
    const { status, body } = await get(`/Users?filter=${encodeURIComponent(filter)}`);

    expect({ status, body }).toMatchObject({
      status: 400,
      body: { status: '400', scimType: 'invalidFilter' },
    });
  });

  test('sorting ignores case where the attribute does, and can be turned around', async () => {
    const { body } = await get('/Users?sortBy=userName&sortOrder=descending&count=1');

    expect(JSON.stringify(body)).toContain('user-00025');
  });

  test('attributes and excludedAttributes shape what comes back', async () => {
    const some = await get(`/Users/user-00003?attributes=name.givenName,${ENTERPRISE}:department`);
    const most = await get(`/Users/user-00003?excludedAttributes=emails,${ENTERPRISE},id`);

    expect(some.body).toEqual({
      schemas: [USER, ENTERPRISE],
      id: 'user-00003',
      name: { givenName: 'User' },
      [ENTERPRISE]: { department: 'Legal' },
    });
    expect(Object.keys(most.body)).not.toContain('emails');
    expect(Object.keys(most.body)).not.toContain(ENTERPRISE);
    expect(most.body).toMatchObject({ id: 'user-00003' });
  });
});

describe('writing', () => {
  const fresh = { schemas: [USER], userName: 'new@example.test', password: 'secret' };

  test('a created user gets id, meta and ETag, and its password never comes back', async () => {
    const { status, headers, body } = await call('POST', '/Users', fresh);
    const id = String(body['id']);
    const again = await get(`/Users/${id}`);

    expect(status).toBe(201);
    expect(headers.get('etag')).toBe('W/"1"');
    expect(headers.get('location')).toBe(`/scim/v2/Users/${id}`);
    expect(again.body).toEqual({
      schemas: [USER],
      userName: 'new@example.test',
      id,
      meta: expect.objectContaining({ resourceType: 'User', version: 'W/"1"' }),
    });
  });

  test.each([
    [
      'a taken userName in other letters',
      { ...fresh, userName: 'USER.00001@example.test' },
      409,
      'uniqueness',
    ],
    ['no userName', { schemas: [USER] }, 400, 'invalidValue'],
    ['no schemas', { userName: 'a' }, 400, 'invalidSyntax'],
    ['an undeclared attribute', { ...fresh, shoeSize: 44 }, 400, 'invalidSyntax'],
    ['active as a string', { ...fresh, active: 'False' }, 400, 'invalidValue'],
    [
      'two primary addresses',
      {
        ...fresh,
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      400,
      'invalidValue',
    ],
  ])('F-72: %s is refused', async (_case, sent, status, scimType) => {
    const answer = await call('POST', '/Users', sent);

    expect(answer).toMatchObject({ status, body: { status: String(status), scimType } });
    expect((await get('/Users?count=0')).body).toMatchObject({ totalResults: 25 });
  });

  test('F-72: externalId "1" is a name like any other, and a user made again is another user', async () => {
    const first = await call('POST', '/Users', { ...fresh, externalId: '1', id: 'user-00001' });
    const id = String(first.body['id']);
    const deleted = await call('DELETE', `/Users/${id}`);
    const second = await call('POST', '/Users', { ...fresh, externalId: '1' });

    expect(first.status).toBe(201);
    expect(id).not.toBe('user-00001');
    expect(deleted.status).toBe(204);
    expect((await get(`/Users/${id}`)).status).toBe(404);
    expect(second.body['id']).not.toBe(id);
  });

  test('a stale If-Match is refused with 412 and changes nothing', async () => {
    await patch('user-00001', { op: 'replace', path: 'title', value: 'Boss' });

    const stale = await call('DELETE', '/Users/user-00001', undefined, { 'if-match': 'W/"1"' });
    const current = await call('GET', '/Users/user-00001', undefined, { 'if-none-match': 'W/"2"' });

    expect(stale.status).toBe(412);
    expect(current.status).toBe(304);
  });

  test('every applied change is witnessed once, a refused one not at all', async () => {
    await call('POST', '/Users', { ...fresh, externalId: 'X-1' });
    await call('POST', '/Users', fresh);
    await call('DELETE', '/Users/user-00002');

    const response = await fetch(`${running.control}/oracle`);
    const log: unknown = await response.json();

    expect(log).toMatchObject([
      { seq: 1, object: 'Users', externalId: 'X-1', operation: 'create' },
      { seq: 2, object: 'Users', externalId: 'E00002', operation: 'delete' },
    ]);
  });

  test('a deleted user leaves its groups', async () => {
    await call('DELETE', '/Users/user-00004');

    const { body } = await get('/Groups/group-1');

    expect(body['members']).toHaveLength(9);
    expect(body).toMatchObject({ meta: { version: 'W/"2"' } });
  });

  test('a group knows the names of its members and refuses strangers', async () => {
    const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'G' };

    const made = await call('POST', '/Groups', { ...group, members: [{ value: 'user-00001' }] });
    const refused = await call('POST', '/Groups', { ...group, members: [{ value: 'nobody' }] });

    expect(made.body).toMatchObject({
      members: [{ value: 'user-00001', display: 'User 00001', type: 'User' }],
    });
    expect(refused.status).toBe(400);
  });
});

describe('patch', () => {
  const applied = [
    ['a path', { op: 'replace', path: 'displayName', value: 'N' }, { displayName: 'N' }],
    ['no path', { op: 'replace', value: { active: false } }, { active: false }],
    [
      'an extension without a path',
      { op: 'add', value: { [ENTERPRISE]: { division: 'D' } } },
      { [ENTERPRISE]: { division: 'D', employeeNumber: 'E00001' } },
    ],
    [
      'an extension path',
      { op: 'replace', path: `${ENTERPRISE}:department`, value: 'D' },
      { [ENTERPRISE]: { department: 'D' } },
    ],
    [
      'a sub-attribute',
      { op: 'replace', path: 'name.familyName', value: 'F' },
      { name: { givenName: 'User', familyName: 'F' } },
    ],
    [
      'a value path',
      { op: 'replace', path: 'emails[type eq "other"].value', value: 'o@x' },
      { emails: [{ type: 'work' }, { type: 'other', value: 'o@x' }] },
    ],
    [
      'an added value that becomes primary',
      { op: 'add', path: 'emails', value: [{ value: 'n@x', primary: true }] },
      { emails: [{ primary: false }, {}, { value: 'n@x', primary: true }] },
    ],
  ] as const;
  test.each(applied)('%s', async (_case, operation, expected) => {
    const { status, body } = await patch('user-00001', operation);

    expect(status).toBe(200);
    expect(body).toMatchObject(expected);
  });

  test('a removed value is gone, and so is an attribute without values', async () => {
    const one = await patch('user-00003', { op: 'remove', path: 'emails[type eq "work"]' });
    const none = await patch('user-00003', { op: 'remove', path: 'entitlements' });

    expect(one.body['emails']).toHaveLength(1);
    expect(Object.keys(none.body)).not.toContain('entitlements');
  });

  test.each([
    ['an unknown path', { op: 'replace', path: 'shoeSize', value: 44 }, 'invalidPath'],
    [
      'a value path without a match',
      { op: 'replace', path: 'emails[type eq "home"].value', value: 'x' },
      'noTarget',
    ],
    ['a remove without a path', { op: 'remove' }, 'noTarget'],
    ['a read-only attribute', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['a removed required attribute', { op: 'remove', path: 'userName' }, 'mutability'],
    ['an operation in capitals', { op: 'Replace', path: 'active', value: false }, 'invalidSyntax'],
    ['active as a string', { op: 'replace', path: 'active', value: 'False' }, 'invalidValue'],
  ])(
    'F-72: %s is refused and nothing of the patch is applied',
    async (_case, operation, scimType) => {
      const first = { op: 'replace', path: 'title', value: 'Boss' };

      const { status, body } = await patch('user-00001', first, operation);

      expect({ status, body }).toMatchObject({ status: 400, body: { scimType } });
      expect(Object.keys((await get('/Users/user-00001')).body)).not.toContain('title');
    },
  );
});

describe('the rest of the protocol', () => {
  test.each(['/ServiceProviderConfig', '/Schemas', '/ResourceTypes', `/Schemas/${ENTERPRISE}`])(
    '%s is published',
    async (path) => {
      expect((await get(path)).status).toBe(200);
    },
  );

  test.each([
    ['GET', '/Nothing', 404],
    ['GET', '/Users/nobody', 404],
    ['DELETE', '/Users', 405],
    ['GET', '/Schemas/urn:none', 404],
  ])('%s %s is answered %s with the SCIM error body', async (method, path, status) => {
    const answer = await call(method, path);

    expect(answer).toMatchObject({ status, body: { status: String(status) } });
  });

  test('the control endpoint changes state as a person at the vendor would, without a witness', async () => {
    await control('mutate', 'POST', {
      object: 'Users',
      operation: 'update',
      id: 'user-00001',
      fields: { active: false, externalId: null },
    });

    const { body } = await get('/Users/user-00001');
    const log: unknown = await (await fetch(`${running.control}/oracle`)).json();

    expect(body).toMatchObject({ active: false, meta: { version: 'W/"2"' } });
    expect(Object.keys(body)).not.toContain('externalId');
    expect(log).toEqual([]);
  });
});
