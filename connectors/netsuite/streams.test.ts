import { afterEach, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../src/kernel/hash.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';
import { Config } from './config.ts';
import netsuite from './index.ts';
import { STREAM_NAMES } from './stream-names.ts';
import { STREAM_PLANS } from './streams.ts';
import { FIXTURE_WORLD } from './twin/fixture-world.ts';

let running: NetSuiteUnderTest | null = null;

async function open(settings: JsonObject = {}, config: JsonObject = {}): Promise<ConnectorSession> {
  running = await startNetSuite({
    ...FIXTURE_WORLD,
    settings: { ...FIXTURE_WORLD.settings, ...settings },
  });
  return await running.open(config);
}

afterEach(async () => {
  await running?.stop();
  running = null;
});

async function dataOf(session: ConnectorSession, stream: string): Promise<readonly JsonObject[]> {
  const window = await session.openWindow(stream, null);
  const { records, unreadable } = await session.readPage(stream, window, null);
  expect(unreadable).toEqual([]);
  return records.map(({ data }) => data);
}

describe('what is bought', () => {
  test('a purchase order lands with what was ordered, received and billed of each line', async () => {
    const [order] = await dataOf(await open(), 'purchaseOrder');

    expect(order).toMatchObject({
      id: '300', tranid: 'PO300', entity: '30', currency: 'USD', trandate: '2026-01-15', status: 'E', department: '41',
      subsidiary: '2', foreigntotal: '640',
    }); // prettier-ignore
    expect(order?.['lines']).toEqual([
      { line: '1', item: '21', itemid: 'MER-PLUS', quantity: '10', rate: '80', amount: '800', isclosed: false, quantityreceived: '6', quantitybilled: '4', custcol_trueup_service_start: '2026-03-01', custcol_trueup_service_end: '2027-02-28' },
      { line: '2', item: '21', itemid: 'MER-PLUS', quantity: '-2', rate: '80', amount: '-160', isclosed: false, quantityreceived: '-2' },
    ]); // prettier-ignore
  });

  test('a vendor lands with its subsidiary, currency and country resolved', async () => {
    expect(await dataOf(await open(), 'vendor')).toEqual([
      {
        id: '30', entityid: 'V30', companyname: 'Corvane Systems', legalname: 'Corvane Systems Inc.', email: 'orders@corvane.example',
        vatregnumber: 'US-77', subsidiary: '2', currency: 'USD', country: 'US', isinactive: false, lastmodifieddate: '2026-01-04 10:00:00',
      },
    ]); // prettier-ignore
  });

  test('a bill names the purchase order that it comes from, with positive lines', async () => {
    const [bill] = await dataOf(await open(), 'vendorBill');

    expect(bill).toMatchObject({ id: '310', createdfrom: '300', foreigntotal: '320', duedate: '2026-03-11' }); // prettier-ignore
    expect(bill?.['lines']).toEqual([
      { line: '1', item: '21', itemid: 'MER-PLUS', quantity: '4', rate: '80', amount: '320' },
    ]);
  });
});

describe('what is sold', () => {
  test('a credit memo names its invoice, and its lines show what a person sees', async () => {
    const [memo] = await dataOf(await open(), 'creditmemo');

    expect(memo).toMatchObject({ id: '320', createdfrom: '200', currency: 'EUR', foreigntotal: '199.9' }); // prettier-ignore
    expect(memo?.['lines']).toEqual([
      { line: '1', item: '21', itemid: 'MER-PLUS', quantity: '2', rate: '99.95', amount: '199.9' },
    ]);
  });
});

describe('how the account is set up', () => {
  test.each<[string, readonly Json[]]>([
    ['department', [{ id: '40', name: 'Engineering', isinactive: false }, { id: '41', name: 'Platform', parent: '40', isinactive: false }]],
    ['currencyrate', [{ id: '60', basecurrency: 'USD', transactioncurrency: 'EUR', exchangerate: '1.0834', effectivedate: '2026-02-01', lastmodifieddate: '2026-02-01 01:00:00' }]],
    ['budget', [{ id: '70', year: '50', yearname: 'FY 2026', startdate: '2026-01-01', enddate: '2026-12-31', department: '40', departmentname: 'Engineering', subsidiary: '2', category: 'Software', amount: '250000.5', currency: 'USD' }]],
  ])('%s lands as it is', async (stream, expected) => {
    expect(await dataOf(await open(), stream)).toEqual(expected);
  }); // prettier-ignore

  test('accounting periods land with their dates and their flags', async () => {
    const [year, month] = await dataOf(await open(), 'accountingperiod');

    expect(year).toMatchObject({ periodname: 'FY 2026', isyear: true, closed: false });
    expect(month).toMatchObject({ parent: '50', startdate: '2026-01-01', enddate: '2026-01-31', closed: true }); // prettier-ignore
  });
});

describe('system notes', () => {
  test('a note tells who changed which field of which record, from what to what', async () => {
    const session = await open();
    await running?.mutate({ object: 'salesOrder', operation: 'update', id: '100', fields: { otherRefNum: 'PO-78' } }); // prettier-ignore
    await running?.setClock('2026-03-02T17:05:00Z');

    const notes = await dataOf(session, 'systemnote');

    expect(notes).toEqual([
      {
        id: '1', recordtypeid: '-30', recordid: '100', record: 'SO100', field: 'OTHERREFNUM', type: 'Change', oldvalue: 'PO-77', newvalue: 'PO-78',
        name: '-6', author: 'Dana Controller', context: 'UI', date: expect.stringMatching(/^2026-03-02 09:00:0\d$/),
      },
    ]); // prettier-ignore
  });

  test('a first read goes back for the history that is asked for, and says so in its window', async () => {
    const session = await open({}, { historyDays: 30 });

    const window = await session.openWindow('systemnote', null);

    expect(window).toMatchObject({
      mode: 'incremental',
      from: expect.stringMatching(/^2026-01-31 09:00:0\d$/),
    });
  });
});

describe('which streams a connection reads', () => {
  test('all of them but budgets, unless it says otherwise', () => {
    const read = (config: JsonObject): readonly string[] | undefined =>
      netsuite.streamsOf?.(Config.parse({ accountId: '1', ...config }));

    expect(read({})).toEqual(STREAM_NAMES.filter((name) => name !== 'budget'));
    expect(read({ streams: 'salesOrder, budget' })).toEqual(['salesOrder', 'budget']);
    expect(() => read({ streams: 'payroll' })).toThrow('Invalid option');
    expect(STREAM_PLANS.map(({ definition }) => definition.name)).toEqual(STREAM_NAMES);
  });

  test('a role that cannot see one fails its check by name, and not when it is left out', async () => {
    const denied = { denied: ['vendor', 'systemnote'] };
    const streams = STREAM_NAMES.filter((name) => name !== 'vendor').join(',');
    const session = await open(denied);
    const less = await running?.open({ streams });

    const failed = async (one: ConnectorSession | undefined): Promise<readonly string[]> =>
      ((await one?.check()) ?? []).filter(({ ok }) => !ok).map(({ name }) => name);

    expect(await failed(session)).toEqual(['read vendor', 'read systemnote']);
    expect(await failed(less)).toEqual(['read systemnote']);
  });

  test('a zone that the account does not keep is named with the one that was measured', async () => {
    const session = await open({}, { timeZone: 'Europe/Berlin' });

    const line = (await session.check()).find(({ name }) => name === 'time zone');

    expect(line).toMatchObject({ ok: false, detail: expect.stringContaining('UTC-8:00') });
  });

  test.each(STREAM_NAMES)('%s is described', async (stream) => {
    const { fields } = await (await open()).describe(stream);

    expect(fields.length).toBeGreaterThan(4);
  });
});
