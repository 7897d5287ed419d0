import { describe, expect, test } from '@jest/globals';
import { ENTERPRISE, USER, useScimTwin } from '../../../test/support/scim-twin.ts';

const { call, get, patch, control, running } = useScimTwin();

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

    const response = await fetch(`${running().control}/oracle`);
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
    const log: unknown = await (await fetch(`${running().control}/oracle`)).json();

    expect(body).toMatchObject({ active: false, meta: { version: 'W/"2"' } });
    expect(Object.keys(body)).not.toContain('externalId');
    expect(log).toEqual([]);
  });
});
