import { describe, expect, test } from '@jest/globals';
import { useDirectories, type Directory } from '../../test/support/scim-directory.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const WINDOW = { mode: 'full', from: null, to: null } as const;
const PERSONALITIES = ['strict', 'okta', 'entra'];
const open = useDirectories();

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

async function call(
  { twin: { running } }: Directory,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<Answer> {
  const answer = await fetch(`${running.url}/scim/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${running.credentials.secrets['token'] ?? ''}`,
      'content-type': 'application/scim+json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.parse((await answer.text()) || '{}'),
  };
}

const patch = (directory: Directory, operation: JsonObject): Promise<Answer> =>
  call(directory, 'PATCH', '/Users/user-00001', { schemas: [PATCH], Operations: [operation] });

describe('every personality', () => {
  test('gives the same records, to the last member', async () => {
    const read: string[] = [];
    for (const personality of PERSONALITIES) {
      const { readAll } = await open(120, { personality });
      read.push(JSON.stringify(await readAll('Users')));
    }

    expect(read[0]).toContain('"active":false');
    expect(read[0]).toContain('"manager":{"value":"user-00001"');
    expect(JSON.parse(read[1] ?? '')).toEqual(JSON.parse(read[0] ?? ''));
    // Entra names the manager by id alone, so the name beside it is not there.
    expect(JSON.parse((read[0] ?? '').replaceAll(',"displayName":"User 00001"}', '}'))).toEqual(
      JSON.parse((read[2] ?? '').replaceAll(',"displayName":"User 00001"}', '}')),
    );
  });

  test.each(PERSONALITIES)(
    'F-31: %s: rows that shift between pages hide nobody from the read',
    async (personality) => {
      const { twin, readAll, listed } = await open(455, { personality, maxResults: 60 });
      await twin.faults({
        action: 'page_shift',
        match: { object: 'Users' },
        with: { delete: 3, insert: 1 },
        times: 5,
      });

      const read = new Set((await readAll('Users')).map(({ id }) => id));
      await twin.faults();
      const left = [...(await listed())];

      expect(left).toHaveLength(455 - 15 + 5);
      expect(left.filter((id) => !read.has(id))).toEqual([]);
    },
  );

  test('F-31: an answer that is out of order costs a step back, and hides nobody', async () => {
    const { twin, readAll, listed } = await open(455, { maxResults: 60 });
    await twin.faults({
      action: 'page_shift',
      match: { object: 'Users' },
      with: { delete: 0, insert: 0, rotate: 200 },
      nth: 3,
    });

    const read = new Set((await readAll('Users')).map(({ id }) => id));

    expect([...(await listed())].filter((id) => !read.has(id))).toEqual([]);
  });

  test.each([
    ['strict', 'Answers as RFC 7644 has it; pages by index'],
    ['okta', 'Answers as Okta does (rate-limit headers); pages by index'],
    ['entra', 'Answers as Entra does (booleans as text); pages by index'],
  ])('%s is named by the connection’s checks, and passes them all', async (personality, detail) => {
    const { session } = await open(30, { personality });

    const checks = await session.check();

    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks).toContainEqual({ name: 'directory', ok: true, detail, fix: null });
  });

  test('a directory that pages by cursor says so in the checks, with the life of a cursor', async () => {
    const { session } = await open(30, { pagination: 'cursor' });

    const checks = await session.check();

    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.find(({ name }) => name === 'directory')?.detail).toBe(
      'Answers as RFC 7644 has it; pages by cursor, 200 records a page at most, a cursor lives 600 s',
    );
  });
});

describe('okta', () => {
  test('users are deactivated by a PATCH without a path, and never deleted', async () => {
    const directory = await open(3, { personality: 'okta' });

    const patched = await patch(directory, { op: 'replace', value: { active: false } });
    const deleted = await call(directory, 'DELETE', '/Users/user-00001');

    expect(patched.body['active']).toBe(false);
    expect(deleted.status).toBe(405);
  });

  test('filters are good for existence checks alone', async () => {
    const directory = await open(12, { personality: 'okta' });
    const filtered = (filter: string) =>
      call(directory, 'GET', `/Users?filter=${encodeURIComponent(filter)}`);

    expect((await filtered('userName eq "user.00003@example.test"')).body['totalResults']).toBe(1);
    expect((await filtered('meta.lastModified gt "2026-01-01T00:00:00Z"')).body).toMatchObject({
      status: '400',
      scimType: 'invalidFilter',
    });
  });

  test('F-17: above its rate it answers 429 without Retry-After, and the wait is read from its own header', async () => {
    const directory = await open(250, { personality: 'okta', ratePerMinute: 2 });
    const part = await directory.session.readPage('Users', WINDOW, null);

    const refused = directory.session.readPage('Users', WINDOW, part.next);

    await expect(refused).rejects.toMatchObject({
      code: 'rate_limited',
      retryAt: new Date('2026-03-02T08:01:00Z'),
    });
    await directory.twin.advance(60);
    const rest = await directory.session.readPage('Users', WINDOW, part.next);
    const ids = [...part.records, ...rest.records].map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([250, 250]);
  });
});

describe('entra', () => {
  test('takes operations in capitals, "False" for false, and a URN for a path', async () => {
    const directory = await open(3, { personality: 'entra' });

    await patch(directory, { op: 'Replace', path: 'active', value: 'False' });
    await patch(directory, { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Legal' });
    const { body } = await patch(directory, { op: 'Remove', path: 'displayName' });

    expect(body).toMatchObject({ active: 'False', [ENTERPRISE]: { department: 'Legal' } });
    expect(Object.keys(body)).not.toContain('displayName');
  });

  test('takes a filter on the extension and finds nobody, which the reader does not rely on', async () => {
    const directory = await open(12, { personality: 'entra' });
    const filter = encodeURIComponent(`${ENTERPRISE}:department eq "Legal"`);

    expect((await call(directory, 'GET', `/Users?filter=${filter}`)).body['totalResults']).toBe(0);
  });
});

describe('state faults', () => {
  test.each([
    ['limit', {}, { code: 'rate_limited', retryAt: new Date('2026-03-02T08:01:00Z') }],
    [
      'limit',
      { 'retry-after': 'Mon, 02 Mar 2026 08:00:09 GMT', date: 'Mon, 02 Mar 2026 08:00:00 GMT' },
      { code: 'rate_limited', retryAt: new Date('2026-03-02T08:00:09Z') },
    ],
    ['limit', { 'retry-after': 'in a while' }, { code: 'rate_limited', retryAt: undefined }],
    ['overload', {}, { code: 'remote_unavailable' }],
    ['revoke', {}, { code: 'auth_expired' }],
  ])('F-17: %s with %j', async (action, headers, error) => {
    const { twin, session } = await open(3, {}, { paging: 'index' });
    const rule = Object.keys(headers).length === 0 ? {} : { headers };
    await twin.faults({ action, match: { object: 'Users' }, times: 1, ...rule });

    await expect(session.readPage('Users', WINDOW, null)).rejects.toMatchObject(error);
  });

  test('one that a directory cannot have is refused', async () => {
    const { twin } = await open(3);

    await expect(twin.faults({ action: 'row_lock', match: { object: 'Users' } })).rejects.toThrow(
      'page_shift',
    );
  });
});
