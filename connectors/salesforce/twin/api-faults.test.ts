import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningTwin } from '../../../src/sdk/define-twin.ts';
import {
  askToken,
  control,
  signIn,
  startSalesforce,
} from '../../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './fixture-world.ts';

const V = '/services/data/v67.0';

let twin: RunningTwin;
let send: Awaited<ReturnType<typeof signIn>>;

const faults = (...rules: readonly object[]) => control(twin, 'PUT', '/faults', { rules });
const query = (soql: string, on = send) => on(`${V}/query?q=${encodeURIComponent(soql)}`);
const save = (records: readonly object[], allOrNone = false) =>
  send(`${V}/composite/sobjects`, {
    method: 'PATCH',
    body: JSON.stringify({ allOrNone, records }),
  });
const account = (id: string, fields: object) => ({
  attributes: { type: 'Account' },
  id,
  ...fields,
});

beforeAll(async () => {
  twin = await startSalesforce();
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  send = await signIn(twin);
});

describe('the call limit', () => {
  test('a call beyond it is 403 TotalRequests, and the header shows the figures', async () => {
    const small = await startSalesforce(fixtureWorld({ apiLimit: 2 }));
    const on = await signIn(small);
    const answers = [];
    for (let n = 0; n < 3; n += 1) answers.push(await query('SELECT Id FROM Account', on));
    await small.stop();

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403]);
    expect(answers[1]?.headers.get('sforce-limit-info')).toBe('api-usage=2/2');
    expect(answers[2]?.body).toEqual([
      { message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' },
    ]);
  });

  test('too many at once is a 403 of another text; an overload is 503', async () => {
    await faults(
      { action: 'limit', nth: 1, with: { kind: 'concurrent' } },
      { action: 'overload', nth: 1 },
    );
    const busy = await query('SELECT Id FROM Account');
    const down = await query('SELECT Id FROM Account');

    expect([busy.status, busy.body[0].message]).toEqual([
      403,
      'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    ]);
    expect([down.status, down.body[0].errorCode]).toEqual([503, 'SERVER_UNAVAILABLE']);
  });
});

describe('tokens', () => {
  test('F-20: a revocation kills every session and grants none, until the plan is another', async () => {
    const { clientId } = twin.credentials.config as { clientId: string };
    const form = { client_id: clientId, grant_type: 'client_credentials', client_secret: twin.credentials.secrets['clientSecret'] ?? '' }; // prettier-ignore
    await faults({ action: 'revoke' });
    const call = await query('SELECT Id FROM Account');
    const token = await askToken(twin, form);
    await faults();

    expect([call.status, token.status, token.body.error]).toEqual([401, 400, 'invalid_grant']);
    expect((await askToken(twin, form)).status).toBe(200);
  });

  test('a rotating refresh token is good once, and its answer holds the next', async () => {
    const client = { clientId: 'rotating', username: 'u', refreshToken: 'first', rotates: true };
    const other = await startSalesforce(
      fixtureWorld({ clients: [client], grant: 'refresh_token' }),
    );
    const refresh = (token: string) =>
      askToken(other, { grant_type: 'refresh_token', client_id: 'rotating', refresh_token: token });
    const first = await refresh('first');
    const again = await refresh('first');
    const second = await refresh(first.body.refresh_token);
    await other.stop();

    expect(other.credentials).toMatchObject({
      config: { grant: 'refresh_token' },
      secrets: { refreshToken: 'first' },
    });
    expect([first.status, again.status, second.status]).toEqual([200, 400, 200]);
    expect(again.body).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('items of a collection', () => {
  const rename = [account(FIXTURE_IDS.account, { Name: 'A' }), account(FIXTURE_IDS.parentAccount, { Name: 'B' })]; // prettier-ignore

  test('F-23: one refused item leaves the others applied', async () => {
    await faults({ action: 'partial', match: { object: 'Account' }, nth: 1 });
    const { status, body } = await save(rename);

    expect(status).toBe(200);
    expect(body).toMatchObject([
      { success: false, errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' }] },
      { success: true },
    ]);
    expect((await query('SELECT Name FROM Account ORDER BY Name')).body.records).toMatchObject([
      { Name: 'B' },
      { Name: 'Nordlicht US' },
    ]);
  });

  test('F-25: a row lock is an error of its item and of a single write', async () => {
    await faults({ action: 'row_lock', match: { object: 'Account', id: FIXTURE_IDS.account } });
    const { body } = await save(rename);
    const single = await send(`${V}/sobjects/Account/${FIXTURE_IDS.account}`, {
      method: 'PATCH',
      body: '{"Name":"C"}',
    });

    expect(body).toMatchObject([
      { success: false, errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW' }] },
      { success: true },
    ]);
    expect([single.status, single.body[0].errorCode]).toEqual([400, 'UNABLE_TO_LOCK_ROW']);
  });
});

describe('F-36: the schema', () => {
  const describeAccount = async () =>
    new Map<string, { type: string; picklistValues: { value: string }[] }>(
      (await send(`${V}/sobjects/Account/describe`)).body.fields.map((each: { name: string }) => [
        each.name,
        each,
      ]),
    );

  test('a hidden field is not described, cannot be queried or written, and comes back', async () => {
    await faults({ action: 'hide_field', match: { object: 'Account' }, with: { field: 'Type' } });
    const asked = await query('SELECT Type FROM Account');
    const { body } = await save([account(FIXTURE_IDS.account, { Type: 'Customer' })]);
    const hidden = await describeAccount();
    await faults();

    expect([asked.status, asked.body[0].errorCode]).toEqual([400, 'INVALID_FIELD']);
    expect(body).toMatchObject([{ errors: [{ statusCode: 'INVALID_FIELD' }] }]);
    expect([hidden.has('Type'), (await describeAccount()).has('Type')]).toEqual([false, true]);
  });

  test('a retyped field and a new picklist value show in describe, and figures come as text', async () => {
    await faults(
      { action: 'retype_field', match: { object: 'Asset' }, with: { field: 'Quantity', type: 'string' } }, // prettier-ignore
      { action: 'retype_field', match: { object: 'Account' }, with: { field: 'Type', addValues: ['Partner'] } }, // prettier-ignore
    );

    expect((await query('SELECT Quantity FROM Asset')).body.records).toMatchObject([
      { Quantity: '10' },
    ]);
    expect((await describeAccount()).get('Type')?.picklistValues.at(-1)?.value).toBe('Partner');
  });
});

test('a locator that the server forgot is INVALID_QUERY_LOCATOR', async () => {
  const many = Array.from({ length: 300 }, (_, n) => ({ Id: `01tMany${String(n).padStart(8, '0')}AAA`, Name: `P${n}` })); // prettier-ignore
  const world = fixtureWorld();
  const big = await startSalesforce({ ...world, objects: { ...world.objects, Product2: many } });
  const on = await signIn(big);
  await control(big, 'PUT', '/faults', { rules: [{ action: 'expire_locator', nth: 1 }] });
  const first = await on(`${V}/query?q=SELECT+Id+FROM+Product2`, { options: 'batchSize=200' });
  const next = await on(first.body.nextRecordsUrl);
  await big.stop();

  expect([next.status, next.body[0].errorCode]).toEqual([400, 'INVALID_QUERY_LOCATOR']);
});

test('figures over all rows come as one row of their own names', async () => {
  const { body } = await query('SELECT COUNT(Id) total, MAX(SystemModstamp) FROM Account');

  expect(body).toMatchObject({
    totalSize: 1,
    records: [{ total: 2, expr0: '2026-02-20T10:11:12.000+0000' }],
  });
});
