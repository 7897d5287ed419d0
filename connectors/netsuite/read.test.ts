import { afterEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import type { TwinWorld } from '../../src/sdk/define-twin.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';
import { FIXTURE_WORLD } from './twin/fixture-world.ts';

let running: NetSuiteUnderTest | null = null;

async function start(world?: TwinWorld): Promise<NetSuiteUnderTest> {
  running = await startNetSuite(world);
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = null;
});

async function readAll(
  session: ConnectorSession,
  stream: string,
  window: ReadWindow,
): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  let page = await session.readPage(stream, window, null);
  records.push(...page.records);
  while (page.next !== null) {
    page = await session.readPage(stream, window, page.next);
    records.push(...page.records);
  }
  return records;
}

async function readFull(
  session: ConnectorSession,
  stream: string,
): Promise<readonly SourceRecord[]> {
  return await readAll(session, stream, await session.openWindow(stream, null));
}

/** `count` orders of three lines (a full answer of lines ends inside an order), all changed within the given second. */
function manyOrders(count: number, stamp: string): readonly JsonObject[] {
  return Array.from({ length: count }, (_, at) => ({
    id: String(5000 + at),
    tranId: `SO${5000 + at}`,
    entity: { id: '10' },
    subsidiary: { id: '2' },
    currency: { id: '1' },
    tranDate: '2026-02-01',
    status: { id: 'B' },
    lastModifiedDate: stamp,
    item: {
      items: [
        { line: 1, item: { id: '20' }, quantity: '1', rate: '10', amount: '10' },
        { line: 2, item: { id: '21' }, quantity: '2', rate: '10', amount: '20' },
        { line: 3, item: { id: '22' }, quantity: '1', rate: '5', amount: '5' },
      ],
    },
  }));
}

describe('landed data', () => {
  test('a sales order lands with positive figures, booleans, ISO dates and its lines', async () => {
    const session = await (await start()).open();

    const orders = await readFull(session, 'salesOrder');

    expect(orders.find(({ id }) => id === '100')).toEqual({
      id: '100',
      stamp: '2026-02-01 10:11:12',
      deleted: false,
      data: {
        id: '100', tranid: 'SO100', externalid: 'EARLIER-1', entity: '10', entity_externalid: '001A000001AbCdEIAV',
        currency: 'USD', trandate: '2026-02-01', status: 'B', statusName: 'Sales Order : Pending Fulfillment',
        subsidiary: '2', otherrefnum: 'PO-77', lastmodifieddate: '2026-02-01 10:11:12', custbody_trueup_opportunity: '006A000001AbCdEIAV',
        lines: [
          { line: '1', item: '20', itemid: 'MER-CORE', quantity: '25', rate: '120', amount: '3000', isclosed: false, custcol_trueup_service_start: '2026-03-01', custcol_trueup_service_end: '2027-02-28' },
          { line: '2', item: '22', itemid: 'SVC-ONB', quantity: '1', rate: '1500', amount: '1500', isclosed: false },
        ],
      },
    }); // prettier-ignore
  });

  test('F-64: integers beyond 2^53 and decimals are exact', async () => {
    const session = await (await start()).open();

    const orders = await readFull(session, 'salesOrder');

    const lines = orders.find(({ id }) => id === '101')?.data['lines'];
    expect(lines).toEqual([
      expect.objectContaining({
        quantity: '9007199254740993',
        rate: '0.1',
        amount: '900719925474099.3',
      }),
    ]);
  });

  test('invoices name the order that they come from', async () => {
    const session = await (await start()).open();

    const [invoice] = await readFull(session, 'invoice');

    expect(invoice?.data).toEqual(
      expect.objectContaining({
        id: '200',
        createdfrom: '102',
        currency: 'EUR',
        foreigntotal: '999.5',
        status: 'A',
        subsidiary: '3',
      }),
    );
    expect(invoice?.data['lines']).toEqual([
      { line: '1', item: '21', itemid: 'MER-PLUS', quantity: '10', rate: '99.95', amount: '999.5' },
    ]);
  });

  test('customers, items and subsidiaries land with their references resolved', async () => {
    const session = await (await start()).open();

    const customers = await readFull(session, 'customer');
    const items = await readFull(session, 'item');
    const subsidiaries = await readFull(session, 'subsidiary');

    expect(customers.map(({ data }) => data)).toContainEqual({
      id: '11',
      entityid: 'C11',
      companyname: 'Finbox',
      parent: '10',
      email: 'ap@finbox.example',
      subsidiary: '2',
      currency: 'USD',
      country: 'US',
      isinactive: false,
      lastmodifieddate: '2026-01-05 10:00:00',
    });
    expect(items[0]?.data).toEqual({
      id: '20',
      itemid: 'MER-CORE',
      displayname: 'Meridian Core',
      itemtype: 'NonInvtPart',
      isinactive: false,
      lastmodifieddate: '2025-11-30 16:00:00',
    });
    expect(subsidiaries[2]).toEqual({
      id: '3',
      stamp: null,
      deleted: false,
      data: {
        id: '3',
        name: 'Meridian DE',
        currency: 'EUR',
        country: 'DE',
        parent: '1',
        iselimination: false,
      },
    });
  });

  test('an account without the field package is read without its fields', async () => {
    const bare: TwinWorld = {
      settings: { ...FIXTURE_WORLD.settings, packages: [] },
      objects: { ...FIXTURE_WORLD.objects, salesOrder: manyOrders(1, '2026-02-01T18:00:00Z') },
    };
    const session = await (await start(bare)).open();

    const orders = await readFull(session, 'salesOrder');

    expect(orders.map(({ id }) => id)).toEqual(['5000']);
  });
});

