import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Page, SourceRecord } from '../sdk/record.ts';
import { streamState } from './checkpoints.ts';
import { addConnection } from './connections.ts';
import { landedRecords, landPage } from './landing.ts';
import { listQuarantine } from './quarantine.ts';
import { getRun, openRun } from './runs.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
  await db.store.withTenant(db.tenantId, (tx) =>
    addConnection(tx, {
      id: 'crm',
      connector: 'salesforce',
      role: 'crm',
      config: {},
      allowPrivateNetwork: false,
    }),
  );
});
afterAll(() => db.close());

const rec = (id: string, stamp: string, data: JsonObject, deleted = false): SourceRecord => ({
  id,
  stamp,
  deleted,
  data,
});
const page = (records: readonly SourceRecord[], next: JsonObject | null = null): Page => ({
  records,
  unreadable: [],
  next,
});

async function newRun(stream: string): Promise<string> {
  return db.store.withTenant(db.tenantId, (tx) =>
    openRun(tx, {
      connection: 'crm',
      trigger: 'person',
      requestedBy: 'test',
      full: false,
      streams: [stream],
    }),
  );
}

async function land(runId: string, stream: string, pageNumber: number, content: Page) {
  return db.store.withTenant(db.tenantId, (tx) =>
    landPage(tx, { runId, connection: 'crm', stream, pageNumber }, content),
  );
}

const openOf = async (stream: string): Promise<readonly string[]> => {
  const rows = await db.store.readTenant(db.tenantId, (tx) => listQuarantine(tx, { status: 'open', limit: 100 }));
  return rows.filter((row) => row.stream === stream).map((row) => row.recordId);
}; // prettier-ignore

const sumsOf = async (runId: string) => {
  const run = await db.store.readTenant(db.tenantId, (tx) => getRun(tx, runId));
  return run.streams[0];
};

