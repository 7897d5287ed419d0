import { describe, expect, test } from '@jest/globals';
import { ENTERPRISE, USER, useScimTwin } from '../../../test/support/scim-twin.ts';
import { FIXTURE_TOKEN, scimFixtureWorld } from './fixture-world.ts';

const { call, get, filtered, control, replace } = useScimTwin();

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
    await replace({
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

  test.each([
    ['an object that it does not hold', { match: { object: 'Rooms' }, action: 'drop_record' }],
    ['an object in another spelling', { match: { object: 'users' }, action: 'delay', delayMs: 1 }],
    ['no object at all', { match: { id: 'user-00003' }, action: 'drop_record' }],
  ])('a fault that can never fire is refused: %s', async (_case, rule) => {
    const answer = await control('faults', 'PUT', { rules: [rule] });

    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringMatching(/It has Users, Groups/),
    ]);
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
