import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin, TwinWorld } from '../../src/sdk/define-twin.ts';
import type { PageToken, ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import {
  control,
  openSalesforce,
  signIn,
  startSalesforce,
} from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

let twin: RunningTwin;
let session: ConnectorSession;
const running: RunningTwin[] = [];

const start = async (world: TwinWorld, config = {}): Promise<void> => {
  twin = await startSalesforce(world);
  running.push(twin);
  session = await openSalesforce(twin, { config });
};
const mutate = (mutation: object) => control(twin, 'POST', '/mutate', mutation);
const faults = (...rules: readonly object[]) => control(twin, 'PUT', '/faults', { rules });
const setClock = (change: object) => control(twin, 'POST', '/clock', change);

/** The fixture's organisation with so many assets, a second apart from one another. */
function manyAssets(count: number, from: string): TwinWorld {
  const assets = Array.from({ length: count }, (_, n) => ({
    Id: `02iMany${String(n).padStart(8, '0')}AAA`,
    Name: `Seat ${n}`,
    AccountId: FIXTURE_IDS.account,
    Product2Id: FIXTURE_IDS.product,
    Quantity: n,
    InstallDate: '2026-01-31',
    SystemModstamp: new Date(Date.parse(from) + n * 1000).toISOString(),
  }));
  const world = fixtureWorld();
  return { ...world, objects: { ...world.objects, Asset: assets } };
}

async function readAll(stream: string, window: ReadWindow): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  let after: PageToken | null = null;
  do {
    const page = await session.readPage(stream, window, after);
    records.push(...page.records);
    after = page.next;
  } while (after !== null);
  return records;
}

const ids = (records: readonly SourceRecord[]) => new Set(records.map(({ id }) => id));

beforeEach(() => start(fixtureWorld()));
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

describe('late and moving rows', () => {
  const late = (lateSeconds: number) =>
    mutate({ object: 'Account', operation: 'update', id: FIXTURE_IDS.account, fields: { Name: 'Late' }, lateSeconds }); // prettier-ignore

  test('F-33: a row that was committed under an older stamp than the last end is read by the overlap', async () => {
    const first = await session.openWindow('Account', null);
    await late(300);
    const records = await readAll('Account', await session.openWindow('Account', first.to));

    expect(records).toMatchObject([{ id: FIXTURE_IDS.account, data: { Name: 'Late' } }]);
    expect(String(records[0]?.stamp) < String(first.to)).toBe(true);
  });

  test('F-33: without an overlap that row would be missed', async () => {
    session = await openSalesforce(twin, { config: { overlapSeconds: 0 } });
    const first = await session.openWindow('Account', null);
    await late(300);

    expect(await readAll('Account', await session.openWindow('Account', first.to))).toEqual([]);
  });

  test('F-31: rows that move to the end between pages are missed by no read and doubled by none', async () => {
    await start(manyAssets(4500, '2026-02-21T00:00:00Z'));
    await faults({ action: 'page_shift', match: { object: 'Asset' }, with: { rows: 40 } });
    const window = await session.openWindow('Asset', null);
    const first = await readAll('Asset', window);
    await faults();
    const second = await readAll('Asset', await session.openWindow('Asset', window.to));

    expect(ids(first).size).toBe(first.length);
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(4500);
  });

  test('F-34: a locator that expires is never needed: the next page is asked for by key', async () => {
    await start(manyAssets(4500, '2026-02-21T00:00:00Z'));
    await faults(
      { action: 'short_page', match: { object: 'Asset' }, with: { rows: 700 } },
      { action: 'expire_locator' },
    );
    const records = await readAll('Asset', await session.openWindow('Asset', null));

    expect(ids(records).size).toBe(4500);
    expect(records).toHaveLength(4500);
  });

  test.each([600, -600])(
    'F-40: with a source %i seconds off our clock no row is missed: only its own time counts',
    async (skew) => {
      await setClock({ now: new Date(Date.now() + skew * 1000).toISOString() });
      const first = await session.openWindow('Account', null);
      await mutate({ object: 'Account', operation: 'update', id: FIXTURE_IDS.account, fields: { Name: 'Skewed' } }); // prettier-ignore
      const second = await session.openWindow('Account', first.to);
      const records = await readAll('Account', second);

      expect(Math.abs(Date.parse(first.to ?? '') - Date.now() - skew * 1000)).toBeLessThan(5000);
      expect(records).toMatchObject([{ data: { Name: 'Skewed' } }]);
    },
  );
});

describe('the calls of a read', () => {
  const used = async (): Promise<number> => {
    const send = await signIn(twin);
    const { headers } = await send('/services/data/v67.0/limits');
    return Number(/api-usage=(\d+)/.exec(headers.get('sforce-limit-info') ?? '')?.[1]);
  };

  test('10,000 changed records take five pages, and one call each for size, deletions and count', async () => {
    await start(manyAssets(10_000, '2026-03-02T06:00:00Z'));
    // Full pages: how many short ones a server adds is its own whim.
    await faults({ action: 'short_page', with: { rows: 2000 } });
    const before = await used();
    const window = await session.openWindow('Asset', '2026-03-02T06:05:00.000Z');
    const records = await readAll('Asset', window);
    await session.countWindow('Asset', window);

    expect(window.expected).toBe(10_000);
    expect(records).toHaveLength(10_000);
    expect((await used()) - before - 1).toBe(8);
  });

  test('a window of many rows goes by Bulk API 2.0, and gives the same records as REST', async () => {
    await start(manyAssets(2500, '2026-02-21T00:00:00Z'), { bulkFrom: 2000 });
    const window = await session.openWindow('Asset', null);
    const first = await session.readPage('Asset', window, null);
    const bulk = await readAll('Asset', window);
    session = await openSalesforce(twin);
    const rest = await readAll('Asset', window);

    expect(first.next).toMatchObject({ via: 'bulk' });
    expect(bulk).toEqual(rest);
  });
});

