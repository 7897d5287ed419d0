import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { PageOptions, PageToken, ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import { control, openSalesforce, startSalesforce } from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

const SAME_SECOND = 5000;

let twin: RunningTwin;
let session: ConnectorSession;

/** Reads a window to its end, page by page. */
async function readAll(
  stream: string,
  window: ReadWindow,
  options?: PageOptions,
): Promise<{ records: SourceRecord[]; sizes: number[] }> {
  const records: SourceRecord[] = [];
  const sizes: number[] = [];
  let after: PageToken | null = null;
  do {
    const page = await session.readPage(stream, window, after, options);
    records.push(...page.records);
    sizes.push(page.records.length);
    after = page.next;
  } while (after !== null);
  return { records, sizes };
}

const mutate = (object: string, operation: string, id: string, fields: JsonObject = {}) =>
  control(twin, 'POST', '/mutate', { object, operation, id, fields });

beforeAll(async () => {
  const assets = Array.from({ length: SAME_SECOND }, (_, n) => ({
    Id: `02iMany${String((n * 7919) % SAME_SECOND).padStart(8, '0')}AAA`,
    Name: `Seat ${n}`,
    AccountId: FIXTURE_IDS.account,
    SystemModstamp: '2026-02-21T00:00:00.000+0000',
  }));
  const world = fixtureWorld();
  twin = await startSalesforce({
    ...world,
    objects: { ...world.objects, Asset: [...(world.objects['Asset'] ?? []), ...assets] },
  });
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  session = await openSalesforce(twin);
});

describe('reading', () => {
  test('F-32: 5,000 rows of one second all come, each once, across page edges', async () => {
    const window = await session.openWindow('Asset', null);
    const { records, sizes } = await readAll('Asset', window);

    expect(sizes.length).toBeGreaterThanOrEqual(3);
    expect(records).toHaveLength(SAME_SECOND + 1);
    expect(new Set(records.map((record) => record.id)).size).toBe(SAME_SECOND + 1);
    expect(await session.countWindow('Asset', window)).toBe(SAME_SECOND + 1);
    expect(await session.listKeys('Asset', window)).toHaveLength(SAME_SECOND + 1);
  });

  test.each([
    ['by key', 2_000_000],
    ['by bulk', 2_000],
  ])('pages that are asked to be smaller are, %s, and nothing is lost', async (_, bulkFrom) => {
    session = await openSalesforce(twin, { config: { bulkFrom } });
    const window = await session.openWindow('Asset', null);
    const { records, sizes } = await readAll('Asset', window, { limit: 900 });

    expect(Math.max(...sizes)).toBe(900);
    expect(new Set(records.map(({ id }) => id)).size).toBe(SAME_SECOND + 1);
    expect(records).toHaveLength(SAME_SECOND + 1);
  });

  test('the purchase order number of an order and of an opportunity are read where the organisation has them', async () => {
    await mutate('Order', 'update', FIXTURE_IDS.order, { PoNumber: 'PO-7' });
    await mutate('Opportunity', 'update', FIXTURE_IDS.opportunity, { Trueup_PO_Number__c: 'PO-7' });
    const numberOf = async (stream: string, field: string) => {
      const { records } = await readAll(stream, await session.openWindow(stream, null));
      return records.map(({ data }) => data[field]);
    };
    const known = [await numberOf('Order', 'PoNumber'), await numberOf('Opportunity', 'Trueup_PO_Number__c')]; // prettier-ignore
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { object: 'Order' }, action: 'hide_field', with: { field: 'PoNumber' } }],
    });

    expect(known).toEqual([['PO-7'], ['PO-7']]);
    expect(await numberOf('Order', 'PoNumber')).toEqual([undefined]);
  });

  test('a record lands as the vendor gives it, without attributes and with sortable stamps', async () => {
    const window = await session.openWindow('OrderItem', null);
    const { records } = await readAll('OrderItem', window);

    expect(records[0]).toMatchObject({
      id: FIXTURE_IDS.orderItem,
      stamp: '2026-02-20T10:11:12.000Z',
      deleted: false,
      data: { Product2: { ProductCode: 'ATL-USER' }, UnitPrice: 118.5, Quantity: 10 },
    });
    expect(records[0]?.data).not.toHaveProperty('attributes');
    expect(records[0]?.data['Product2']).toEqual({ ProductCode: 'ATL-USER' });
  });

  test('an incremental read covers the overlap before the last end and what changed since', async () => {
    const first = await session.openWindow('Opportunity', null);
    await mutate('Opportunity', 'update', FIXTURE_IDS.opportunity, { StageName: 'Closed Won' });
    const second = await session.openWindow('Opportunity', first.to);
    const { records } = await readAll('Opportunity', second);
    const history = await readAll('OpportunityHistory', second);

    expect(Date.parse(first.to ?? '') - Date.parse(second.from ?? '')).toBe(600_000);
    expect(records).toMatchObject([{ id: FIXTURE_IDS.opportunity, data: { IsWon: true } }]);
    expect(history.records).toMatchObject([{ data: { StageName: 'Closed Won', Amount: 3000 } }]);
  });

  test('a read from the start is full and has an end; a source set back in time is read from there', async () => {
    const full = await session.openWindow('Opportunity', null);
    const back = await session.openWindow('Opportunity', '2027-01-01T00:00:00.000Z');

    expect(full).toMatchObject({ mode: 'full', from: null });
    expect(String(back.from) < String(back.to)).toBe(true);
    expect(back.to).toMatch(/^2026-03-02T/);
  });

  test('what was changed just before a read began is in it, and nothing is committed into it later', async () => {
    for (let round = 0; round < 3; round += 1) {
      await mutate('Account', 'update', FIXTURE_IDS.account, { AccountNumber: `N-${round}` });
      const window = await session.openWindow('Account', null);
      const { records } = await readAll('Account', window);
      await mutate('Account', 'update', FIXTURE_IDS.parentAccount, { AccountNumber: `P-${round}` });
      const [moved] = (await session.readByIds('Account', [FIXTURE_IDS.parentAccount])).records;

      expect(records.find((each) => each.id === FIXTURE_IDS.account)?.data['AccountNumber']).toBe(
        `N-${round}`,
      );
      expect(String(moved?.stamp) >= String(window.to)).toBe(true);
    }
  });

  test('a record that moved on during the read is proven by reading it again', async () => {
    const window = await session.openWindow('Account', null);
    const { records } = await readAll('Account', window);
    await delay(1000);
    await mutate('Account', 'update', FIXTURE_IDS.account, { Name: 'Renamed' });
    const count = await session.countWindow('Account', window);
    const [again] = (await session.readByIds('Account', [FIXTURE_IDS.account])).records;

    expect([records.length, count]).toEqual([2, 1]);
    expect(String(again?.stamp) >= String(window.to)).toBe(true);
  });

  test('a deleted record comes as a tombstone, and counts', async () => {
    await mutate('Asset', 'delete', FIXTURE_IDS.asset);
    const window = await session.openWindow('Asset', '2026-03-02T09:00:00.000Z');
    const { records } = await readAll('Asset', window);

    expect(records).toMatchObject([{ id: FIXTURE_IDS.asset, deleted: true }]);
    expect(await session.countWindow('Asset', window)).toBe(1);
  });

  test('an id that the source does not know is a tombstone; a short id is read as its long form', async () => {
    const [known, gone] = (
      await session.readByIds('Account', [FIXTURE_IDS.account.slice(0, 15), '001Fx0000009999AAA'])
    ).records;

    expect(known).toMatchObject({ id: FIXTURE_IDS.account, deleted: false });
    expect(gone).toEqual({
      id: '001Fx0000009999AAA',
      stamp: null,
      deleted: true,
      data: { Id: '001Fx0000009999AAA' },
    });
  });

  test('a dropped record makes the count disagree, and the list of ids names it', async () => {
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { object: 'Account', id: FIXTURE_IDS.account }, action: 'drop_record' }],
    });
    const window = await session.openWindow('Account', null);
    const { records } = await readAll('Account', window);
    const ids = ((await session.listKeys('Account', window)) ?? []).map(({ id }) => id);

    expect([records.length, await session.countWindow('Account', window)]).toEqual([1, 2]);
    expect(ids.filter((id) => records.every((record) => record.id !== id))).toEqual([
      FIXTURE_IDS.account,
    ]);
  });

  test('a figure that a double cannot hold waits for a person instead of landing wrong', async () => {
    await mutate('Asset', 'update', FIXTURE_IDS.asset, { Price: 0.1234567890123456 });
    const window = await session.openWindow('Asset', '2026-03-02T09:00:00.000Z');
    const page = await session.readPage('Asset', window, null);

    expect(page.records).toEqual([]);
    expect(page.unreadable).toMatchObject([
      { id: FIXTURE_IDS.asset, code: 'number_precision', outcome: 'quarantined' },
    ]);
    expect(page.unreadable[0]?.reason).not.toContain('1234567890123456');
    // Asked for by id it is the same, and neither left out nor taken for gone.
    expect(await session.readByIds('Asset', [FIXTURE_IDS.asset])).toEqual({
      records: [],
      unreadable: page.unreadable,
    });
  });

  test('an organisation without the package and with one currency can be read', async () => {
    const bare = await startSalesforce(fixtureWorld({ packages: [], multiCurrency: false }));
    const open = await openSalesforce(bare);
    const window = await open.openWindow('Account', null);
    const page = await open.readPage('Account', window, null);
    await bare.stop();

    expect(page.records).toHaveLength(2);
    expect(page.records[0]?.data).not.toHaveProperty('Trueup_Id__c');
  });
});
