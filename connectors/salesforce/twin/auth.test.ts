import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunningTwin } from '../../../src/sdk/define-twin.ts';
import {
  askToken,
  assertionFor,
  foreignKey,
  JWT_GRANT,
  startSalesforce,
} from '../../../test/support/salesforce-session.ts';

let twin: RunningTwin;
let client: { readonly client_id: string };

beforeAll(async () => {
  twin = await startSalesforce();
  client = { client_id: (twin.credentials.config as { clientId: string }).clientId };
});
afterAll(() => twin.stop());

describe('the token endpoint', () => {
  test('a JWT signed with the right key gives a session and no refresh token', async () => {
    const answer = await askToken(twin, {
      grant_type: JWT_GRANT,
      assertion: await assertionFor(twin),
    });

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', instance_url: twin.url });
    expect(answer.body).not.toHaveProperty('refresh_token');
  });

  test('client credentials need the right secret', async () => {
    const form = { ...client, grant_type: 'client_credentials' };
    const secret = twin.credentials.secrets['clientSecret'] ?? '';
    const wrong = await askToken(twin, { ...form, client_secret: 'nope' });
    const right = await askToken(twin, { ...form, client_secret: secret });

    expect(wrong.body).toEqual({
      error: 'invalid_client',
      error_description: 'invalid client credentials',
    });
    expect([wrong.status, right.status]).toEqual([400, 200]);
  });

  test('a refresh token works until it is revoked', async () => {
    const form = { ...client, grant_type: 'refresh_token' };
    const good = await askToken(twin, { ...form, refresh_token: 'sandbox-refresh-token' });
    const stale = await askToken(twin, { ...form, refresh_token: 'stale' });

    expect(good.status).toBe(200);
    expect(stale.body).toEqual({
      error: 'invalid_grant',
      error_description: 'expired access/refresh token',
    });
  });

  test.each([
    [
      'another user',
      { sub: 'who@else.example' },
      'invalid_grant',
      "user hasn't approved this consumer",
    ],
    ['another audience', { aud: 'https://example.org' }, 'invalid_grant', 'audience is invalid'],
    ['an unknown consumer', { iss: 'nobody' }, 'invalid_client_id', 'client identifier invalid'],
    ['an expired assertion', { exp: 1_600_000_000 }, 'invalid_grant', 'invalid assertion'],
  ])('%s is refused in the words of the vendor', async (_, changes, error, description) => {
    const assertion = await assertionFor(twin, changes);
    const answer = await askToken(twin, { grant_type: JWT_GRANT, assertion });

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error, error_description: description });
  });

  test('a foreign key and an unknown grant are refused', async () => {
    const assertion = await assertionFor(twin, { key: foreignKey() });
    const forged = await askToken(twin, { grant_type: JWT_GRANT, assertion });
    const odd = await askToken(twin, { ...client, grant_type: 'password' });

    expect(forged.body).toEqual({
      error: 'invalid_grant',
      error_description: 'invalid assertion',
    });
    expect(odd.body).toMatchObject({ error: 'unsupported_grant_type' });
  });
});

test('a call without a live session is a 401 with an array body', async () => {
  const headers = { authorization: 'Bearer stale' };
  const answer = await fetch(`${twin.url}/services/data/v67.0/limits`, { headers });

  expect(answer.status).toBe(401);
  expect(await answer.json()).toEqual([
    { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
  ]);
});
