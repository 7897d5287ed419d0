import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningTwin } from '../../../src/sdk/define-twin.ts';
import {
  control,
  oracleOf,
  signIn,
  startSalesforce,
  type TwinAnswer,
} from '../../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './fixture-world.ts';

const V = '/services/data/v67.0';

let twin: RunningTwin;
let send: Awaited<ReturnType<typeof signIn>>;

const soql = (text: string, resource = 'query'): string =>
  `${V}/${resource}?q=${encodeURIComponent(text)}`;

beforeAll(async () => {
  const many = Array.from({ length: 5000 }, (_, n) => ({
    Id: `01tMany${String(n).padStart(8, '0')}AAA`,
    Name: `Part ${n}`,
    ProductCode: `P-${n}`,
    SystemModstamp: '2026-02-21T00:00:00.000+0000',
  }));
  const world = fixtureWorld();
  const twice = ['A', 'B'].map((n) => ({
    Id: `800Twice000000${n}AAA`,
    AccountId: FIXTURE_IDS.account,
    Trueup_Id__c: 'twice',
  }));
  const Contract = [...(world.objects['Contract'] ?? []), ...twice];
  twin = await startSalesforce({
    ...world,
    objects: {
      ...world.objects,
      Contract,
      Product2: [...(world.objects['Product2'] ?? []), ...many],
    },
  });
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  send = await signIn(twin);
});

describe('query', () => {
  test('a large result comes in pages of at most the batch size, some shorter, every row once', async () => {
    const ids = new Set<string>();
    const sizes: number[] = [];
    let next: string | undefined = soql('SELECT Id FROM Product2');
    while (next !== undefined) {
      const page: TwinAnswer = await send(next, { options: 'batchSize=200' });
      for (const row of page.body.records) ids.add(row.Id);
      sizes.push(page.body.records.length);
      expect(page.body.totalSize).toBe(5002);
      next = page.body.nextRecordsUrl;
    }

    expect(ids.size).toBe(5002);
    expect(Math.max(...sizes)).toBe(200);
    expect(sizes.slice(0, -1).some((size) => size < 200)).toBe(true);
  });

  test('a locator that nobody used for 15 minutes is gone', async () => {
    const page = await send(soql('SELECT Id FROM Product2'));
    await control(twin, 'POST', '/clock', { advanceSeconds: 16 * 60 });
    const late = await send(page.body.nextRecordsUrl);

    expect([late.status, late.body[0].errorCode]).toEqual([400, 'INVALID_QUERY_LOCATOR']);
  });

  test('conditions, order, relationships and counts follow SOQL', async () => {
    const one = await send(
      soql(
        `SELECT Name, Account.Name FROM Opportunity WHERE (StageName = 'negotiation' OR Amount > 1000000) AND CloseDate >= 2026-03-01 AND Type != null`,
      ),
    );
    const stages = await send(
      soql(
        'SELECT ApiName FROM OpportunityStage WHERE IsClosed = true ORDER BY SortOrder DESC LIMIT 1',
      ),
    );
    const count = await send(
      soql(
        `SELECT COUNT() FROM Product2 WHERE ProductCode LIKE 'P-499%' AND NOT ProductCode IN ('P-4991')`,
      ),
    );

    expect(one.body.records[0]).toMatchObject({
      Name: 'Nordlicht US - Atlas',
      Account: { Name: 'Nordlicht US' },
    });
    expect(stages.body.records.map((row: { ApiName: string }) => row.ApiName)).toEqual([
      'Closed Lost',
    ]);
    expect(count.body).toEqual({ totalSize: 10, done: true, records: [] });
  });

  test.each([
    ['SELECT Nope FROM Account', 'INVALID_FIELD'],
    ['SELECT Id FROM Nope', 'INVALID_TYPE'],
    ['SELECT Id FROM Account WHERE', 'MALFORMED_QUERY'],
    ["SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", 'MALFORMED_QUERY'],
    ["SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01'", 'INVALID_FIELD'],
  ])('%s is refused with %s', async (text, code) => {
    const answer = await send(soql(text));

    expect([answer.status, answer.body[0].errorCode]).toEqual([400, code]);
  });

  test('milliseconds play no part in comparisons', async () => {
    const answer = await send(
      soql('SELECT COUNT() FROM Account WHERE SystemModstamp = 2026-02-20T10:11:12.987Z'),
    );

    expect(answer.body.totalSize).toBe(2);
  });

  test('a dropped record is missing from rows, yet counted and listed by id', async () => {
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { object: 'Account', id: FIXTURE_IDS.account }, action: 'drop_record' }],
    });
    const rows = await send(soql('SELECT Id, Name FROM Account'));
    const count = await send(soql('SELECT COUNT() FROM Account'));
    const ids = await send(soql('SELECT Id FROM Account'));

    expect([rows.body.records.length, rows.body.totalSize]).toEqual([1, 2]);
    expect([count.body.totalSize, ids.body.records.length]).toEqual([2, 2]);
  });

  test('every answer says what the organisation has used of its calls', async () => {
    const answer = await send(`${V}/limits`);

    expect(answer.headers.get('sforce-limit-info')).toMatch(/^api-usage=\d+\/100000$/);
  });
});

