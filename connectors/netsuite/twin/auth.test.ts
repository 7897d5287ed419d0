import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { startNetSuite, type NetSuiteUnderTest } from '../../../test/support/netsuite-session.ts';
import { FIXTURE_TBA, FIXTURE_WORLD } from './fixture-world.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

let ns: NetSuiteUnderTest;

beforeAll(async () => {
  ns = await startNetSuite({
    ...FIXTURE_WORLD,
    settings: {
      ...FIXTURE_WORLD.settings,
      m2m: [
        {
          clientId: 'rsa-client',
          certificateId: 'rsa-cert',
          publicKeyPem: pem(rsa.publicKey),
          alg: 'PS256',
        },
        {
          clientId: 'ec-client',
          certificateId: 'ec-cert',
          publicKeyPem: pem(p384.publicKey),
          alg: 'ES384',
        },
        {
          clientId: 'p521-client',
          certificateId: 'p521-cert',
          publicKeyPem: pem(p521.publicKey),
          alg: 'ES512',
        },
      ],
    },
  });
});
afterAll(() => ns.stop());

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Assertion {
  readonly key: KeyObject;
  readonly alg: string;
  readonly kid: string;
  readonly iss: string;
  readonly aud: string;
  readonly scope: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

function tokenUrl(): string {
  return `${ns.twin.url}/services/rest/auth/oauth2/v1/token`;
}

async function askToken(
  changes: Partial<Assertion> = {},
  form: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const { config, secrets } = ns.twin.credentials;
  const now = Math.floor(Date.now() / 1000);
  const all: Assertion = {
    key: createPrivateKey(secrets['privateKey'] ?? ''), alg: 'ES256', kid: textOf(config['certificateId']), iss: textOf(config['clientId']),
    aud: tokenUrl(), scope: 'rest_webservices', issuedAt: now, expiresAt: now + 300, ...changes,
  }; // prettier-ignore
  const assertion = await new SignJWT({ scope: all.scope })
    .setProtectedHeader({ typ: 'JWT', alg: all.alg, kid: all.kid })
    .setIssuer(all.iss).setAudience(all.aud).setIssuedAt(all.issuedAt).setExpirationTime(all.expiresAt)
    .sign(all.key); // prettier-ignore
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...form,
  });
  const reply = await fetch(tokenUrl(), { method: 'POST', body });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

async function suiteql(
  authorization: string | null,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const reply = await fetch(`${ns.twin.url}/services/rest/query/v1/suiteql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      prefer: 'transient',
      ...(authorization === null ? {} : { authorization }),
    },
    body: JSON.stringify({ q: 'SELECT id FROM currency' }),
  });
  return { status: reply.status, body: await reply.json() };
}

describe('client credentials', () => {
  test('a valid assertion gives a bearer token for an hour, and the token opens the services', async () => {
    const { status, body } = await askToken();

    expect({ status, body }).toEqual({
      status: 200,
      body: { access_token: expect.any(String), expires_in: '3600', token_type: 'bearer' },
    });
    expect((await suiteql(`Bearer ${String(body['access_token'])}`)).status).toBe(200);
  });

  test.each([
    ['PS256', 'rsa-client', 'rsa-cert', rsa.privateKey],
    ['PS384', 'rsa-client', 'rsa-cert', rsa.privateKey],
    ['PS512', 'rsa-client', 'rsa-cert', rsa.privateKey],
    ['ES384', 'ec-client', 'ec-cert', p384.privateKey],
    ['ES512', 'p521-client', 'p521-cert', p521.privateKey],
  ])('%s is accepted', async (alg, iss, kid, key) => {
    expect((await askToken({ alg, iss, kid, key })).status).toBe(200);
  });

  const now = Math.floor(Date.now() / 1000);
  const refusals: readonly (readonly [
    string,
    Partial<Assertion>,
    Readonly<Record<string, string>>,
    string,
  ])[] = [
    [
      'a signature by another key',
      {
        alg: 'PS256',
        iss: 'rsa-client',
        kid: 'rsa-cert',
        key: generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey,
      },
      {},
      'invalid_client',
    ],
    ['a certificate id that is not mapped', { kid: 'somebody-else' }, {}, 'invalid_client'],
    ['another client id', { iss: 'somebody-else' }, {}, 'invalid_client'],
    [
      'another audience',
      { aud: 'https://1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token' },
      {},
      'invalid_client',
    ],
    ['an expired assertion', { issuedAt: now - 600, expiresAt: now - 300 }, {}, 'invalid_client'],
    [
      'an assertion that lives longer than an hour',
      { expiresAt: now + 7200 },
      {},
      'invalid_client',
    ],
    [
      'RS256, which the flow does not take',
      { alg: 'RS256', iss: 'rsa-client', kid: 'rsa-cert', key: rsa.privateKey },
      {},
      'invalid_request',
    ],
    ['a scope without REST', { scope: 'restlets' }, {}, 'invalid_scope'],
    ['another grant', {}, { grant_type: 'password' }, 'unsupported_grant_type'],
    ['another assertion type', {}, { client_assertion_type: 'jwt' }, 'invalid_request'],
    ['an assertion that is no token', {}, { client_assertion: 'x.y.z' }, 'invalid_request'],
  ];
  test.each(refusals)('%s is refused', async (_title, changes, form, error) => {
    expect(await askToken(changes, form)).toEqual({ status: 400, body: { error } });
  });

  test.each([
    ['no token', null],
    ['a token that nobody issued', 'Bearer made-up'],
  ])('%s is an invalid login', async (_title, authorization) => {
    const { status, body } = await suiteql(authorization);

    expect(status).toBe(401);
    expect(body).toMatchObject({
      title: 'Unauthorized',
      status: 401,
      'o:errorDetails': [{ 'o:errorCode': 'INVALID_LOGIN' }],
    });
  });
});

describe('token-based authentication', () => {
  const config = { auth: 'tba' };

  test('the connector reads with a signature that the twin computes on its own', async () => {
    const session = await ns.open(config, FIXTURE_TBA);

    const window = await session.openWindow('salesOrder', null);

    expect(await session.countWindow('salesOrder', window)).toBe(3);
  });

  test.each([
    ['consumerSecret', config],
    ['tokenSecret', config],
    ['tokenId', config],
    ['consumerKey', config],
  ])('a wrong %s is an invalid login', async (name, settings) => {
    const session = await ns.open(settings, { ...FIXTURE_TBA, [name]: 'wrong' });

    await expect(session.openWindow('salesOrder', null)).rejects.toMatchObject({
      code: 'auth_expired',
    });
  });

  test('another account as realm is an invalid login', async () => {
    const session = await ns.open({ ...config, accountId: '7654321' }, FIXTURE_TBA);

    await expect(session.openWindow('salesOrder', null)).rejects.toMatchObject({
      code: 'auth_expired',
    });
  });

  test('a header that was used before is refused', async () => {
    const seen: string[] = [];
    const { createLogin } = await import('../login.ts');
    const { Config, Secrets } = await import('../config.ts');
    const { default: axios } = await import('axios');
    const { systemClock } = await import('../../../src/kernel/clock.ts');
    const login = createLogin({
      config: Config.parse({ ...ns.twin.credentials.config, ...config }),
      secrets: Secrets.parse(FIXTURE_TBA),
      http: axios.create(),
      clock: systemClock(),
    });
    seen.push(await login.header('POST', `${ns.twin.url}/services/rest/query/v1/suiteql`));

    const first = await suiteql(seen[0] ?? '');
    const second = await suiteql(seen[0] ?? '');

    expect([first.status, second.status]).toEqual([200, 401]);
  });
});
