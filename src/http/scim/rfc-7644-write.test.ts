import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import { addDirectory, GROUP, USER, type PushClient } from '../../../test/support/scim-push.ts';

// The examples of RFC 7644, by their sections, with people of our own.

let api: TestApi;
let idp: PushClient;
beforeAll(async () => {
  api = await testApi();
  idp = await addDirectory(api, 'strict');
});
afterAll(() => api.close());

describe('§3.3 creating', () => {
  test('answers 201 with an id of ours, meta data, a location and an ETag', async () => {
    const answer = await idp.call('POST', '/Users', {
      schemas: [USER],
      userName: 'bjensen',
      externalId: 'bjensen',
      name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
    });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toContain('application/scim+json');
    expect(answer.body).toMatchObject({
      schemas: [USER],
      id: expect.stringMatching(/^dus_/),
      userName: 'bjensen',
      externalId: 'bjensen',
      name: { familyName: 'Jensen', givenName: 'Barbara' },
      meta: { resourceType: 'User', version: 'W/"1"' },
    });
    expect(answer.headers.get('location')).toBe(answer.body.meta.location);
    expect(answer.body.meta.location).toBe(`${api.url}/scim/v2/Users/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.body.meta.created).toBe(answer.body.meta.lastModified);
  });

  test('§3.12 F-72: a second user of that name, in any case, is 409 uniqueness with a text as its status', async () => {
    await idp.newUser({ userName: 'Ada@meridian.example' });

    const answer = await idp.call('POST', '/Users', {
      schemas: [USER],
      userName: 'aDA@MERIDIAN.example',
    });

    expect(answer.status).toBe(409);
    expect(answer.body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '409',
      scimType: 'uniqueness',
      detail: expect.any(String),
    });
  });

  test('what is ours to say is not taken from the caller, and a password is taken and forgotten', async () => {
    const user = await idp.newUser({
      id: 'admin',
      meta: { created: '1999-01-01T00:00:00Z' },
      password: 't1meMa$heen',
      groups: [{ value: 'g' }],
    });

    const shown = await idp.call('GET', `/Users/${user.id}`);
    expect(user.id).not.toBe('admin');
    expect(shown.text).not.toContain('t1meMa$heen');
    expect(shown.text).not.toContain('1999');
    expect(shown.body.groups).toBeUndefined();
    const rows = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql<{ row: string }>(
        `select r.data::text as row from source_record r union all select d.data::text from directory_resource d`,
      ),
    );
    expect(rows.some(({ row }) => row.includes('t1meMa$heen'))).toBe(false);
  });

  test.each([
    ['no userName', { schemas: [USER] }, 'invalidValue'],
    ['a blank userName', { schemas: [USER], userName: ' ' }, 'invalidValue'],
    ['no schemas', { userName: 'x' }, 'invalidSyntax'],
    ['another schema', { schemas: [GROUP], userName: 'x' }, 'invalidSyntax'],
    ['a number as a name', { schemas: [USER], userName: 7 }, 'invalidValue'],
    ['a word that is no boolean', { schemas: [USER], userName: 'x', active: 'perhaps' }, 'invalidValue'],
    ['two primary addresses', { schemas: [USER], userName: 'x', emails: [{ value: 'a', primary: true }, { value: 'b', primary: true }] }, 'invalidValue'],
    ['one attribute in two spellings', { schemas: [USER], userName: 'x', USERNAME: 'y' }, 'invalidSyntax'],
  ])('%s is 400 with its reason', async (_what, body, scimType) => {
    const answer = await idp.call('POST', '/Users', body);

    expect([answer.status, answer.body.status, answer.body.scimType]).toEqual([400, '400', scimType]);
  }); // prettier-ignore
});

describe('§3.5.1 replacing', () => {
  test('what is not sent is gone, and the id and the time of making stay', async () => {
    const before = await idp.newUser({ title: 'Old', nickName: 'Babs' });

    const { status, body } = await idp.call('PUT', `/Users/${before.id}`, {
      schemas: [USER],
      id: before.id,
      userName: before.userName,
      title: 'New',
    });

    expect([status, body.id, body.title, body.nickName]).toEqual([
      200,
      before.id,
      'New',
      undefined,
    ]);
    expect([body.meta.created, body.meta.version]).toEqual([before.meta.created, 'W/"2"']);
  });

  test('the same once more changes nothing: no version, no landed page', async () => {
    const before = await idp.newUser({ title: 'Same' });
    const body = { schemas: [USER], userName: before.userName, title: 'Same' };
    const pages = () => api.deps.store.readTenant('acme', (tx) => tx.sql<{ n: number }>('select count(*)::int as n from run_page')); // prettier-ignore
    const landed = await pages();

    const answer = await idp.call('PUT', `/Users/${before.id}`, body);

    expect(answer.body).toEqual(before);
    expect(await pages()).toEqual(landed);
  });

  test('to the name of another is 409, and of nobody 404', async () => {
    const [one, two] = [await idp.newUser(), await idp.newUser()];
    const body = { schemas: [USER], userName: one.userName };

    expect((await idp.call('PUT', `/Users/${two.id}`, body)).body.scimType).toBe('uniqueness');
    expect((await idp.call('PUT', '/Users/nobody', body)).status).toBe(404);
  });
});

describe('§3.6 removing and §3.14 versions', () => {
  test('who is removed is gone, from groups too; the name is free, and who comes back is another', async () => {
    const user = await idp.newUser({ userName: 'comes.back@meridian.example' });
    const group = await idp.newGroup('Leavers', [user.id]);

    const gone = await idp.call('DELETE', `/Users/${user.id}`);
    const again = await idp.call('DELETE', `/Users/${user.id}`);
    const back = await idp.newUser({ userName: 'comes.back@meridian.example' });

    expect([gone.status, gone.text, again.status]).toEqual([204, '', 404]);
    expect((await idp.call('GET', `/Users/${user.id}`)).status).toBe(404);
    expect((await idp.call('GET', `/Groups/${group.id}`)).body.members).toBeUndefined();
    expect(back.id).not.toBe(user.id);
  });

  test('a version that is not the current one is 412, and one that the caller has is 304', async () => {
    const { id, userName } = await idp.newUser();
    const body = { schemas: [USER], userName, title: 'x' };

    const stale = await idp.call('PUT', `/Users/${id}`, body, { 'if-match': 'W/"7"' });
    const fresh = await idp.call('PUT', `/Users/${id}`, body, { 'if-match': 'W/"1"' });
    const held = await idp.call('GET', `/Users/${id}`, undefined, { 'if-none-match': 'W/"2"' });
    const other = await idp.call('GET', `/Users/${id}`, undefined, { 'if-none-match': 'W/"1"' });
    const kept = await idp.call('DELETE', `/Users/${id}`, undefined, { 'if-match': '"1"' });

    expect([stale.status, stale.body.status]).toEqual([412, '412']);
    expect([fresh.status, fresh.headers.get('etag')]).toEqual([200, 'W/"2"']);
    expect([held.status, held.text, other.status, kept.status]).toEqual([304, '', 200, 412]);
  });
});