describe('records', () => {
  const opportunity = `${V}/sobjects/Opportunity/${FIXTURE_IDS.opportunity}`;

  test('winning a deal sets the derived flags and writes one row of history', async () => {
    const saved = await send(opportunity, {
      method: 'PATCH',
      body: JSON.stringify({ StageName: 'Closed Won' }),
    });
    const shown = await send(opportunity);
    const history = await send(soql('SELECT StageName, Amount FROM OpportunityHistory'));

    expect(saved.status).toBe(204);
    expect(shown.body).toMatchObject({ IsWon: true, IsClosed: true, Amount: 3000 });
    expect(history.body.records).toMatchObject([{ StageName: 'Closed Won', Amount: 3000 }]);
  });

  test('a derived field, an undeclared field and a missing field are refused', async () => {
    const patch = (fields: object) =>
      send(opportunity, { method: 'PATCH', body: JSON.stringify(fields) });
    const derived = await patch({ IsWon: true });
    const unknown = await patch({ Nope__c: 1 });
    const missing = await send(`${V}/sobjects/Opportunity`, {
      method: 'POST',
      body: '{"Name":"x"}',
    });

    expect(derived.body[0]).toMatchObject({
      errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
      fields: ['IsWon'],
    });
    expect(unknown.body).toEqual([
      {
        message: "No such column 'Nope__c' on sobject of type Opportunity",
        errorCode: 'INVALID_FIELD',
      },
    ]);
    expect(missing.body[0]).toMatchObject({
      errorCode: 'REQUIRED_FIELD_MISSING',
      fields: ['StageName', 'CloseDate'],
    });
  });

  test('without the package its fields do not exist', async () => {
    const bare = await startSalesforce(fixtureWorld({ packages: [] }));
    const sendBare = await signIn(bare);
    const answer = await sendBare(`${V}/sobjects/Account`, {
      method: 'POST',
      body: '{"Name":"x","Trueup_Id__c":"k"}',
    });
    await bare.stop();

    expect(answer.body[0].errorCode).toBe('INVALID_FIELD');
  });

  test('an upsert by external id answers 201, then 200, then 300 when the key is not unique', async () => {
    const path = `${V}/sobjects/Contract/Trueup_Id__c/k-1`;
    const body = JSON.stringify({
      AccountId: FIXTURE_IDS.account,
      StartDate: '2026-01-31',
      ContractTerm: 1,
    });
    const first = await send(path, { method: 'PATCH', body });
    const second = await send(path, { method: 'PATCH', body });
    const shown = await send(path);
    const ambiguous = await send(`${V}/sobjects/Contract/Trueup_Id__c/twice`, {
      method: 'PATCH',
      body,
    });

    expect([ambiguous.status, ambiguous.body.length]).toEqual([300, 2]);
    expect([first.status, first.body.created, second.status, second.body.created]).toEqual([
      201,
      true,
      200,
      false,
    ]);
    expect(shown.body).toMatchObject({ EndDate: '2026-02-27', Status: 'Draft' });
    expect(await oracleOf(twin)).toMatchObject([
      { object: 'Contract', externalId: 'k-1', operation: 'create' },
      { object: 'Contract', externalId: 'k-1', operation: 'update' },
    ]);
  });

  test('a change of a line moves the amount of its deal and leaves history', async () => {
    await send(`${V}/sobjects/OpportunityLineItem/${FIXTURE_IDS.line}`, {
      method: 'PATCH',
      body: '{"Quantity":30}',
    });
    const shown = await send(opportunity);
    const history = await send(soql('SELECT Amount FROM OpportunityHistory'));

    expect(shown.body.Amount).toBe(3600);
    expect(history.body.totalSize).toBe(1);
  });

  test("a change at the vendor's own screen is no entry of the oracle", async () => {
    await control(twin, 'POST', '/mutate', {
      object: 'Opportunity',
      operation: 'update',
      id: FIXTURE_IDS.opportunity,
      fields: { StageName: 'Closed Won' },
    });

    expect(await oracleOf(twin)).toEqual([]);
  });
});

