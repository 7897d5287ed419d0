import { afterEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { Page, ReadWindow } from '../../src/sdk/record.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';
import { FIXTURE_WORLD } from './twin/fixture-world.ts';

let running: NetSuiteUnderTest | null = null;

async function start(
  settings: JsonObject = {},
  salesOrder = FIXTURE_WORLD.objects['salesOrder'] ?? [],
): Promise<NetSuiteUnderTest> {
  running = await startNetSuite({
    settings: { ...FIXTURE_WORLD.settings, ...settings },
    objects: { ...FIXTURE_WORLD.objects, salesOrder },
  });
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = null;
});

async function pagesOf(
  session: ConnectorSession,
  stream: string,
  window: ReadWindow,
): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let token: Page['next'] = null; ;) {
    const page = await session.readPage(stream, window, token, { limit: 1000 });
    pages.push(page);
    if (page.next === null) return pages;
    token = page.next;
  }
}

const keysOf = (pages: readonly Page[]): readonly string[] =>
  pages.flatMap(({ records }) => records.map(({ id, deleted }) => (deleted ? `-${id}` : id)));

const orders = (count: number, stamp: string): readonly JsonObject[] =>
  Array.from({ length: count }, (_, at) => ({
    id: String(5000 + at),
    entity: { id: '10' },
    status: { id: 'B' },
    lastModifiedDate: stamp,
    item: { items: [{ line: 1, item: { id: '20' }, quantity: '1', rate: '10', amount: '10' }] },
  }));

describe('deletions', () => {
  test('F-35: a record that is deleted comes as a tombstone in the next window, counted and listed', async () => {
    const ns = await start();
    const session = await ns.open();
    const { to } = await session.openWindow('salesOrder', null);
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '101' });
    await ns.setClock('2026-03-02T17:05:00Z');
    const window = await session.openWindow('salesOrder', to);

    const pages = await pagesOf(session, 'salesOrder', window);

    expect(keysOf(pages)).toEqual(['-101']);
    expect(await session.countWindow('salesOrder', window)).toBe(1);
    expect(await session.listKeys('salesOrder', window)).toEqual([
      { id: '101', stamp: expect.stringMatching(/^2026-03-02 09:00:0\d$/) },
    ]);
  });

  test('of other records and of other times are no part of the window', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.mutate({ object: 'invoice', operation: 'delete', id: '200' });
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '100' });
    await ns.setClock('2026-03-02T18:00:00Z');
    const { to } = await session.openWindow('salesOrder', null);
    await ns.setClock('2026-03-02T18:30:00Z');
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '102' });
    await ns.mutate({ object: 'item', operation: 'delete', id: '22' });
    await ns.setClock('2026-03-02T19:00:00Z');

    const window = await session.openWindow('salesOrder', to);

    expect(keysOf(await pagesOf(session, 'salesOrder', window))).toEqual(['-102']);
  });

  test('more of them than one page holds are all read, once each, behind the living', async () => {
    const ns = await start({}, orders(1100, '2026-03-02T17:01:00Z'));
    const session = await ns.open();
    await ns.setClock('2026-03-02T17:02:00Z');
    for (let id = 5000; id < 5999; id += 1)
      await ns.mutate({ object: 'salesOrder', operation: 'delete', id: String(id) });
    await ns.setClock('2026-03-02T17:05:00Z');
    const window = await session.openWindow('salesOrder', '2026-03-02 09:03:00');

    const pages = await pagesOf(session, 'salesOrder', window);

    expect(pages.map(({ records }) => records.length)).toEqual([1000, 100]);
    const keys = keysOf(pages);
    expect(keys.slice(0, 101).every((key) => !key.startsWith('-'))).toBe(true);
    expect(new Set(keys).size).toBe(1100);
    expect(await session.countWindow('salesOrder', window)).toBe(1100);
    expect(await session.listKeys('salesOrder', window)).toHaveLength(1100);
  }, 30_000);

  test('follow on a page of their own when the last page of the living is full', async () => {
    const ns = await start({}, orders(1001, '2026-03-02T17:01:00Z'));
    const session = await ns.open();
    await ns.setClock('2026-03-02T17:02:00Z');
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '5000' });
    await ns.setClock('2026-03-02T17:05:00Z');
    const window = await session.openWindow('salesOrder', '2026-03-02 09:03:00');

    const pages = await pagesOf(session, 'salesOrder', window);

    expect(pages.map(({ records }) => records.length)).toEqual([1000, 1]);
    expect(keysOf(pages).at(-1)).toBe('-5000');
  });

  test('a role that may not see them is told by the check, and reads on without', async () => {
    const ns = await start({ denied: ['deletedrecord'] });
    const session = await ns.open();
    const { to } = await session.openWindow('salesOrder', null);
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '101' });
    await ns.setClock('2026-03-02T17:05:00Z');
    const window = await session.openWindow('salesOrder', to);

    const failures = (await session.check()).filter(({ ok }) => !ok);

    expect(failures.map(({ name, fix }) => [name, fix])).toEqual([
      ['read deletedrecord', expect.stringContaining('Deleted Records')],
    ]);
    expect(keysOf(await pagesOf(session, 'salesOrder', window))).toEqual([]);
    expect(await session.countWindow('salesOrder', window)).toBe(0);
  });

  test('an outage while looking for them is no missing right', async () => {
    const ns = await start();
    const session = await ns.open();
    const window = {
      mode: 'incremental',
      from: '2026-03-02 08:00:00',
      to: '2026-03-02 09:00:00',
    } as const;
    await ns.faults({ match: { path: 'suiteql' }, action: 'status', status: 503, nth: 2 });

    await expect(session.countWindow('salesOrder', window)).rejects.toMatchObject({
      code: 'remote_unavailable',
    });
  });
});

