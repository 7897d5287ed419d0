import { expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { mockHttp } from '../../test/support/http-mock.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import connector from './index.ts';

const ORIGIN = 'https://directory.example.test';
const WINDOW = { mode: 'full', from: null, to: null } as const;
const JSON_TYPE = { 'content-type': 'application/scim+json' };
const mock = mockHttp();

const open = (): Promise<ConnectorSession> =>
  connector.open({
    connection: 'people',
    config: connector.config.parse({ baseUrl: ORIGIN, pageSize: 2 }),
    ...heldSecrets({ token: 'very-secret-token' }),
    egress: loopbackEgress(),
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });
const answers = (path: string, query: Readonly<Record<string, string>>, body: JsonObject) =>
  mock
    .origin(ORIGIN)
    .get(path)
    .query((asked) => Object.entries(query).every(([name, value]) => asked[name] === value))
    .reply(200, body, JSON_TYPE);
const people = (...ids: readonly string[]) => ids.map((id) => ({ id, userName: id }));
const pages = () => {
  answers('/Users', { cursor: '' }, { Resources: people('a', 'b'), nextCursor: 'n1' });
  answers('/Users', { cursor: 'n1' }, { Resources: people('c') });
};

test('RFC 9865 §2.4: a directory that says only with its first answer that it pages by cursor is read whole', async () => {
  answers('/ServiceProviderConfig', {}, {});
  answers('/Users', { startIndex: '1' }, { totalResults: 3, Resources: people('a', 'b'), nextCursor: 'x' }); // prettier-ignore
  pages();

  const { records, next } = await (await open()).readPage('Users', WINDOW, null);

  expect(records.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(next).toBeNull();
});

test('RFC 9865 §2: a directory that pages by cursor and leaves out its total is counted by its ids', async () => {
  answers('/ServiceProviderConfig', {}, { pagination: { cursor: true, index: false } });
  mock
    .origin(ORIGIN)
    .get('/Users')
    .query({ cursor: '', count: 0 })
    .reply(400, { scimType: 'invalidCount' }, JSON_TYPE);
  answers('/Users', { count: '1' }, { Resources: people('a'), nextCursor: 'n9' });
  pages();

  expect(await (await open()).countWindow('Users', WINDOW)).toBe(3);
});
