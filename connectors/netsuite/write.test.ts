import { afterEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { WriteRequest } from '../../src/sdk/write.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';

let running: NetSuiteUnderTest | null = null;

async function start(): Promise<NetSuiteUnderTest> {
  running = await startNetSuite();
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = null;
});

const order = (externalId: string, changes: JsonObject = {}): WriteRequest => ({
  externalId,
  intentId: `intent-${externalId}`,
  vendorId: null,
  fields: {
    entity: { id: '10' },
    subsidiary: { id: '2' },
    currency: { symbol: 'USD' },
    tranDate: '2026-03-02',
    memo: 'Deal 77',
    custbody_trueup_opportunity: '006A000001AbCdEIAV',
    item: {
      items: [
        {
          item: { itemId: 'MER-CORE' },
          quantity: '25',
          rate: '120.5',
          custcol_trueup_service_start: '2026-03-01',
          custcol_trueup_service_end: '2027-02-28',
          custcol_trueup_entitlement: 'ent_1',
        },
        { item: { id: '22' }, quantity: '1', rate: '1500' },
      ],
    },
    ...changes,
  },
});

describe('writing', () => {
  test('a new order starts in Pending Approval and is read back as it was written', async () => {
    const ns = await start();
    const session = await ns.open();

    const [result] = await session.write('salesOrder', [order('DEAL77')]);
    const [record] = await session.readBack('salesOrder', ['DEAL77', 'NEVER-WRITTEN']);

    expect(result).toEqual({
      kind: 'applied',
      externalId: 'DEAL77',
      vendorId: record?.vendorId,
      warnings: [],
    });
    expect(record?.intentId).toBe('intent-DEAL77');
    expect(record?.fields).toMatchObject({
      entity: { id: '10' }, subsidiary: { id: '2' }, currency: { id: '1', symbol: 'USD' }, tranDate: '2026-03-02', memo: 'Deal 77',
      status: { id: 'A' }, externalId: 'DEAL77', custbody_trueup_opportunity: '006A000001AbCdEIAV', total: '4512.5',
      item: { items: [
        { line: '1', item: { id: '20', itemId: 'MER-CORE' }, quantity: '25', rate: '120.5', amount: '3012.5', custcol_trueup_service_start: '2026-03-01', custcol_trueup_service_end: '2027-02-28', custcol_trueup_entitlement: 'ent_1', isClosed: false },
        { line: '2', item: { id: '22', itemId: 'SVC-ONB' }, quantity: '1', rate: '1500' },
      ] },
    }); // prettier-ignore
  });

  test('an order that is written twice under one external id is one order with the second content', async () => {
    const ns = await start();
    const session = await ns.open();

    await session.write('salesOrder', [order('DEAL77')]);
    const lines = { items: [{ item: { itemId: 'MER-CORE' }, quantity: '30', rate: '120.5' }] };
    await session.write('salesOrder', [
      { ...order('DEAL77', { item: lines }), intentId: 'second' },
    ]);
    const orders = (await ns.records('salesOrder')).filter(
      ({ externalId }) => externalId === 'DEAL77',
    );
    const oracle = await ns.oracle();

    expect(orders).toHaveLength(1);
    expect(orders[0]).toMatchObject({
      custbody_trueup_intent: 'second',
      item: { items: [{ quantity: 30, line: 1 }], totalResults: 1 },
    });
    expect(
      oracle.map(({ object, externalId, intentId, operation }) => [
        object,
        externalId,
        intentId,
        operation,
      ]),
    ).toEqual([
      ['salesOrder', 'DEAL77', 'intent-DEAL77', 'create'],
      ['salesOrder', 'DEAL77', 'second', 'update'],
    ]);
  });

  test('an undeclared field is refused and named, and nothing of the record is kept', async () => {
    const ns = await start();
    const session = await ns.open();

    const results = await session.write('salesOrder', [
      order('GOOD'),
      order('BAD', { custbody_made_up: 'x' }),
    ]);

    expect(results[0]).toMatchObject({ kind: 'applied', externalId: 'GOOD' });
    expect(results[1]).toMatchObject({
      kind: 'rejected',
      externalId: 'BAD',
      code: 'INVALID_CONTENT',
      field: 'custbody_made_up',
    });
    expect((await session.readBack('salesOrder', ['BAD'])).length).toBe(0);
  });

  test.each([
    [
      'an item that NetSuite does not have',
      { item: { items: [{ item: { itemId: 'NOPE' }, quantity: '1', rate: '1' }] } },
      'unknown_reference',
      'item.items[0].item',
    ],
    [
      'a currency that NetSuite does not have',
      { currency: { symbol: 'XXX' } },
      'unknown_reference',
      'currency',
    ],
    ['a customer that does not exist', { entity: { id: '999' } }, 'INVALID_KEY_OR_REF', 'entity'],
    ['no customer', { entity: null }, 'USER_ERROR', 'entity'],
    ['no lines', { item: { items: [] } }, 'USER_ERROR', 'item'],
    [
      'a line field that is not declared',
      { item: { items: [{ item: { id: '20' }, quantity: '1', rate: '1', custcol_made_up: 'x' }] } },
      'INVALID_CONTENT',
      'item.items[0].custcol_made_up',
    ],
    ['a date that is none', { tranDate: '2026-02-30' }, 'INVALID_CONTENT', 'tranDate'],
  ])('%s is rejected with the field named', async (_title, changes, code, field) => {
    const session = await (await start()).open();

    const [result] = await session.write('salesOrder', [order('DEAL77', changes)]);

    expect(result).toMatchObject({ kind: 'rejected', code, field });
  });

  test('a line is closed by writing it again with isClosed, and a billed line cannot be dropped', async () => {
    const ns = await start();
    const session = await ns.open();
    const closed = {
      items: [
        { line: '1', item: { id: '20' }, isClosed: true },
        { line: '2', item: { id: '22' }, isClosed: true },
      ],
    };

    const [reopened] = await session.write('salesOrder', [
      { externalId: 'EARLIER-1', intentId: 'i', vendorId: null, fields: { item: closed } },
    ]);
    const [billed] = await session.write('salesOrder', [
      {
        externalId: 'X',
        intentId: 'i',
        vendorId: '102',
        fields: { item: { items: [{ item: { id: '20' }, quantity: '1', rate: '1' }] } },
      },
    ]);
    const [record] = await session.readBack('salesOrder', ['EARLIER-1']);

    expect(reopened?.kind).toBe('applied');
    expect(record?.fields).toMatchObject({
      status: { id: 'H' },
      item: { items: [{ isClosed: true, quantity: '25' }, { isClosed: true }] },
    });
    expect(billed).toMatchObject({ kind: 'rejected', code: 'USER_ERROR', field: 'item' });
  });

  test('a warning that NetSuite gives on a saved record is collected', async () => {
    const session = await (await start()).open();

    const [result] = await session.write('salesOrder', [order('DEAL77', { otherRefNum: 'PO-77' })]);

    expect(result).toMatchObject({
      kind: 'applied',
      warnings: ['This PO number was used before on SO100.'],
    });
  });

  test('an estimate is written with its own fields', async () => {
    const session = await (await start()).open();

    const [result] = await session.write('estimate', [
      order('RENEW1', {
        custbody_trueup_renewal_of: 'ren_1',
        expectedCloseDate: '2027-01-31',
        dueDate: '2027-02-28',
        title: 'Renewal 2027',
      }),
    ]);
    const [record] = await session.readBack('estimate', ['RENEW1']);

    expect(result?.kind).toBe('applied');
    expect(record?.fields).toMatchObject({
      custbody_trueup_renewal_of: 'ren_1',
      title: 'Renewal 2027',
      status: { id: 'A' },
    });
  });
});

