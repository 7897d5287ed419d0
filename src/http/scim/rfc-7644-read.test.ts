import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import {
  addDirectory,
  ENTERPRISE,
  GROUP,
  USER,
  type PushClient,
} from '../../../test/support/scim-push.ts';

// The examples of RFC 7644, by their sections, with people of our own.

let api: TestApi;
let idp: PushClient;
beforeAll(async () => {
  api = await testApi();
  idp = await addDirectory(api, 'strict');
});
afterAll(() => api.close());

const totalOf = async (kind: string, filter: string): Promise<number> => {
  const answer = await idp.call('GET', `/${kind}?filter=${encodeURIComponent(filter)}`);
  expect([filter, answer.status]).toEqual([filter, 200]);
  return answer.body.totalResults;
};

describe('§3.4 reading', () => {
  test('a known resource comes with its ETag, an unknown one is 404', async () => {
    const user = await idp.newUser();

    const found = await idp.call('GET', `/Users/${user.id}`);
    const lost = await idp.call('GET', '/Users/2819c223-7f76-453a-919d-413861904646');

    expect([found.status, found.body]).toEqual([200, user]);
    expect([lost.status, lost.body.status, lost.body.scimType]).toEqual([404, '404', undefined]);
  });

  test('§3.4.2.2 a filter finds by any attribute, however names, operators and case-less values are spelled', async () => {
    const { id } = await idp.newUser({
      userName: 'Filter.Me@meridian.example',
      externalId: 'Ext-1',
      title: 'Tour Guide',
      name: { familyName: 'O’Malley' },
      active: true,
      emails: [
        { value: 'Filter@Example.com', type: 'work' },
        { value: 'f@home.example', type: 'home' },
      ],
      [ENTERPRISE]: { department: 'Tour Operations', manager: { value: '26118915' } },
    });
    const me = `id eq "${id}" and `;
    const yes = [
      'userName Eq "FILTER.me@meridian.example"',
      'USERNAME sw "filter."',
      'userName co "ME@mer"',
      'userName ew ".EXAMPLE"',
      'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "Filter"',
      'externalId eq "Ext-1"',
      'title pr',
      'title pr and active eq true',
      'title pr or userType eq "Intern"',
      'not (userType pr)',
      'userType ne "Employee" and not (emails co "example.net")',
      'emails eq "filter@example.com"',
      'emails.value eq "filter@EXAMPLE.com"',
      'emails[type eq "work" and value co "@example.com"]',
      'emails[type eq "work"].value eq "filter@example.com"',
      'emails[type eq "work"] and title sw "tour"',
      `${ENTERPRISE}:department eq "tour operations"`,
      `${ENTERPRISE}:manager.value eq "26118915"`,
      'meta.lastModified gt "2011-05-13T04:42:34Z"',
      'meta.resourceType eq "User"',
      'title gt "Tour Guida" and title lt "tour guidf" and title ge "tour guide" and title le "tour guide"',
      'active eq "True"',
      'nickName eq null',
    ];
    const no = [
      'externalId eq "ext-1"',
      'userName eq "filter.me"',
      'emails[type eq "home" and value co "@example.com"]',
      'active eq false',
      'title pr and userType pr',
      'not (title pr)',
      'meta.lastModified lt "2011-05-13T04:42:34Z"',
      'displayName eq "Filter"',
      'urn:x:unknown:2.0:User:thing eq "1"',
    ];

    for (const filter of yes) expect([filter, await totalOf('Users', me + `(${filter})`)]).toEqual([filter, 1]); // prettier-ignore
    for (const filter of no) expect([filter, await totalOf('Users', me + `(${filter})`)]).toEqual([filter, 0]); // prettier-ignore
    expect(await totalOf('Users', 'userName eq "filter.me@meridian.example"')).toBe(1);
  });

  test.each([
    'userName',
    'userName eq',
    'userName xx "a"',
    'userName eq "a',
    'userName eq "a" and',
    '(userName eq "a"',
    'userName eq "a")',
    'emails[type eq "work"',
    'active gt true',
    'not userName pr',
    'userName eq "\\u0000"',
    'userName eq "a"; drop table run',
    `${'('.repeat(12)}userName pr${')'.repeat(12)}`,
  ])('the filter %s is 400 invalidFilter', async (filter) => {
    const answer = await idp.call('GET', `/Users?filter=${encodeURIComponent(filter)}`);

    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidFilter']);
  });

  test('a filter that is too long or asks too much is 400 invalidFilter', async () => {
    const long = `userName eq "${'x'.repeat(5000)}"`;
    const many = Array.from({ length: 101 }, () => 'title pr').join(' or ');

    for (const filter of [long, many]) {
      const answer = await idp.call('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidFilter']);
    }
  });

  test('§3.4.2.4 pages by index: what is less than 1 is 1, and a count of 0 asks for the total alone', async () => {
    const group = await addDirectory(api, 'paged');
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) {
      const { body } = await group.call('POST', '/Users', { schemas: [USER], userName: `u${n}` });
      ids.push(body.id);
    }
    const page = async (query: string) => {
      const { status, body } = await group.call('GET', `/Users?${query}`);
      expect(status).toBe(200);
      return [
        body.totalResults,
        body.startIndex,
        body.itemsPerPage,
        body.Resources.map((each: { id: string }) => ids.indexOf(each.id)),
      ];
    };

    expect(await page('startIndex=1&count=2')).toEqual([5, 1, 2, [0, 1]]);
    expect(await page('startIndex=3&count=2')).toEqual([5, 3, 2, [2, 3]]);
    expect(await page('startIndex=5&count=2')).toEqual([5, 5, 1, [4]]);
    expect(await page('startIndex=9&count=2')).toEqual([5, 9, 0, []]);
    expect(await page('startIndex=-3&count=1')).toEqual([5, 1, 1, [0]]);
    expect(await page('count=0')).toEqual([5, 1, 0, []]);
    expect(await page('count=-1')).toEqual([5, 1, 0, []]);
    expect(await page('startIndex=2&count=2&filter=userName%20sw%20%22u%22')).toEqual([5, 2, 2, [1, 2]]); // prettier-ignore
    expect((await group.call('GET', '/Users?count=many')).body.scimType).toBe('invalidValue');
  });

  test('RFC 9865: pages by cursor hold each resource once, though others come and go meanwhile', async () => {
    const group = await addDirectory(api, 'cursors');
    const post = async (userName: string): Promise<string> =>
      (await group.call('POST', '/Users', { schemas: [USER], userName })).body.id;
    const ids = [await post('a'), await post('b'), await post('c'), await post('d')];

    const first = (await group.call('GET', '/Users?cursor=&count=2')).body;
    await group.call('DELETE', `/Users/${ids[0]}`);
    const last = await post('e');
    const second = (await group.call('GET', `/Users?count=2&cursor=${first.nextCursor}`)).body;
    const third = (await group.call('GET', `/Users?count=2&cursor=${second.nextCursor}`)).body;
    const forged = await group.call('GET', '/Users?cursor=eHg');

    const seen = [first, second, third].flatMap((page) => page.Resources.map((each: { id: string }) => each.id)); // prettier-ignore
    expect(seen).toEqual([...ids, last]);
    expect(third.nextCursor).toBeUndefined();
    expect(first.startIndex).toBeUndefined();
    expect([forged.status, forged.body.scimType]).toEqual([400, 'invalidCursor']);
  });

  test('RFC 9865 §2.1: a page by cursor holds one at least, and never more than the most that is said of it', async () => {
    const group = await addDirectory(api, 'counts');
    await group.call('POST', '/Users', { schemas: [USER], userName: 'a' });
    const refused = async (count: string) => {
      const { status, body } = await group.call('GET', `/Users?cursor=&count=${count}`);
      return [status, body.scimType];
    };
    const { pagination } = (await group.call('GET', '/ServiceProviderConfig')).body;
    const many = await group.call('GET', `/Users?cursor=&count=${pagination.maxPageSize + 1}`);

    expect(await refused('0')).toEqual([400, 'invalidCount']);
    expect(await refused('-1')).toEqual([400, 'invalidCount']);
    expect(await refused('many')).toEqual([400, 'invalidCount']);
    expect([many.status, many.body.itemsPerPage]).toEqual([200, 1]);
    expect((await group.call('GET', '/Users?count=0')).body).toMatchObject({ totalResults: 1 });
    expect(pagination).toMatchObject({
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
    });
  });

  test('§3.4.2.5 attributes and excludedAttributes choose what is shown; id and schemas always are', async () => {
    const { id } = await idp.newUser({
      displayName: 'Chosen',
      title: 'x',
      emails: [{ value: 'a@b.example', type: 'work' }],
      [ENTERPRISE]: { department: 'D', division: 'V' },
    });
    const keys = async (query: string) =>
      Object.keys((await idp.call('GET', `/Users/${id}?${query}`)).body).toSorted();

    expect(await keys('attributes=DisplayName')).toEqual(['displayName', 'id', 'schemas']);
    expect(await keys('excludedAttributes=emails,meta,id')).toEqual(
      ['displayName', 'id', 'schemas', 'title', ENTERPRISE, 'userName'].toSorted(),
    );
    const { body } = await idp.call('GET', `/Users/${id}?attributes=emails.value,${ENTERPRISE}:department`); // prettier-ignore
    expect([body.emails, body[ENTERPRISE]]).toEqual([
      [{ value: 'a@b.example' }],
      { department: 'D' },
    ]);
    expect((await idp.call('GET', `/Users/${id}?attributes=id&excludedAttributes=id`)).status).toBe(400); // prettier-ignore
  });

  test('§3.4.3 a search by body gives what the address would', async () => {
    const { id, userName } = await idp.newUser();

    const { body } = await idp.call('POST', '/Users/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      attributes: ['userName'],
      filter: `userName eq "${userName}"`,
      startIndex: 1,
      count: 10,
    });

    expect([body.totalResults, body.Resources]).toEqual([1, [{ schemas: [USER], id, userName }]]);
  });
});