describe('windows', () => {
  test('F-38: a window with more rows than the account gives to one query is read whole', async () => {
    const ns = await start({ maxRows: 1000 }, orders(2500, '2026-02-10T18:00:00Z'));
    const session = await ns.open();
    const window = await session.openWindow('salesOrder', null);

    const keys = keysOf(await pagesOf(session, 'salesOrder', window));

    expect(new Set(keys).size).toBe(2500);
    expect(keys).toHaveLength(2500);
  });

  test('F-31: rows that are changed between pages are missed by no read and met twice by none', async () => {
    const ns = await start({}, orders(2500, '2026-02-10T18:00:00Z'));
    const session = await ns.open();
    const window = await session.openWindow('salesOrder', null);
    await ns.setClock('2026-03-02T17:10:00Z');
    await ns.faults({ match: { object: 'salesOrder' }, action: 'page_shift' });

    const keys = keysOf(await pagesOf(session, 'salesOrder', window));

    expect(new Set(keys).size).toBe(2500);
    expect(keys).toHaveLength(2500);
  });

  test.each([
    ['ahead of', '2026-03-02T17:10:00Z'],
    ['behind', '2026-03-02T16:50:00Z'],
  ])('F-40: an account whose clock is ten minutes %s ours loses nothing', async (_side, clock) => {
    const ns = await start();
    const session = await ns.open();
    await ns.setClock(clock);
    const { to } = await session.openWindow('salesOrder', null);
    await ns.mutate({
      object: 'salesOrder',
      operation: 'update',
      id: '100',
      fields: { memo: 'x' },
    });

    const window = await session.openWindow('salesOrder', to);

    expect(keysOf(await pagesOf(session, 'salesOrder', window))).toContain('100');
  });

  test.each(
    [
      ['America/Los_Angeles', '2026-11-01T08:50:00Z'],
      ['Europe/Berlin', '2026-10-25T00:50:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T14:50:00Z'],
    ].flatMap(([timeZone = '', before = '']) => [
      { timeZone, configured: timeZone, before },
      { timeZone, configured: 'UTC', before },
    ]),
  )(
    'a change in the hour that $timeZone repeats is read, though the connection says $configured',
    async ({ timeZone, configured, before }) => {
      const ns = await start({ timeZone });
      const session = await ns.open({ timeZone: configured });
      const at = (minutes: number): string =>
        new Date(Date.parse(before) + minutes * 60_000).toISOString();
      await ns.setClock(before);
      const { to } = await session.openWindow('salesOrder', null);
      await ns.setClock(at(20));
      await ns.mutate({ object: 'salesOrder', operation: 'update', id: '100', fields: { memo: 'x' } }); // prettier-ignore
      await ns.setClock(at(150));

      const window = await session.openWindow('salesOrder', to);

      expect(keysOf(await pagesOf(session, 'salesOrder', window))).toContain('100');
    },
  );

  test('F-33: a save that becomes visible five minutes late is in the next window', async () => {
    const ns = await start();
    const session = await ns.open();
    const { to } = await session.openWindow('salesOrder', null);
    await ns.mutate({ object: 'salesOrder', operation: 'update', id: '100', fields: { memo: 'x' }, lateSeconds: 300 }); // prettier-ignore
    await ns.setClock('2026-03-02T17:05:00Z');

    const window = await session.openWindow('salesOrder', to);

    expect(keysOf(await pagesOf(session, 'salesOrder', window))).toEqual(['100']);
  });

  test('F-25: a busy account is waited for, and nothing is lost', async () => {
    const ns = await start({ concurrency: 2, latencyMs: 10 });
    const [one, other] = [await ns.open(), await ns.open()];

    const windows = await Promise.all(
      ['salesOrder', 'invoice', 'customer', 'item'].flatMap((stream) =>
        [one, other].map(async (session) => {
          const window = await session.openWindow(stream, null);
          const keys = keysOf(await pagesOf(session, stream, window));
          return keys.length === (await session.countWindow(stream, window));
        }),
      ),
    );

    expect(windows).toEqual(Array.from({ length: 8 }, () => true));
  }, 20_000);
});