describe('landing a page', () => {
  test('counts created, updated, unchanged and superseded, and the sums are made from rows', async () => {
    const first = await newRun('Account');
    await land(
      first,
      'Account',
      0,
      page([
        rec('a', '1', { Name: 'A' }),
        rec('b', '1', { Name: 'B' }),
        rec('c', '5', { Name: 'C' }),
      ]),
    );
    const second = await newRun('Account');
    await land(second, 'Account', 0, page([
      rec('a', '1', { Name: 'A' }),
      rec('b', '2', { Name: 'B2' }),
      rec('c', '4', { Name: 'older' }),
      rec('d', '1', { Name: 'D' }),
      rec('d', '2', { Name: 'D2' }),
    ])); // prettier-ignore

    const sums = await sumsOf(second);

    expect(sums).toMatchObject({
      landed: 5,
      created: 1,
      updated: 1,
      unchanged: 1,
      superseded: 2,
      rejected: 0,
      quarantined: 0,
    });
    const held = await db.store.readTenant(db.tenantId, (tx) =>
      landedRecords(tx, 'crm', 'Account', ['b', 'c', 'd']),
    );
    expect(Object.fromEntries(held.map((each) => [each.recordId, each.data['Name']]))).toEqual({
      b: 'B2',
      c: 'C',
      d: 'D2',
    });
  });

  test('two pages may land in one transaction, each with its own records', async () => {
    const runId = await newRun('Order');
    const target = { runId, connection: 'crm', stream: 'Order' };

    const landed = await db.store.withTenant(db.tenantId, async (tx) => {
      const first = page([rec('a', '1', { n: 1 })], { after: 'a' });
      await landPage(tx, { ...target, pageNumber: 0 }, first);
      await landPage(tx, { ...target, pageNumber: 1 }, page([rec('b', '1', { n: 2 })]));
      return landedRecords(tx, 'crm', 'Order', ['a', 'b']);
    });

    expect(new Map(landed.map(({ recordId, data }) => [recordId, data['n']]))).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
  });

  test('an id of any characters is found again', async () => {
    const ids = ['a"b', 'a\\b', '{a,b}', ' a ', 'NULL', 'ä\tb', "o'clock"];
    const first = await newRun('Odd');
    await land(first, 'Odd', 0, page(ids.map((id) => rec(id, '1', { id }))));

    const again = await newRun('Odd');
    await land(again, 'Odd', 0, page(ids.map((id) => rec(id, '1', { id }))));

    expect(await sumsOf(again)).toMatchObject({ unchanged: ids.length, created: 0 });
  });

  test('the order of a record’s fields is no change', async () => {
    const first = await newRun('Product2');
    await land(first, 'Product2', 0, page([rec('p', '1', { A: 1, B: { x: 1, y: 2 } })]));
    const second = await newRun('Product2');

    const landed = await land(
      second,
      'Product2',
      0,
      page([rec('p', '1', { B: { y: 2, x: 1 }, A: 1 })]),
    );

    expect(landed.outcomes.n).toBe(1);
    expect(landed.changed).toBe(false);
  });

  test('F-2: a failure after the records leaves neither records nor checkpoint', async () => {
    const runId = await newRun('Asset');

    const failed = db.store.withTenant(db.tenantId, async (tx) => {
      await landPage(
        tx,
        { runId, connection: 'crm', stream: 'Asset', pageNumber: 0 },
        page([rec('x', '1', {})], { after: 'x' }),
      );
      throw new Error('killed');
    });

    await expect(failed).rejects.toThrow('killed');
    const state = await db.store.readTenant(db.tenantId, (tx) => streamState(tx, runId, 'Asset'));
    expect(state).toMatchObject({ pages: 0, token: null });
    expect(
      await db.store.readTenant(db.tenantId, (tx) => landedRecords(tx, 'crm', 'Asset', ['x'])),
    ).toEqual([]);
  });

  test('the same page landed twice is refused, so two workers cannot both count it', async () => {
    const runId = await newRun('Order');
    await land(runId, 'Order', 0, page([rec('o', '1', {})], { after: 'o' }));

    await expect(land(runId, 'Order', 0, page([rec('o', '1', {})]))).rejects.toThrow(
      'landed by another worker',
    );
  });

  test('F-63: what cannot be kept waits in quarantine with its reason; the rest of the page lands', async () => {
    const runId = await newRun('Contract');

    await land(runId, 'Contract', 0, {
      records: [
        rec('ok', '1', { Name: 'fine' }),
        rec('nul', '1', { Name: 'a\u0000b' }),
        rec('big', '1', { Name: 'x'.repeat(600_000) }),
      ],
      unreadable: [{ id: null, code: 'no_id', reason: 'The row has no id.', outcome: 'rejected' }],
      next: null,
    });

    expect(await sumsOf(runId)).toMatchObject({
      landed: 4,
      created: 1,
      rejected: 1,
      quarantined: 2,
    });
    const waiting = await db.store.readTenant(db.tenantId, (tx) =>
      listQuarantine(tx, { limit: 10 }),
    );
    expect(waiting.map((each) => each.code).toSorted()).toEqual([
      'no_id',
      'nul_character',
      'record_too_large',
    ]);
  });

  test('a record that cannot be kept and comes twice in one page is one row that waits', async () => {
    const runId = await newRun('Twice');
    const unreadable = { id: 'x', code: 'odd', reason: 'It is odd.', outcome: 'quarantined' } as const;

    await land(runId, 'Twice', 0, { records: [], unreadable: [unreadable, unreadable], next: null });

    expect(await openOf('Twice')).toEqual(['x']);
  }); // prettier-ignore

  test('a record that was corrected at its source and lands waits for nobody any more', async () => {
    const first = await newRun('Mended');
    await land(first, 'Mended', 0, page([rec('a', '1', { Name: 'a\u0000b' }), rec('b', '1', { Name: 'c\u0000d' })]));
    const second = await newRun('Mended');

    await land(second, 'Mended', 0, page([rec('a', '2', { Name: 'ab' })]));

    expect(await openOf('Mended')).toEqual(['b']);
  }); // prettier-ignore

  test('a tombstone is a change of content even when the data is the same', async () => {
    const first = await newRun('Opportunity');
    await land(first, 'Opportunity', 0, page([rec('w', '1', { Name: 'W' })]));
    const second = await newRun('Opportunity');

    const landed = await land(second, 'Opportunity', 0, page([rec('w', '2', { Name: 'W' }, true)]));

    expect(landed.outcomes.u).toBe(1);
  });

  test('F-35: a later tombstone that knows less takes nothing from what an earlier one told', async () => {
    const data = async () => {
      const [record] = await db.store.readTenant(db.tenantId, (tx) =>
        landedRecords(tx, 'crm', 'Merged', ['loser']),
      );
      return { ...record?.data, stamp: record?.stamp };
    };
    const landOne = async (record: SourceRecord) =>
      (await land(await newRun('Merged'), 'Merged', 0, page([record]))).outcomes;
    const rich = { Id: 'loser', Name: 'L', MasterRecordId: 'survivor' };
    await landOne(rec('loser', '1', { Id: 'loser', Name: 'Alive', Type: 'Customer' }));
    await landOne(rec('loser', '2', rich, true));

    const bare = await landOne(rec('loser', '3', { Id: 'loser' }, true));
    const kept = await data();
    const again = await landOne({ id: 'loser', stamp: null, deleted: true, data: { Id: 'loser' } });
    await landOne(rec('loser', '4', { Id: 'loser', Name: 'Back' }));

    expect([bare.n, again.n]).toEqual([1, 1]);
    expect(kept).toEqual({ ...rich, stamp: '2' });
    expect(await data()).toEqual({ Id: 'loser', Name: 'Back', stamp: '4' });
  });
});