describe('§4 what the endpoint says of itself', () => {
  test('names what it supports and what it does not', async () => {
    const { body } = await idp.call('GET', '/ServiceProviderConfig');

    expect(body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
      sort: { supported: false },
      etag: { supported: true },
      pagination: { cursor: true, index: true },
    });
    for (const [method, path] of [['POST', '/Bulk'], ['GET', '/Me'], ['POST', '/.search']] as const) {
      const answer = await idp.call(method, path, method === 'POST' ? {} : undefined);
      expect([path, answer.status, answer.body.status]).toEqual([path, 501, '501']);
    }
  }); // prettier-ignore

  test('describes its schemas and kinds of resource, all and one by one', async () => {
    const schemas = (await idp.call('GET', '/Schemas')).body;
    const kinds = (await idp.call('GET', '/ResourceTypes')).body;
    const enterprise = await idp.call('GET', `/Schemas/${ENTERPRISE}`);

    expect(schemas.Resources.map((each: { id: string }) => each.id)).toEqual([USER, GROUP, ENTERPRISE]); // prettier-ignore
    expect(enterprise.body).toEqual(schemas.Resources[2]);
    expect(kinds.Resources).toMatchObject([
      {
        id: 'User',
        endpoint: '/Users',
        schemaExtensions: [{ schema: ENTERPRISE, required: false }],
      },
      { id: 'Group', endpoint: '/Groups', schemaExtensions: [] },
    ]);
    const userName = schemas.Resources[0].attributes[0];
    expect(userName).toMatchObject({ name: 'userName', required: true, caseExact: false, uniqueness: 'server' }); // prettier-ignore
    expect((await idp.call('GET', '/Schemas/urn:x')).status).toBe(404);
    expect((await idp.call('GET', '/Nothing')).body.status).toBe('404');
  });
});
