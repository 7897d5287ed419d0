import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  AuthExpired,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
} from '../../src/kernel/errors.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import { mockHttp } from '../../test/support/http-mock.ts';
import { openNetSuite } from '../../test/support/netsuite-session.ts';
import netsuite from './index.ts';
import { Config } from './config.ts';

const mock = mockHttp();
const HOST = 'https://1234567-sb1.suitetalk.api.netsuite.com';
const TOKEN = '/services/rest/auth/oauth2/v1/token';
const QUERY = '/services/rest/query/v1/suiteql?limit=1&offset=0';
const JSON_TYPE = {
  'content-type': 'application/vnd.oracle.resource+json; type=collection; charset=UTF-8',
};
const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

function open(changes = {}): Promise<ConnectorSession> {
  return openNetSuite(
    { accountId: '1234567_SB1', clientId: 'client', certificateId: 'cert', ...changes },
    { privateKey },
  );
}

function tokens(times = 1): void {
  mock
    .origin(HOST)
    .post(TOKEN)
    .times(times)
    .reply(200, { access_token: 'token', expires_in: '3600', token_type: 'bearer' });
}

const now = {
  links: [],
  count: 1,
  hasMore: false,
  items: [{ links: [], now: '2026-03-02 09:00:00' }],
  offset: 0,
  totalResults: 1,
};

/** Nothing has changed in the second in which the window ends, so that it ends there. */
function nothingSince(times = 1): void {
  const none = { ...now, items: [{ links: [], count: '0' }] };
  mock.origin(HOST).post(QUERY).times(times).reply(200, none, JSON_TYPE);
}

describe('answers that are none', () => {
  test.each([
    [
      'HTML with status 200',
      200,
      '<html>Down for maintenance</html>',
      { 'content-type': 'text/html' },
    ],
    ['JSON that is cut off', 200, '{"items":[{"now":"2026', JSON_TYPE],
    ['JSON with another content type', 200, JSON.stringify(now), { 'content-type': 'text/plain' }],
    ['JSON of another shape', 200, '{"rows":[]}', JSON_TYPE],
    [
      'a page that names more rows than it holds',
      200,
      JSON.stringify({ ...now, count: 2 }),
      JSON_TYPE,
    ],
    [
      'a last page that lacks rows of the result',
      200,
      JSON.stringify({ ...now, totalResults: 2 }),
      JSON_TYPE,
    ],
    [
      'an empty page that promises more',
      200,
      JSON.stringify({ ...now, items: [], count: 0, hasMore: true }),
      JSON_TYPE,
    ],
    ['a time that is none', 200, JSON.stringify({ ...now, items: [{ now: 'soon' }] }), JSON_TYPE],
    ['a redirect', 302, '', { location: 'https://elsewhere.example/' }],
    ['a server error', 500, '{"title":"Internal Server Error"}', JSON_TYPE],
  ])('%s means that the source is unavailable', async (_title, status, body, headers) => {
    tokens();
    mock.origin(HOST).post(QUERY).reply(status, body, headers);
    const session = await open();

    await expect(session.openWindow('salesOrder', null)).rejects.toThrow(RemoteUnavailable);
  });
});

