import { describe, expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { mockHttp } from '../../test/support/http-mock.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { ForbiddenError, HubError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession, Egress } from '../../src/sdk/define-connector.ts';
import connector from './index.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';

const ORIGIN = 'https://directory.example.test';
const WINDOW = { mode: 'full', from: null, to: null } as const;
const TOKEN = 'very-secret-token';
const mock = mockHttp();

const open = (egress: Egress = loopbackEgress()): Promise<ConnectorSession> =>
  connector.open({
    connection: 'people',
    config: connector.config.parse({ baseUrl: ORIGIN, paging: 'index' }),
    ...heldSecrets({ token: TOKEN }),
    egress,
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });

const JSON_TYPE = { 'content-type': 'application/scim+json' };
const users = () => mock.origin(ORIGIN).get('/Users').query(true);

async function failed(session: ConnectorSession): Promise<HubError> {
  const error: unknown = await session.readPage('Users', WINDOW, null).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HubError)) throw new Error('expected a HubError', { cause: error });
  return error;
}

describe('answers that are not an answer', () => {
  test.each([
    [
      'F-22: a sign-in page with status 200',
      200,
      '<html>sign in</html>',
      'text/html',
      'remote_unavailable',
    ],
    [
      'F-22: truncated JSON',
      200,
      '{"totalResults":2,"Resources":[{"id":"a"',
      'application/scim+json',
      'remote_unavailable',
    ],
    ['a list', 200, '[]', 'application/scim+json', 'remote_unavailable'],
    ['no SCIM list', 200, '{"users":[]}', 'application/json', 'remote_unavailable'],
    [
      'Resources that are no list',
      200,
      '{"totalResults":1,"Resources":{}}',
      'application/json',
      'remote_unavailable',
    ],
    [
      'a total without records',
      200,
      '{"totalResults":455}',
      'application/json',
      'remote_unavailable',
    ],
    ['F-27: a redirect', 302, '', 'text/plain', 'remote_unavailable'],
    ['401', 401, '{"detail":"no"}', 'application/scim+json', 'auth_expired'],
    ['403', 403, '', 'text/plain', 'auth_expired'],
    [
      '400',
      400,
      '{"scimType":"invalidFilter","detail":"bad"}',
      'application/json',
      'remote_rejected',
    ],
    ['404', 404, '', 'text/html', 'remote_rejected'],
    ['412', 412, '', 'text/plain', 'remote_conflict'],
    ['500', 500, '', 'text/plain', 'remote_unavailable'],
  ])('%s', async (_case, status, body, type, code) => {
    users().reply(status, body, {
      'content-type': type,
      location: 'https://elsewhere.example.test/',
    });

    const error = await failed(await open());

    expect(error.code).toBe(code);
    expect(JSON.stringify([error.message, error.details, error.cause])).not.toContain(TOKEN);
  });

  test('the vendor’s reason is passed on, cut short', async () => {
    users().reply(400, { scimType: 'tooMany', detail: 'x'.repeat(5000) }, JSON_TYPE);

    const { message } = await failed(await open());

    expect(message).toContain('tooMany: xxx');
    expect(message.length).toBeLessThan(400);
  });

  const WAITS = [
    [{ 'retry-after': '120' }, '2026-03-02T08:02:00.000Z'],
    [{ 'retry-after': 'Mon, 02 Mar 2026 09:00:00 GMT' }, '2026-03-02T09:00:00.000Z'],
    [{ 'retry-after': 'Mon, 02 Mar 2026 07:00:00 GMT' }, '2026-03-02T08:00:00.000Z'],
    [{ 'retry-after': 'Mon, 02 Mar 2026 09:00:30 GMT', date: 'Mon, 02 Mar 2026 09:00:00 GMT' }, '2026-03-02T08:00:30.000Z'],
    [{ 'x-rate-limit-reset': '1772438460', date: 'Mon, 02 Mar 2026 08:00:00 GMT' }, '2026-03-02T08:01:00.000Z'],
    [{ 'retry-after': 'soon', 'x-rate-limit-reset': '1772438520' }, '2026-03-02T08:02:00.000Z'],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '', 'x-rate-limit-reset': 'never' }, undefined],
    [{}, undefined],
  ] as const; // prettier-ignore
  test.each(WAITS)('F-17: 429 with %j says when to come back', async (headers, at) => {
    users().reply(429, '', headers);

    const error = await failed(await open());

    expect(error).toMatchObject({ code: 'rate_limited' });
    expect(
      'retryAt' in error && error.retryAt instanceof Date ? error.retryAt.toISOString() : undefined,
    ).toBe(at);
  });

  test('a broken connection is unavailable, without the token', async () => {
    users().replyWithError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));

    const error = await failed(await open());

    expect(error).toMatchObject({ code: 'remote_unavailable', details: { code: 'ECONNRESET' } });
    expect(error.message).not.toContain(TOKEN);
  });

  test('a refusal of the egress guard is told as it is', async () => {
    const refusal = new ForbiddenError('The address is private.');
    users().replyWithError(Object.assign(new Error('connect'), { cause: refusal }));

    expect(await failed(await open())).toBe(refusal);
  });
});