describe('when no answer comes', () => {
  test('an order that was applied before the connection broke is unknown, and read-back finds it', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.faults({ match: { method: 'PUT' }, action: 'apply_then_reset', times: 1 });

    const [result] = await session.write('salesOrder', [order('DEAL77')]);
    const [record] = await session.readBack('salesOrder', ['DEAL77']);

    expect(result).toMatchObject({ kind: 'unknown', externalId: 'DEAL77', mayArrive: true });
    expect(record?.intentId).toBe('intent-DEAL77');
    expect(await ns.oracle()).toHaveLength(1);
  });

  test('an order whose answer never comes times out as unknown and is sent once', async () => {
    const ns = await start();
    const session = await ns.open({ timeoutSeconds: '0.4' });
    await ns.faults({ match: { method: 'PUT' }, action: 'apply_then_hang' });

    const [result] = await session.write('salesOrder', [order('DEAL77')]);

    expect(result).toMatchObject({ kind: 'unknown', externalId: 'DEAL77', mayArrive: true });
    expect(await ns.oracle()).toHaveLength(1);
  });

  test('of a batch, only the request that got no answer is unknown', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.faults({ match: { method: 'PUT', path: 'TWO' }, action: 'status', status: 503 });

    const results = await session.write('salesOrder', [order('ONE'), order('TWO'), order('THREE')]);

    expect(results.map(({ kind, externalId }) => [kind, externalId])).toEqual([
      ['applied', 'ONE'],
      ['unknown', 'TWO'],
      ['applied', 'THREE'],
    ]);
    expect(
      (await session.readBack('salesOrder', ['ONE', 'TWO', 'THREE'])).map(
        ({ externalId }) => externalId,
      ),
    ).toEqual(['ONE', 'THREE']);
  });

  test('a login that ends in the middle of a batch says nothing about the requests that were answered or lost', async () => {
    const ns = await start();
    const session = await ns.open();
    await session.check();
    await ns.faults(
      { match: { method: 'PUT', path: 'ONE' }, action: 'status', status: 401 },
      { match: { method: 'PUT', path: 'TWO' }, action: 'apply_then_reset' },
    );

    const results = await session.write('salesOrder', [order('ONE'), order('TWO'), order('THREE')]);

    expect(results).toMatchObject([
      { kind: 'retry', externalId: 'ONE', code: 'auth_expired' },
      { kind: 'unknown', externalId: 'TWO' },
      { kind: 'applied', externalId: 'THREE' },
    ]);
  });

  test('a failure while the references are looked up is one before anything was sent', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.faults({ match: { path: 'suiteql' }, action: 'status', status: 503 });

    const [result] = await session.write('salesOrder', [order('DEAL77')]);

    expect(result).toMatchObject({ kind: 'retry', externalId: 'DEAL77' });
  });

  test('a busy account (429) is asked again later and never counted as refused', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.faults({ match: { method: 'PUT' }, action: 'status', status: 429 });

    const [result] = await session.write('salesOrder', [order('DEAL77')]);

    expect(result).toMatchObject({ kind: 'retry', externalId: 'DEAL77' });
    expect(await ns.oracle()).toHaveLength(0);
  });

  test('an address at which nobody listens is a request that was never sent', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.stop();
    running = null;

    const results = await session.write('salesOrder', [
      order('DEAL77', {
        currency: { id: '1' },
        item: { items: [{ item: { id: '20' }, quantity: '1', rate: '1' }] },
      }),
    ]);

    expect(results).toEqual([
      expect.objectContaining({ kind: 'retry', code: 'remote_unavailable' }),
    ]);
  });
});