describe('windows and pages', () => {
  test('a page joins two answers, and goes on after the second', async () => {
    const session = await (
      await start({
        ...FIXTURE_WORLD,
        objects: {
          ...FIXTURE_WORLD.objects,
          salesOrder: manyOrders(2300, '2026-02-10T18:00:00Z'),
          invoice: [],
        },
      })
    ).open();
    const window = await session.openWindow('salesOrder', null);

    const first = await session.readPage('salesOrder', window, null);
    const second = await session.readPage('salesOrder', window, first.next);

    expect([first.records.length, second.records.length, second.next]).toEqual([2000, 300, null]);
    const ids = [...first.records, ...second.records].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2300);
  }, 30_000);

  test('records that share one second across a page edge are each read once, with all their lines', async () => {
    const orders = [...manyOrders(1001, '2026-02-10T18:00:00Z')];
    const session = await (
      await start({
        ...FIXTURE_WORLD,
        objects: { ...FIXTURE_WORLD.objects, salesOrder: orders, invoice: [] },
      })
    ).open();
    const window = await session.openWindow('salesOrder', null);

    const first = await session.readPage('salesOrder', window, null, { limit: 1000 });
    const all = await readAll(session, 'salesOrder', window);

    expect(first.records).toHaveLength(1000);
    expect(first.next).toEqual({ stamp: '2026-02-10 10:00:00', id: '5999' });
    expect(new Set(all.map(({ id }) => id)).size).toBe(1001);
    expect(all.every(({ data }) => (data['lines'] as readonly unknown[]).length === 3)).toBe(true);
    expect(await session.countWindow('salesOrder', window)).toBe(1001);
  });

  test('an incremental read starts one overlap early and holds what changed since', async () => {
    const ns = await start();
    const session = await ns.open();
    const { to } = await session.openWindow('salesOrder', null);
    await ns.setClock('2026-03-02T18:00:00Z');
    await ns.mutate({
      object: 'salesOrder',
      operation: 'update',
      id: '100',
      fields: { status: { id: 'F' } },
    });
    await ns.setClock('2026-03-02T18:30:00Z');

    const window = await session.openWindow('salesOrder', to);
    const records = await readAll(session, 'salesOrder', window);

    expect(to).toMatch(/^2026-03-02 09:00:0\d$/);
    expect(window).toEqual({
      mode: 'incremental',
      from: expect.stringMatching(/^2026-03-02 08:50:0\d$/),
      to: expect.stringMatching(/^2026-03-02 10:30:0\d$/),
      stampsRepeat: 3600,
    });
    expect(records.map(({ id, stamp, data }) => [id, stamp?.slice(0, 16), data['status']])).toEqual(
      [['100', '2026-03-02 10:00', 'F']],
    );
  });

  test('a record that moves out of the window while it is read is found by id with a later stamp', async () => {
    const ns = await start();
    const session = await ns.open();
    const window = await session.openWindow('salesOrder', null);
    await ns.setClock('2026-03-02T19:00:00Z');
    await ns.mutate({
      object: 'salesOrder',
      operation: 'update',
      id: '101',
      fields: { memo: 'late' },
    });

    const ids = (await readAll(session, 'salesOrder', window)).map(({ id }) => id);
    const [moved] = (await session.readByIds('salesOrder', ['101'])).records;

    expect(ids).toEqual(['100', '102']);
    expect(await session.countWindow('salesOrder', window)).toBe(2);
    expect((moved?.stamp ?? '') >= (window.to ?? '')).toBe(true);
  });

  test('a record that is gone comes as a tombstone', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '101' });

    const { records } = await session.readByIds('salesOrder', ['100', '101']);

    expect(records.map(({ id, deleted }) => [id, deleted])).toEqual([
      ['100', false],
      ['101', true],
    ]);
  });

  test('a row that the source withholds shows as a count that does not close, and its id is named', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.faults({ match: { object: 'salesOrder', id: '101' }, action: 'drop_record' });
    const window = await session.openWindow('salesOrder', null);

    const ids = (await readAll(session, 'salesOrder', window)).map(({ id }) => id);

    expect(await session.countWindow('salesOrder', window)).toBe(3);
    expect(ids).toEqual(['100', '102']);
    const keys = (await session.listKeys('salesOrder', window)) ?? [];
    expect(keys.map(({ id }) => id)).toEqual(['100', '101', '102']);
    expect(await session.readByIds('salesOrder', ['101'])).toEqual({ records: [], unreadable: [] });
  });

  test('ids that are no ids never become part of a query', async () => {
    const session = await (await start()).open();

    await expect(session.readByIds('salesOrder', ['1) OR (1=1'])).rejects.toThrow(
      'is not a NetSuite internal id',
    );
    await expect(
      session.readPage('nothing', { mode: 'full', from: null, to: null }, null),
    ).rejects.toThrow('has no stream');
  });
});

describe('the end of a window', () => {
  test('takes in a change of the very second in which it was asked for', async () => {
    const account = await start();
    const session = await account.open();
    const before = await session.openWindow('salesOrder', null);
    const [order] = await readAll(session, 'salesOrder', before);
    const id = order?.id ?? '';
    const fields = { memo: 'just now' };
    await account.mutate({ object: 'salesOrder', operation: 'update', id, fields });

    const window = await session.openWindow('salesOrder', before.to);

    const [changed] = (await session.readByIds('salesOrder', [id])).records;
    const ids = (await readAll(session, 'salesOrder', window)).map((record) => record.id);
    expect((changed?.stamp ?? '') < (window.to ?? '')).toBe(true);
    expect(ids).toContain(id);
  });
});