describe('rows that cannot be landed', () => {
  test('are reported beside the others, never dropped', async () => {
    const rows =
      '[{"id":"a"},{"userName":"no id"},7,{"id":"b","x":[{"__proto__":{"admin":true}}]},{"id":5}]';
    users().reply(200, `{"totalResults":5,"Resources":${rows}}`, JSON_TYPE);

    const page = await (await open()).readPage('Users', WINDOW, null);

    expect(page.records.map(({ id }) => id)).toEqual(['a']);
    expect(page.unreadable.map(({ id, code, outcome }) => ({ id, code, outcome }))).toEqual([
      { id: null, code: 'no_id', outcome: 'rejected' },
      { id: null, code: 'not_an_object', outcome: 'rejected' },
      { id: 'b', code: 'forbidden_member', outcome: 'quarantined' },
      { id: null, code: 'no_id', outcome: 'rejected' },
    ]);
  });

  test('F-64: a figure beyond 2^53 keeps its digits', async () => {
    users().reply(
      200,
      '{"totalResults":1,"Resources":[{"id":"a","badge":90071992547409931}]}',
      JSON_TYPE,
    );

    const page = await (await open()).readPage('Users', WINDOW, null);

    expect(page.records[0]?.data).toEqual({ id: 'a', badge: '90071992547409931' });
  });
});

describe('directories with habits of their own', () => {
  test('a total as text is a total, and count=0 that is refused is asked as count=1', async () => {
    mock.origin(ORIGIN).get('/Users').query({ startIndex: 1, count: 0 }).reply(400, '', JSON_TYPE);
    mock
      .origin(ORIGIN)
      .get('/Users')
      .query({ startIndex: 1, count: 1 })
      .reply(200, { totalResults: '455', Resources: [{ id: 'a' }] }, JSON_TYPE);

    expect(await (await open()).countWindow('Users', WINDOW)).toBe(455);
  });

  test('a directory that gives no total cannot be counted', async () => {
    users().reply(200, { Resources: [] }, JSON_TYPE);

    expect(await (await open()).countWindow('Users', WINDOW)).toBeNull();
  });

  test('a directory that refuses the attributes parameter lists whole records', async () => {
    mock
      .origin(ORIGIN)
      .get('/Users')
      .query({ startIndex: 1, count: 200, attributes: 'id,meta.lastModified' })
      .reply(400, '', JSON_TYPE);
    mock
      .origin(ORIGIN)
      .get('/Users')
      .query({ startIndex: 1, count: 200 })
      .reply(200, { totalResults: 1, Resources: [{ id: 'a', userName: 'x' }] }, JSON_TYPE);

    expect(await (await open()).listKeys('Users', WINDOW)).toMatchObject([{ id: 'a' }]);
  });

  test('an id with a slash stays one path segment', async () => {
    mock.origin(ORIGIN).get('/Users/a%2Fb%3Fc').reply(200, { id: 'a/b?c' }, JSON_TYPE);

    expect(await (await open()).readByIds('Users', ['a/b?c'])).toMatchObject({
      records: [{ id: 'a/b?c' }],
    });
  });

  test('a directory without totals and schemas fails those checks and passes the others', async () => {
    mock
      .origin(ORIGIN)
      .get(/^\/(Users|Groups)/)
      .times(4)
      .reply(200, { Resources: [] }, JSON_TYPE);
    mock.origin(ORIGIN).get('/ServiceProviderConfig').reply(404);
    mock.origin(ORIGIN).get('/ResourceTypes').times(2).reply(404);

    const checks = await (await open()).check();

    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'count Users',
      'describe Users',
      'count Groups',
      'describe Groups',
    ]);
  });
});
