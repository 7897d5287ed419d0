import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { WriteRequest } from '../../src/sdk/write.ts';
import {
  control,
  openSalesforce,
  oracleOf,
  startSalesforce,
} from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS } from './twin/fixture-world.ts';

let twin: RunningTwin;
let session: ConnectorSession;

function request(
  externalId: string,
  fields: JsonObject,
  vendorId: string | null = null,
): WriteRequest {
  return { externalId, intentId: `intent-${externalId}`, vendorId, fields };
}

beforeAll(async () => {
  twin = await startSalesforce();
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  session = await openSalesforce(twin);
});

describe('writing', () => {
  const contract = {
    AccountId: FIXTURE_IDS.account,
    Name: 'Nordlicht',
    StartDate: '2026-04-01',
    ContractTerm: 12,
    Status: 'Draft',
    Trueup_Opportunity__c: FIXTURE_IDS.opportunity,
  };
  const lines = [
    {
      ProductCode: 'ATL-USER',
      Quantity: 25,
      UnitPrice: 120.5,
      ServiceDate: '2027-04-01',
      Trueup_End_Date__c: '2028-03-31',
    },
    {
      ProductCode: 'SVC-ONB',
      Quantity: 1,
      UnitPrice: 1500,
      ServiceDate: '2027-04-01',
      Trueup_End_Date__c: '2028-03-31',
    },
  ];
  const renewal = {
    Name: 'Renewal',
    AccountId: FIXTURE_IDS.account,
    StageName: 'Qualification',
    CloseDate: '2027-03-31',
    CurrencyIsoCode: 'USD',
    Type: 'Renewal',
  };

  test('writing the same record twice makes one, and it reads back as it was written', async () => {
    const first = await session.write('Contract', [request('c-1', contract)]);
    const second = await session.write('Contract', [request('c-1', contract)]);
    const back = await session.readBack('Contract', ['c-1', 'unknown']);

    expect(first).toMatchObject([{ kind: 'applied', externalId: 'c-1' }]);
    expect(second).toEqual(first);
    expect(back).toHaveLength(1);
    expect(back[0]).toMatchObject({ externalId: 'c-1', intentId: 'intent-c-1', fields: contract });
    expect((await oracleOf(twin)).map((entry) => entry.operation)).toEqual(['create', 'update']);
  });

  test('reading a batch back is one call, and a description only where less is shown than we write', async () => {
    const ids = Array.from(
      { length: 200 },
      (_, n) => `${'c'.repeat(48)}-${String(n).padStart(3, '0')}`,
    );
    const calls = async (): Promise<readonly number[]> => {
      const made = (await control(twin, 'GET', '/firings')) as readonly number[];
      await control(twin, 'PUT', '/faults', {
        seed: 1,
        rules: ['/describe', '/query'].map((path) => ({
          action: 'delay',
          delayMs: 0,
          match: { path },
        })),
      });
      return made;
    };
    const hide = (field: string) =>
      control(twin, 'PUT', '/faults', {
        seed: 1,
        rules: [{ action: 'hide_field', match: { object: 'Contract' }, with: { field } }],
      });
    await session.write(
      'Contract',
      ids.slice(0, 2).map((id) => request(id, contract)),
    );

    // What this organisation never shows, such as who changed a record, is learned once.
    await session.readBack('Contract', ids);
    await calls();
    const all = await session.readBack('Contract', ids);
    const known = await calls();
    await hide('ContractTerm');
    const [hidden] = await session.readBack('Contract', ids);
    await calls();
    const [shown] = await session.readBack('Contract', ids);

    expect(all).toHaveLength(2);
    expect(known).toEqual([0, 1]);
    expect(hidden?.fields).not.toHaveProperty('ContractTerm');
    expect(shown?.fields['ContractTerm']).toBe(12);
  });

  test('one bad record of a batch is refused with its field, the others are applied', async () => {
    const results = await session.write('Contract', [
      request('c-1', contract),
      request('c-2', { ...contract, Nope__c: 'x' }),
      request('c-3', { ...contract, ContractTerm: '12.5' }),
      request('c-4', { ...contract, ContractTerm: '24' }),
    ]);

    expect(results).toMatchObject([
      { kind: 'applied', externalId: 'c-1' },
      { kind: 'rejected', externalId: 'c-2', code: 'INVALID_FIELD', field: 'Nope__c' },
      { kind: 'rejected', externalId: 'c-3', code: 'number_precision', field: 'ContractTerm' },
      { kind: 'applied', externalId: 'c-4' },
    ]);
  });

  test('an account that exists is updated by its own id and then known by ours', async () => {
    const fields = {
      Trueup_Rights_Owned__c: 35,
      Trueup_Position_As_Of__c: '2026-03-02',
      Trueup_Next_Renewal__c: null,
    };
    const results = await session.write('Account', [request('a-1', fields, FIXTURE_IDS.account)]);
    const back = await session.readBack('Account', ['a-1']);

    expect(results).toMatchObject([{ kind: 'applied', vendorId: FIXTURE_IDS.account }]);
    expect(back).toMatchObject([{ vendorId: FIXTURE_IDS.account, intentId: 'intent-a-1', fields }]);
  });

  test('the lines of a renewal are exactly the lines that were asked for, however often', async () => {
    const changed = [
      { ...lines[0], Quantity: 40 },
      { ...lines[1], ProductCode: 'ATL-USER' },
      lines[1],
    ];
    await session.write('Opportunity', [request('o-1', { ...renewal, lines })]);
    const first = await session.readBack('Opportunity', ['o-1']);
    const before = await oracleOf(twin);
    await session.write('Opportunity', [request('o-1', { ...renewal, lines })]);
    const repeated = (await oracleOf(twin)).slice(before.length);
    await session.write('Opportunity', [request('o-1', { ...renewal, lines: changed as never })]);
    const second = await session.readBack('Opportunity', ['o-1']);

    expect(first[0]?.fields).toMatchObject({ ...renewal, Amount: 4512.5 });
    expect(first[0]?.fields['lines']).toEqual(lines);
    expect(repeated).toEqual([]);
    expect(second[0]?.fields['lines']).toEqual(changed);
  });

  test('F-13: a line whose first call comes late is not made a second time, and the next try finds it', async () => {
    await session.check();
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { method: 'PATCH', path: 'sobjects/OpportunityLineItem' }, nth: 1, action: 'apply_then_reset' }],
    });
    const wanted = [request('o-1', { ...renewal, lines })];

    const [lost] = await session.write('Opportunity', wanted);
    const again = await session.write('Opportunity', wanted);

    expect(lost).toMatchObject({ kind: 'unknown', mayArrive: true });
    expect(again).toMatchObject([{ kind: 'applied' }]);
    const made = (await oracleOf(twin)).filter(({ object }) => object === 'OpportunityLineItem');
    expect(made.map(({ operation, externalId }) => [operation, externalId])).toEqual([
      ['create', 'o-1/0'],
      ['create', 'o-1/1'],
    ]);
    expect((await session.readBack('Opportunity', ['o-1']))[0]?.fields['lines']).toEqual(lines);
  }); // prettier-ignore

  test('a line that a person removed is made again under a key that no other line has', async () => {
    const alike = [lines[0], lines[0], lines[0]] as never;
    await session.write('Opportunity', [request('o-1', { ...renewal, lines: alike })]);
    const rows = (await control(
      twin,
      'GET',
      '/records?object=OpportunityLineItem',
    )) as JsonObject[];
    const first = rows.find((row) => row['Trueup_Id__c'] === 'o-1/0')?.['Id'];
    await control(twin, 'POST', '/mutate', { object: 'OpportunityLineItem', operation: 'delete', id: first }); // prettier-ignore

    const [result] = await session.write('Opportunity', [
      { ...request('o-1', { ...renewal, lines: alike }), intentId: 'next' },
    ]);

    expect(result).toMatchObject({ kind: 'applied' });
    expect((await session.readBack('Opportunity', ['o-1']))[0]?.fields['lines']).toEqual(alike);
  });

  test('a deal with a product that no price book holds is refused before anything is written', async () => {
    const results = await session.write('Opportunity', [
      request('o-1', { ...renewal, lines: [{ ...lines[0], ProductCode: 'NO-SUCH' }] as never }),
      request('o-2', { ...renewal, lines }),
    ]);

    expect(results).toMatchObject([
      { kind: 'rejected', code: 'no_pricebook_entry', field: 'lines' },
      { kind: 'applied', externalId: 'o-2' },
    ]);
    expect(await session.readBack('Opportunity', ['o-1'])).toEqual([]);
  });

  test('F-13: a write whose answer is lost is unknown, sent once, and found by reading back', async () => {
    await session.check();
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { method: 'PATCH' }, nth: 1, action: 'apply_then_reset' }],
    });
    const results = await session.write('Contract', [request('c-1', contract)]);

    expect(results).toMatchObject([{ kind: 'unknown', externalId: 'c-1', mayArrive: true }]);
    expect(await oracleOf(twin)).toHaveLength(1);
    expect(await session.readBack('Contract', ['c-1'])).toHaveLength(1);
  });

  test('an opportunity whose lines were throttled is unknown, never “not applied”, and is completed without being written twice', async () => {
    await session.check();
    await control(twin, 'PUT', '/faults', {
      rules: [
        {
          match: { method: 'PATCH', path: 'sobjects/OpportunityLineItem' },
          nth: 1,
          action: 'status',
          status: 429,
        },
      ],
    });
    const wanted = [request('o-1', { ...renewal, lines })];

    const first = await session.write('Opportunity', wanted);
    const between = await session.readBack('Opportunity', ['o-1']);
    const second = await session.write('Opportunity', wanted);
    const after = await session.readBack('Opportunity', ['o-1']);

    expect(first).toMatchObject([{ kind: 'unknown', externalId: 'o-1', mayArrive: false }]);
    expect(between).toMatchObject([{ intentId: 'intent-o-1', fields: { lines: [] } }]);
    expect(second).toMatchObject([{ kind: 'applied', vendorId: after[0]?.vendorId }]);
    expect(after[0]?.fields['lines']).toEqual(lines);
    expect((await oracleOf(twin)).filter(({ object }) => object === 'Opportunity')).toHaveLength(1);
  });

  test.each([
    [
      { action: 'status', status: 429 },
      { kind: 'retry', code: 'rate_limited' },
    ],
    [{ action: 'reset_before' }, { kind: 'unknown', mayArrive: true }],
  ] as const)(
    'when the second call of a batch fails (%o), the first one’s outcomes stand',
    async (fault, outcome) => {
      await session.check();
      await control(twin, 'PUT', '/faults', {
        rules: [{ match: { method: 'PATCH' }, nth: 2, ...fault }],
      });

      const results = await session.write('Account', [
        request('a-new', { Trueup_Rights_Owned__c: 1 }),
        request('a-1', { Trueup_Rights_Owned__c: 35 }, FIXTURE_IDS.account),
      ]);

      expect(results[0]?.kind).not.toBe('retry');
      expect(results[1]).toMatchObject({ externalId: 'a-1', ...outcome });
    },
  );

  test('a failure before the first write leaves every request surely unapplied', async () => {
    await session.check();
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { method: 'GET', path: 'query' }, action: 'status', status: 503 }],
    });

    const results = await session.write('Opportunity', [request('o-1', { ...renewal, lines })]);

    expect(results).toMatchObject([{ kind: 'retry', externalId: 'o-1' }]);
    expect(await oracleOf(twin)).toEqual([]);
  });
});