describe('collections', () => {
  const contracts = (records: readonly object[], allOrNone = false) => ({
    method: 'PATCH',
    body: JSON.stringify({
      allOrNone,
      records: records.map((each) => ({ attributes: { type: 'Contract' }, ...each })),
    }),
  });
  const upsert = `${V}/composite/sobjects/Contract/Trueup_Id__c`;
  const good = { Trueup_Id__c: 'k-1', AccountId: FIXTURE_IDS.account };

  test('one bad item leaves the others applied, under statusCode', async () => {
    const answer = await send(upsert, contracts([good, { Trueup_Id__c: 'k-2', AccountId: 'xx' }]));

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject([
      { success: true, created: true, errors: [] },
      { success: false, errors: [{ statusCode: 'MALFORMED_ID', fields: ['AccountId'] }] },
    ]);
  });

  test('all or none applies nothing when one item is bad', async () => {
    const answer = await send(upsert, contracts([good, { Trueup_Id__c: 'k-2', Nope: 1 }], true));

    expect(answer.body[0].errors[0].statusCode).toBe('ALL_OR_NONE_OPERATION_ROLLED_BACK');
    expect(await oracleOf(twin)).toEqual([]);
  });

  test('201 records are too many for one call', async () => {
    const records = Array.from({ length: 201 }, (_, n) => ({ ...good, Trueup_Id__c: `k-${n}` }));
    const answer = await send(upsert, contracts(records));

    expect([answer.status, answer.body[0].errorCode]).toEqual([400, 'EXCEEDED_ID_LIMIT']);
  });

  test('retrieve by ids answers in order, with null for what is not there', async () => {
    const body = JSON.stringify({
      ids: [FIXTURE_IDS.account, '001Fx0000009999AAA'],
      fields: ['Name'],
    });
    const answer = await send(`${V}/composite/sobjects/Account`, { method: 'POST', body });

    expect(answer.body).toMatchObject([{ Name: 'Nordlicht US' }, null]);
  });

  test('a deleted record is in queryAll only', async () => {
    await send(`${V}/composite/sobjects?ids=${FIXTURE_IDS.asset}`, { method: 'DELETE' });
    const alive = await send(soql('SELECT Id FROM Asset'));
    const all = await send(soql('SELECT Id, IsDeleted FROM Asset', 'queryAll'));

    expect(alive.body.totalSize).toBe(0);
    expect(all.body.records).toMatchObject([{ Id: FIXTURE_IDS.asset, IsDeleted: true }]);
  });
});
