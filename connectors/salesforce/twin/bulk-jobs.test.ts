import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import {
  assertionFor,
  askToken,
  control,
  JWT_GRANT,
  oracleOf,
  startSalesforce,
} from '../../../test/support/salesforce-session.ts';
import type { RunningTwin } from '../../../src/sdk/define-twin.ts';
import { FIXTURE_IDS, fixtureWorld } from './fixture-world.ts';

let twin: RunningTwin;
let token: string;

interface Given {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a foreign body, looked at by the tests alone
  readonly body: any;
}

async function call(method: string, path: string, body?: object | string): Promise<Given> {
  const isTable = typeof body === 'string';
  const response = await fetch(`${twin.url}/services/data/v67.0/jobs${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': isTable ? 'text/csv' : 'application/json',
    },
    ...(body === undefined ? {} : { body: isTable ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : null,
  };
}

const table = (text: string): readonly Record<string, string>[] => parse(text, { columns: true });

/** Uploads a table and lets the job run to its end. */
async function ingest(job: object, csv: string): Promise<string> {
  const { body } = await call('POST', '/ingest', job);
  expect(body.state).toBe('Open');
  expect((await call('PUT', `/ingest/${body.id}/batches`, csv)).status).toBe(201);
  await call('PATCH', `/ingest/${body.id}`, { state: 'UploadComplete' });
  const states = [];
  for (let n = 0; n < 3; n += 1) states.push((await call('GET', `/ingest/${body.id}`)).body.state);
  expect(states[0]).not.toBe('JobComplete');
  return body.id;
}

beforeAll(async () => {
  twin = await startSalesforce(fixtureWorld());
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  const { body } = await askToken(twin, {
    grant_type: JWT_GRANT,
    assertion: await assertionFor(twin),
  });
  token = (body as { access_token: string }).access_token;
});

describe('bulk ingest', () => {
  test('is complete although some rows failed, and tells each row’s fate', async () => {
    const id = await ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'Trueup_Id__c' },
      'Trueup_Id__c,Name,Type\nk-1,"One, Inc.",Customer\nk-2,,Customer\nk-3,Three,\n',
    );

    const [job, saved, failed, open] = await Promise.all(
      ['', '/successfulResults', '/failedResults', '/unprocessedrecords'].map((part) =>
        call('GET', `/ingest/${id}${part}`),
      ),
    );
    expect(job?.body).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 3,
      numberRecordsFailed: 1,
    });
    expect(table(saved?.text ?? '').map((row) => [row['Name'], row['sf__Created']])).toEqual([
      ['One, Inc.', 'true'],
      ['Three', 'true'],
    ]);
    expect(table(failed?.text ?? '')).toMatchObject([
      { Trueup_Id__c: 'k-2', sf__Error: expect.stringContaining('REQUIRED_FIELD_MISSING') },
    ]);
    expect(table(open?.text ?? '')).toEqual([]);
    expect((await oracleOf(twin)).map((entry) => entry.externalId)).toEqual(['k-1', 'k-3']);
  });

  test('clears a field on #N/A and leaves it on an empty value', async () => {
    await ingest(
      { object: 'Account', operation: 'update' },
      `Id,Type,BillingCountryCode\n${FIXTURE_IDS.account},#N/A,\n`,
    );

    const rows = (await control(twin, 'GET', '/records?object=Account')) as readonly Record<
      string,
      unknown
    >[];
    expect(rows.find((row) => row['Id'] === FIXTURE_IDS.account)).toMatchObject({
      Type: null,
      BillingCountryCode: 'US',
    });
  });

  test('that failed or was aborted has processed nothing, and gives the rows back', async () => {
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { object: 'Account' }, action: 'overload' }],
    });
    const failed = await ingest({ object: 'Account', operation: 'insert' }, 'Name\nNever\n');
    const { body: aborted } = await call('POST', '/ingest', {
      object: 'Account',
      operation: 'insert',
    });
    await call('PUT', `/ingest/${aborted.id}/batches`, 'Name\nNever\n');
    await call('PATCH', `/ingest/${aborted.id}`, { state: 'Aborted' });

    for (const id of [failed, aborted.id])
      expect(table((await call('GET', `/ingest/${id}/unprocessedrecords`)).text)).toEqual([
        { Name: 'Never' },
      ]);
    expect(await oracleOf(twin)).toEqual([]);
  });

  test('may lock one row out and save the others', async () => {
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { object: 'Account' }, action: 'row_lock', times: 1 }],
    });

    const id = await ingest({ object: 'Account', operation: 'insert' }, 'Name\nOne\nTwo\n');

    expect(table((await call('GET', `/ingest/${id}/failedResults`)).text)).toMatchObject([
      { Name: 'One', sf__Error: expect.stringMatching(/^UNABLE_TO_LOCK_ROW/) },
    ]);
  });

  test('takes one upload, and none that is no table', async () => {
    const { body } = await call('POST', '/ingest', { object: 'Account', operation: 'insert' });

    expect((await call('PUT', `/ingest/${body.id}/batches`, 'Name,Type\nOne\n')).status).toBe(400);
    await call('PUT', `/ingest/${body.id}/batches`, 'Name\nOne\n');
    await call('PATCH', `/ingest/${body.id}`, { state: 'UploadComplete' });
    expect((await call('PUT', `/ingest/${body.id}/batches`, 'Name\nTwo\n')).status).toBe(400);
  });
});

describe('a bulk query', () => {
  const start = async (query: string): Promise<string> =>
    (await call('POST', '/query', { operation: 'query', query })).body.id;

  test('passes its states, and has no results before its end', async () => {
    const id = await start('SELECT Id, Name FROM Account');

    expect((await call('GET', `/query/${id}/results`)).status).toBe(400);
    const states = [];
    for (let n = 0; n < 2; n += 1) states.push((await call('GET', `/query/${id}`)).body.state);
    expect(states).toEqual(['InProgress', 'JobComplete']);
  });

  test('gives pages along a locator that ends in the text null, of a state that later changes do not reach', async () => {
    const id = await start('SELECT Id, Name, SystemModstamp FROM Account');
    await call('GET', `/query/${id}`);
    await call('GET', `/query/${id}`);
    await control(twin, 'POST', '/mutate', {
      object: 'Account',
      operation: 'update',
      id: FIXTURE_IDS.account,
      fields: { Name: 'Later' },
    });

    const first = await call('GET', `/query/${id}/results?maxRecords=1`);
    const second = await call(
      'GET',
      `/query/${id}/results?maxRecords=1&locator=${first.headers.get('sforce-locator')}`,
    );

    expect([first, second].map((page) => page.headers.get('sforce-numberofrecords'))).toEqual([
      '1',
      '1',
    ]);
    expect(second.headers.get('sforce-locator')).toBe('null');
    expect(
      [first, second].flatMap((page) => table(page.text)).map((row) => row['Name']),
    ).not.toContain('Later');
    expect(table(first.text)[0]?.['SystemModstamp']).toMatch(/\.000Z$/);
  });

  test('is refused where it cannot run', async () => {
    for (const query of [
      'SELECT COUNT() FROM Account',
      'SELECT Nonsense FROM Account',
      'SELECT Id FROM Nonsense',
    ])
      expect((await call('POST', '/query', { operation: 'query', query })).status).toBe(400);
  });
});
