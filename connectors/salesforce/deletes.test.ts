import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin, TwinWorld } from '../../src/sdk/define-twin.ts';
import type { PageToken, ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import { control, openSalesforce, startSalesforce } from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

let twin: RunningTwin;
let session: ConnectorSession;
const running: RunningTwin[] = [];

const start = async (world?: TwinWorld): Promise<void> => {
  twin = await startSalesforce(world);
  running.push(twin);
  session = await openSalesforce(twin);
};
const mutate = (mutation: object) => control(twin, 'POST', '/mutate', mutation);
const faults = (...rules: readonly object[]) => control(twin, 'PUT', '/faults', { rules });
const advance = (advanceSeconds: number) => control(twin, 'POST', '/clock', { advanceSeconds });

/** All pages of a window; `session` may be another one for each page. */
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

const proves = async (stream: string, window: ReadWindow, records: readonly SourceRecord[]) => {
  const keys = await session.listKeys(stream, window);
  const ids = records.map(({ id }) => id).toSorted();
  expect(await session.countWindow(stream, window)).toBe(ids.length);
  expect(keys?.map(({ id }) => id).toSorted()).toEqual(ids);
};

beforeEach(() => start());
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

describe('F-35: what left for good', () => {
  test('a record that was purged comes as a tombstone, counted and listed like the rest', async () => {
    const first = await session.openWindow('Asset', null);
    await mutate({ object: 'Asset', operation: 'purge', id: FIXTURE_IDS.asset });
    await advance(1);
    const window = await session.openWindow('Asset', first.to);
    const records = await readAll('Asset', window);

    expect(records).toEqual([
      {
        id: FIXTURE_IDS.asset,
        stamp: expect.stringMatching(/^2026-03-02T09:00:\d\d\.000Z$/),
        deleted: true,
        data: { Id: FIXTURE_IDS.asset },
      },
    ]);
    await proves('Asset', window, records);
  });

  test('a process that never saw the window begin finds the same tombstones', async () => {
    const first = await session.openWindow('OrderItem', null);
    await mutate({ object: 'Order', operation: 'purge', id: FIXTURE_IDS.order });
    await advance(1);
    const window = await session.openWindow('OrderItem', first.to);
    session = await openSalesforce(twin);
    const records = await readAll('OrderItem', JSON.parse(JSON.stringify(window)) as ReadWindow);

    expect(records).toMatchObject([{ id: FIXTURE_IDS.orderItem, deleted: true }]);
    await proves('OrderItem', window, records);
  });

  test('a record in the recycle bin comes once, with what is known of it', async () => {
    const first = await session.openWindow('Asset', null);
    await mutate({ object: 'Asset', operation: 'delete', id: FIXTURE_IDS.asset });
    const window = await session.openWindow('Asset', first.to);
    const records = await readAll('Asset', window);

    expect(records).toMatchObject([{ deleted: true, data: { Quantity: 10 } }]);
    await proves('Asset', window, records);
  });

  test('what was deleted and undeleted in the window is alive, though the log still has it', async () => {
    const first = await session.openWindow('Asset', null);
    await mutate({ object: 'Asset', operation: 'delete', id: FIXTURE_IDS.asset });
    await mutate({ object: 'Asset', operation: 'undelete', id: FIXTURE_IDS.asset });
    const window = await session.openWindow('Asset', first.to);
    const records = await readAll('Asset', window);

    expect(records).toMatchObject([{ id: FIXTURE_IDS.asset, deleted: false }]);
    await proves('Asset', window, records);
  });

  test('more tombstones than a page holds come page by page, also in a new session', async () => {
    const assets = Array.from({ length: 2100 }, (_, n) => ({
      Id: `02iMany${String(n).padStart(8, '0')}AAA`,
      Name: `Seat ${n}`,
      SystemModstamp: '2026-02-21T00:00:00.000+0000',
    }));
    const world = fixtureWorld();
    await start({ ...world, objects: { ...world.objects, Asset: assets } });
    const first = await session.openWindow('Asset', null);
    for (let at = 0; at < assets.length; at += 100)
      await Promise.all(
        assets.slice(at, at + 100).map(({ Id }) => mutate({ object: 'Asset', operation: 'purge', id: Id })), // prettier-ignore
      );
    await advance(60);
    const window = await session.openWindow('Asset', first.to);
    const pages: (readonly SourceRecord[])[] = [];
    for (let after: PageToken | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
      session = await openSalesforce(twin);
      const page = await session.readPage('Asset', window, after);
      pages.push(page.records);
      after = page.next;
    } // prettier-ignore

    expect(pages.map((records) => records.length)).toEqual([0, 2000, 100]);
    expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(2100);
  });

  test('tombstones too come in pages as small as they are asked for', async () => {
    const first = await session.openWindow('Account', null);
    const ids = [FIXTURE_IDS.account, FIXTURE_IDS.parentAccount];
    for (const id of ids) await mutate({ object: 'Account', operation: 'purge', id });
    await advance(60);
    const window = await session.openWindow('Account', first.to);
    const pages: (readonly string[])[] = [];
    for (let after: PageToken | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
      const page = await session.readPage('Account', window, after, { limit: 1 });
      pages.push(page.records.map(({ id }) => id));
      after = page.next;
    } // prettier-ignore

    expect(pages.filter((page) => page.length > 1)).toEqual([]);
    expect(pages.flat().toSorted()).toEqual(ids.toSorted());
  });

  test('of two merged accounts the loser is a tombstone that names its master, and its records moved', async () => {
    const { account, parentAccount, contract } = FIXTURE_IDS;
    const first = await session.openWindow('Account', null);
    await mutate({ object: 'Account', operation: 'merge', id: account, into: parentAccount });
    const accounts = await readAll('Account', await session.openWindow('Account', first.to));
    const contracts = await readAll('Contract', await session.openWindow('Contract', first.to));

    expect(accounts.find(({ id }) => id === account)).toMatchObject({
      deleted: true,
      data: { MasterRecordId: parentAccount },
    });
    expect(accounts.find(({ id }) => id === parentAccount)?.deleted).toBe(false);
    expect(contracts).toMatchObject([{ id: contract, data: { AccountId: parentAccount } }]);
  });
});

describe('the log of deletions', () => {
  test('when it lags behind a long transaction, the next read covers the rest', async () => {
    const first = await session.openWindow('Asset', null);
    await advance(3600);
    await mutate({ object: 'Asset', operation: 'purge', id: FIXTURE_IDS.asset, lateSeconds: 1200 }); // prettier-ignore
    await faults({ action: 'late', match: { object: 'Asset' }, with: { seconds: 3000 } });
    const lagging = await session.openWindow('Asset', first.to);
    const before = await readAll('Asset', lagging);
    await faults();
    await advance(3600);
    const window = await session.openWindow('Asset', lagging.to);
    const after = await readAll('Asset', window);

    expect(before).toEqual([]);
    expect(after).toMatchObject([{ id: FIXTURE_IDS.asset, deleted: true }]);
    expect(String(after[0]?.stamp) < String(window.from)).toBe(true);
    await proves('Asset', window, after);
  });

  test('when it lags for days, a process that starts anew still covers the rest: the window before carries it on', async () => {
    const DAYS = 86_400;
    const first = await session.openWindow('Asset', null);
    await advance(4 * DAYS);
    await mutate({ object: 'Asset', operation: 'purge', id: FIXTURE_IDS.asset, lateSeconds: 2 * DAYS }); // prettier-ignore
    await faults({ action: 'late', match: { object: 'Asset' }, with: { seconds: 3 * DAYS } });
    const lagging = await session.openWindow('Asset', first.to, first.carry ?? null);
    const before = await readAll('Asset', lagging);
    await faults();
    await advance(3600);
    const anew = async (carried: ReadWindow['carry']) => {
      session = await openSalesforce(twin);
      const stored = JSON.parse(JSON.stringify(carried ?? null)) as ReadWindow['carry'] | null;
      const window = await session.openWindow('Asset', lagging.to, stored);
      session = await openSalesforce(twin);
      return { window, records: await readAll('Asset', window) };
    };

    const { window, records } = await anew(lagging.carry);

    expect(before).toEqual([]);
    expect(records).toMatchObject([{ id: FIXTURE_IDS.asset, deleted: true }]);
    await proves('Asset', window, records);
    expect((await anew(undefined)).records).toEqual([]);
  });

  test('a last read beyond its 15 days makes a read from the start, and says so', async () => {
    const window = await session.openWindow('Asset', '2026-02-10T00:00:00.000Z');
    const history = await session.openWindow('OpportunityHistory', '2026-02-10T00:00:00.000Z');

    expect(window).toMatchObject({ mode: 'full', from: null, expected: 1 });
    expect(history.mode).toBe('incremental');
  });

  test.each([
    ['begins too late', { deletionLogFrom: '2026-03-01T00:00:00Z' }],
    ['holds more ids than an answer may', { idLimit: 1 }],
  ])('a log that %s makes a read from the start', async (_, settings) => {
    await start(fixtureWorld(settings));
    for (const id of [FIXTURE_IDS.parentAccount, FIXTURE_IDS.account])
      await mutate({ object: 'Account', operation: 'delete', id });

    const window = await session.openWindow('Account', '2026-02-28T09:00:00.000Z');

    expect(window).toMatchObject({ mode: 'full', from: null });
    expect(await readAll('Account', window)).toHaveLength(2);
  });
});