describe('refusals', () => {
  test('429 says when to come back, where the account says it', async () => {
    tokens();
    const body = {
      title: 'Too Many Requests',
      status: 429,
      'o:errorDetails': [
        {
          detail: 'Concurrent request limit exceeded. Request blocked.',
          'o:errorCode': 'CONCURRENCY_LIMIT_EXCEEDED',
        },
      ],
    };
    mock
      .origin(HOST)
      .post(QUERY)
      .reply(429, body, { ...JSON_TYPE, 'retry-after': '30' });
    const session = await open();

    const error = await session.openWindow('salesOrder', null).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(RateLimited);
    expect(((error as RateLimited).retryAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(20_000);
  });

  const busy = {
    title: 'Too Many Requests',
    'o:errorDetails': [{ detail: 'Blocked.', 'o:errorCode': 'CONCURRENCY_LIMIT_EXCEEDED' }],
  };

  test.each([
    ['seconds', '1', 1000],
    ['a date', 'in 2.5 s', 1000],
    ['garbage', 'soon', 100],
  ])('F-17: a 429 with %s is waited for, and the call goes through', async (_how, after, least) => {
    tokens();
    const header = after.startsWith('in') ? new Date(Date.now() + 2500).toUTCString() : after;
    mock
      .origin(HOST)
      .post(QUERY)
      .reply(429, busy, { ...JSON_TYPE, 'retry-after': header })
      .post(QUERY)
      .reply(200, now, JSON_TYPE);
    nothingSince();
    const session = await open();
    const startedAt = performance.now();

    expect((await session.openWindow('salesOrder', null)).to).toBe('2026-03-02 09:00:00');
    expect(performance.now() - startedAt).toBeGreaterThan(least);
  });

  test('F-17: an account that stays busy is left alone after a few tries', async () => {
    tokens();
    mock.origin(HOST).post(QUERY).times(5).reply(429, busy, JSON_TYPE);
    const session = await open();

    await expect(session.openWindow('salesOrder', null)).rejects.toThrow(RateLimited);
  }, 15_000);

  test('a refused query names its parameter', async () => {
    tokens();
    const body = {
      title: 'Bad Request',
      status: 400,
      'o:errorDetails': [
        {
          detail: 'Invalid search query.',
          'o:errorQueryParam': 'q',
          'o:errorCode': 'INVALID_PARAMETER',
        },
      ],
    };
    mock.origin(HOST).post(QUERY).reply(400, body, JSON_TYPE);
    const session = await open();

    const error = await session.openWindow('salesOrder', null).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(RemoteRejected);
    expect(error).toMatchObject({ field: 'q', details: { vendorCode: 'INVALID_PARAMETER' } });
  });
});

describe('a connection that was never made', () => {
  test('is tried once more for a read', async () => {
    tokens();
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    mock.origin(HOST).post(QUERY).replyWithError(refused).post(QUERY).reply(200, now, JSON_TYPE);
    nothingSince();
    const session = await open();

    expect((await session.openWindow('salesOrder', null)).to).toBe('2026-03-02 09:00:00');
  });

  test('and then means that the source is unavailable', async () => {
    tokens();
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    mock.origin(HOST).post(QUERY).times(2).replyWithError(refused);
    const session = await open();

    await expect(session.openWindow('salesOrder', null)).rejects.toThrow('could not be reached');
  });
});

describe('login', () => {
  test('callers that start together share one token', async () => {
    tokens(1);
    mock.origin(HOST).post(QUERY).times(3).reply(200, now, JSON_TYPE);
    nothingSince(3);
    const session = await open();

    const windows = await Promise.all(
      ['salesOrder', 'invoice', 'customer'].map((stream) => session.openWindow(stream, null)),
    );

    expect(windows.map(({ to }) => to)).toEqual(
      Array.from({ length: 3 }, () => '2026-03-02 09:00:00'),
    );
  });

  test('a 401 is met with one new token, and the call goes through', async () => {
    tokens(2);
    mock
      .origin(HOST)
      .post(QUERY)
      .reply(401, { status: 401 }, JSON_TYPE)
      .post(QUERY)
      .reply(200, now, JSON_TYPE);
    nothingSince();
    const session = await open();

    expect((await session.openWindow('salesOrder', null)).to).toBe('2026-03-02 09:00:00');
  });

  test('F-25: an account under load that refuses a good login twice is asked again after a pause', async () => {
    tokens(3);
    mock
      .origin(HOST)
      .post(QUERY)
      .times(2)
      .reply(401, { status: 401 }, JSON_TYPE)
      .post(QUERY)
      .reply(200, now, JSON_TYPE);
    nothingSince();
    const session = await open();

    expect((await session.openWindow('salesOrder', null)).to).toBe('2026-03-02 09:00:00');
  });

  test('two fresh logins that are refused mean that the credentials no longer work', async () => {
    tokens(3);
    mock.origin(HOST).post(QUERY).times(3).reply(401, { status: 401 }, JSON_TYPE);
    const session = await open();

    await expect(session.openWindow('salesOrder', null)).rejects.toThrow(AuthExpired);
  });

  test('a refused assertion means that the credentials no longer work, and the message holds no secret', async () => {
    mock.origin(HOST).post(TOKEN).reply(400, { error: 'invalid_client' });
    const session = await open();

    const error = await session.openWindow('salesOrder', null).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(AuthExpired);
    expect(String(error)).toContain('invalid_client');
    expect(JSON.stringify(error)).not.toContain('PRIVATE KEY');
  });

  test.each([
    ['no private key', {}, {}, 'privateKey'],
    ['a key that is no key', {}, { privateKey: 'secret' }, 'PEM'],
    ['no client id', { clientId: '' }, { privateKey }, 'clientId'],
    [
      'TBA without its token',
      { auth: 'tba' },
      { consumerKey: 'a', consumerSecret: 'b' },
      'tokenId',
    ],
  ])('%s is named when the connection is opened', async (_title, config, secrets, word) => {
    const opening = openNetSuite(
      { accountId: '1', clientId: 'client', certificateId: 'cert', ...config },
      secrets,
    );

    await expect(opening).rejects.toThrow(word);
  });
});

describe('configuration', () => {
  test('the account id cannot lead to another host', () => {
    expect(Config.safeParse({ accountId: 'evil.example/#' }).success).toBe(false);
    expect(netsuite.hosts(Config.parse({ accountId: '1234567_SB1' }))).toEqual([
      '1234567-sb1.suitetalk.api.netsuite.com',
    ]);
  });

  test('every setting and every secret says what it is', () => {
    for (const schema of [netsuite.config, netsuite.secrets]) {
      const shape = (schema as typeof Config).shape as Readonly<
        Record<string, { readonly description?: string }>
      >;
      for (const [name, field] of Object.entries(shape))
        expect([name, field.description]).toEqual([name, expect.any(String)]);
    }
  });
});