describe('limits and refusals', () => {
  test.each([
    ['total', 3000, 3700],
    ['concurrent', 10, 60],
  ])('F-24: a %s limit says when to come back, between %i and %i seconds later', async (kind, least, most) => {
    const window = await session.openWindow('Account', null);
    await faults({ action: 'limit', with: { kind } });
    const failure: { name?: string; retryAt?: Date } = await session
      .readPage('Account', window, null)
      .then(() => ({}), (error: unknown) => error as Error);

    expect(failure.name).toBe('RateLimited');
    expect(Number(failure.retryAt) - Date.now()).toBeGreaterThan(least * 1000);
    expect(Number(failure.retryAt) - Date.now()).toBeLessThan(most * 1000);
  }); // prettier-ignore

  test('F-20: revoked tokens are expired credentials, and a new approval reads on', async () => {
    const window = await session.openWindow('Account', null);
    await faults({ action: 'revoke' });

    await expect(session.readPage('Account', window, null)).rejects.toMatchObject({
      name: 'AuthExpired',
    });
    await faults();
    expect(await readAll('Account', window)).toHaveLength(2);
  });

  test('F-36: a standard field that vanished is refused by its name, and nothing is read without it', async () => {
    const window = await session.openWindow('Opportunity', null);
    await faults({ action: 'hide_field', match: { object: 'Opportunity' }, with: { field: 'Amount' } }); // prettier-ignore

    await expect(session.readPage('Opportunity', window, null)).rejects.toMatchObject({
      name: 'RemoteRejected',
      message: expect.stringContaining('Amount'),
    });
    expect(await readAll('Contract', await session.openWindow('Contract', null))).toHaveLength(1);
  });

  test('a field of our package that vanishes is left out, and what is left is read', async () => {
    await faults({ action: 'hide_field', match: { object: 'Opportunity' }, with: { field: 'Trueup_Notice_Date__c' } }); // prettier-ignore
    const window = await session.openWindow('Opportunity', null);
    const [opportunity] = await readAll('Opportunity', window);

    expect(opportunity?.data).not.toHaveProperty('Trueup_Notice_Date__c');
    expect(opportunity?.data).toHaveProperty('Trueup_Id__c');
  });

  test.each(['html_page', 'wrong_type', 'truncate_body'])(
    'F-22: an answer that is none (%s) is a failure, and the page comes whole the next time',
    async (action) => {
      const window = await session.openWindow('Account', null);
      await faults({ action, match: { path: 'queryAll' }, times: 1 });

      await expect(session.readPage('Account', window, null)).rejects.toMatchObject({
        name: 'RemoteUnavailable',
      });
      expect(await readAll('Account', window)).toHaveLength(2);
    },
  );
});

describe('streams that an organisation may lack', () => {
  test('an organisation without quotes, CPQ and Revenue Cloud has nothing to mend unless they are asked for', async () => {
    const plain = await session.check();
    session = await openSalesforce(twin, { config: { cpq: true, assetLifecycle: true } });
    const asked = await session.check();

    expect(plain.filter(({ ok }) => !ok)).toEqual([]);
    expect(asked.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'read SBQQ__Quote__c',
      'read SBQQ__QuoteLine__c',
      'read SBQQ__Subscription__c',
      'read AssetStatePeriod',
      'read AssetAction',
    ]);
  });

  test('licences are read whole each time, for their figures change without a stamp', async () => {
    const window = await session.openWindow('UserLicense', '2026-03-02T09:00:00.000Z');
    const [licence] = await readAll('UserLicense', window);

    expect(window).toEqual({ mode: 'full', from: null, to: null });
    expect(licence).toMatchObject({ data: { LicenseDefinitionKey: 'SFDC', UsedLicenses: 1 } });
    expect(await session.countWindow('UserLicense', window)).toBe(1);
  });

  test('who changed a field comes with the old and the new value, by name', async () => {
    const first = await session.openWindow('OpportunityFieldHistory', null);
    await mutate({ object: 'Opportunity', operation: 'update', id: FIXTURE_IDS.opportunity, fields: { CloseDate: '2026-04-01' } }); // prettier-ignore
    const window = await session.openWindow('OpportunityFieldHistory', first.to);
    const [change] = await readAll('OpportunityFieldHistory', window);

    expect(change).toMatchObject({
      stamp: expect.stringMatching(/^2026-03-02T09/),
      data: {
        OpportunityId: FIXTURE_IDS.opportunity,
        Field: 'CloseDate',
        OldValue: '2026-03-15',
        NewValue: '2026-04-01',
        CreatedBy: { Name: expect.stringMatching(/^User /) },
      },
    });
    expect(await session.countWindow('OpportunityFieldHistory', window)).toBe(1);
  });
});
