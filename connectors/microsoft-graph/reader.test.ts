import { describe, expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { mockHttp } from '../../test/support/http-mock.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import connector from './index.ts';

const GRAPH = 'https://graph.example.test';
const LOGIN = 'https://login.example.test';
const WINDOW = { mode: 'full', from: null, to: null } as const;
const mock = mockHttp();

const open = (): Promise<ConnectorSession> =>
  connector.open({
    connection: 'm365',
    config: connector.config.parse({
      tenantId: 'contoso.example',
      clientId: 'app',
      graphUrl: GRAPH,
      loginUrl: LOGIN,
    }),
    ...heldSecrets({ clientSecret: 'very-secret' }),
    egress: loopbackEgress(),
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });

const logIn = (token = 't-1') =>
  mock
    .origin(LOGIN)
    .post('/contoso.example/oauth2/v2.0/token')
    .reply(200, { access_token: token, expires_in: 3599 }, { 'content-type': 'application/json' });
const skus = (value: readonly JsonObject[] = []) =>
  mock.origin(GRAPH).get('/v1.0/subscribedSkus').reply(200, { value }, { 'content-type': 'application/json' }); // prettier-ignore
const users = () => mock.origin(GRAPH).get('/v1.0/users').query(true);
const json = { 'content-type': 'application/json' };
const person = (id: string, assignedLicenses: readonly JsonObject[] = []) => ({ id, userPrincipalName: `${id}@x`, assignedLicenses }); // prettier-ignore

describe('pages of users', () => {
  test('a next page at another address is refused, and the token never goes there', async () => {
    logIn();
    skus();
    users().reply(200, { value: [person('a')], '@odata.nextLink': 'https://evil.example.test/v1.0/users?$skiptoken=x' }, json); // prettier-ignore
    const session = await open();

    await expect(session.readPage('users', WINDOW, null)).rejects.toMatchObject({
      code: 'remote_unavailable',
    });
  });

  test('a page whose address ran out starts the list again, three times at most', async () => {
    logIn();
    skus();
    mock.origin(GRAPH).get('/v1.0/users').query({ $skiptoken: 'old' }).times(2).reply(400, { error: { code: 'Directory_ExpiredPageToken' } }, json); // prettier-ignore
    const session = await open();
    const expired = { next: '/v1.0/users?$skiptoken=old', restarts: 0 };

    const page = await session.readPage('users', WINDOW, expired);

    expect(page).toEqual({ records: [], unreadable: [], next: { next: null, restarts: 1 } });
    await expect(
      session.readPage('users', WINDOW, { ...expired, restarts: 3 }),
    ).rejects.toMatchObject({ code: 'remote_rejected' });
  });

  test('F-19: a token that ends while pages are read is renewed once, and the page is asked for again', async () => {
    logIn('t-1');
    skus();
    users().reply(401, { error: { code: 'InvalidAuthenticationToken' } }, json);
    logIn('t-2');
    mock.origin(GRAPH).get('/v1.0/users').query(true).matchHeader('authorization', 'Bearer t-2').reply(200, { value: [person('a')] }, json); // prettier-ignore
    const session = await open();

    const { records } = await session.readPage('users', WINDOW, null);

    expect(records.map(({ id }) => id)).toEqual(['a']);
  });

  test.each([
    ['a sign-in page with status 200', '<html>sign in</html>', 'text/html'],
    ['truncated JSON', '{"value":[{"id":"a"', 'application/json'],
    ['an answer without values', '{}', 'application/json'],
  ])('F-22: %s is no page', async (_what, body, type) => {
    logIn();
    skus();
    users().reply(200, body, { 'content-type': type });
    const session = await open();

    await expect(session.readPage('users', WINDOW, null)).rejects.toMatchObject({
      code: 'remote_unavailable',
    });
  });
});

describe('rows of users', () => {
  test('licences carry their part number, and a mark where every plan is switched off', async () => {
    logIn();
    skus([
      { id: 'x', skuId: 's-1', skuPartNumber: 'E3', servicePlans: [{ servicePlanId: 'p-1' }, { servicePlanId: 'p-2' }] }, // prettier-ignore
    ]);
    users().reply(200, { value: [
      person('a', [{ skuId: 's-1', disabledPlans: ['p-1', 'p-2'] }]),
      person('b', [{ skuId: 's-1', disabledPlans: ['p-1'] }, { skuId: 's-9', disabledPlans: [] }]),
    ] }, json); // prettier-ignore
    const session = await open();

    const { records } = await session.readPage('users', WINDOW, null);

    expect(records.map(({ data }) => data['assignedLicenses'])).toMatchObject([
      [{ skuPartNumber: 'E3', allPlansDisabled: true }],
      [
        { skuPartNumber: 'E3', allPlansDisabled: false },
        { skuPartNumber: 's-9', allPlansDisabled: false },
      ],
    ]);
  });

  test('F-63: a row without an id is refused, one with a prototype member waits for a person', async () => {
    logIn();
    skus();
    users().reply(200, '{"value":[{"displayName":"x"},7,{"id":"a","__proto__":{"admin":true}}]}', json); // prettier-ignore
    const session = await open();

    const { records, unreadable } = await session.readPage('users', WINDOW, null);

    expect(records).toEqual([]);
    expect(unreadable.map(({ id, code, outcome }) => [id, code, outcome])).toEqual([
      [null, 'no_id', 'rejected'],
      [null, 'not_an_object', 'rejected'],
      ['a', 'forbidden_member', 'quarantined'],
    ]);
  });

  test('of users asked for by id, one that cannot be read waits for a person and only one nobody knows is gone', async () => {
    logIn();
    skus();
    const byId = (id: string) => mock.origin(GRAPH).get(`/v1.0/users/${id}`).query(true);
    byId('a').reply(200, person('a'), json);
    byId('b').reply(200, '{"id":"b","__proto__":{"admin":true}}', json);
    byId('c').reply(200, '{"displayName":"x"}', json);
    byId('d').reply(200, person('someone-else'), json);
    byId('e').reply(404, { error: { code: 'Request_ResourceNotFound' } }, json);
    const session = await open();

    const { records, unreadable } = await session.readByIds('users', ['a', 'b', 'c', 'd', 'e']);

    expect(records.map(({ id, deleted }) => [id, deleted])).toEqual([
      ['a', false],
      ['e', true],
    ]);
    expect(unreadable.map(({ id, code, outcome }) => [id, code, outcome])).toEqual([
      ['b', 'forbidden_member', 'quarantined'],
      ['c', 'no_id', 'quarantined'],
      ['d', 'other_record', 'quarantined'],
    ]);
  });

  test('the count is read behind its byte order mark', async () => {
    logIn();
    mock.origin(GRAPH).get('/v1.0/users/$count').matchHeader('consistencylevel', 'eventual').reply(200, '\uFEFF4711', { 'content-type': 'text/plain' }); // prettier-ignore
    const session = await open();

    expect(await session.countWindow('users', WINDOW)).toBe(4711);
  });
});
