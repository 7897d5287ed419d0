import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { SourceRecord } from '../sdk/record.ts';
import { addConnection } from './connections.ts';
import { landedRecords, landPage, type LandedPage } from './landing.ts';
import { openRun } from './runs.ts';

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

const rec = (id: string, stamp: string, name: string): SourceRecord => ({
  id,
  stamp,
  deleted: false,
  data: { Name: name },
});

const newRun = (stream: string): Promise<string> =>
  db.store.withTenant(db.tenantId, (tx) =>
    openRun(tx, {
      connection: 'crm',
      trigger: 'person',
      requestedBy: 'test',
      full: false,
      streams: [stream],
    }),
  );

function land(
  runId: string,
  stream: string,
  records: readonly SourceRecord[],
): Promise<LandedPage> {
  const target = { runId, connection: 'crm', stream, pageNumber: 0 };
  return db.store.withTenant(db.tenantId, (tx) =>
    landPage(tx, target, { records, unreadable: [], next: null }),
  );
}

const versionsOf = (stream: string) =>
  db.store.readTenant(db.tenantId, (tx) =>
    tx.sql<{ id: string; name: string; ordered: boolean }>(
      `select v.record_id as id, v.data ->> 'Name' as name, v.landed_at < v.replaced_at as ordered
       from source_record_version v where v.stream = $1 order by v.record_id, v.landed_at`,
      [stream],
    ),
  );

describe('landing new and changed records together', () => {
  test('keeps what a changed record was, once, and nothing for one that is new or the same', async () => {
    await land(await newRun('Account'), 'Account', [rec('a', '1', 'A'), rec('b', '1', 'B')]);

    const landed = await land(await newRun('Account'), 'Account', [
      rec('a', '2', 'A2'),
      rec('b', '1', 'B'),
      rec('c', '1', 'C'),
    ]);

    expect(landed.outcomes).toEqual({ c: 1, u: 1, n: 1, s: 0, r: 0, q: 0 });
    expect(await versionsOf('Account')).toEqual([{ id: 'a', name: 'A', ordered: true }]);
    const held = await db.store.readTenant(db.tenantId, (tx) =>
      landedRecords(tx, 'crm', 'Account', ['a', 'b', 'c']),
    );
    expect(new Set(held.map((each) => each.data['Name']))).toEqual(new Set(['A2', 'B', 'C']));
  });

  test('two pages in one transaction do not mix, and no row is left for the next', async () => {
    const [one, two, three] = [await newRun('Order'), await newRun('Asset'), await newRun('Case')];
    const at = (runId: string, stream: string) => ({
      runId,
      connection: 'crm',
      stream,
      pageNumber: 0,
    });
    const page = (id: string) => ({ records: [rec(id, '1', id)], unreadable: [], next: null });

    await db.store.withTenant(db.tenantId, async (tx) => {
      await landPage(tx, at(one, 'Order'), page('o'));
      await landPage(tx, at(two, 'Asset'), page('x'));
    });
    await db.store.withTenant(db.tenantId, (tx) => landPage(tx, at(three, 'Case'), page('k')));

    const held = await db.store.readTenant(db.tenantId, (tx) =>
      tx.sql<{ place: string }>(
        `select r.stream || ' ' || r.record_id as place from source_record r where r.stream in ('Order', 'Asset', 'Case')`,
      ),
    );
    expect(held.map((each) => each.place).toSorted()).toEqual(['Asset x', 'Case k', 'Order o']);
  });

  test('two runs that read the same records at once land one after the other, and none fails', async () => {
    const records = Array.from({ length: 200 }, (_, at) => rec(`r${at}`, '1', `R${at}`));
    const runs = await Promise.all([1, 2, 3].map(() => newRun('Contract')));

    const landed = await Promise.all(runs.map((runId) => land(runId, 'Contract', records)));

    expect(landed.map((each) => each.outcomes.c).toSorted((a, b) => a - b)).toEqual([0, 0, 200]);
    expect(landed.map((each) => each.outcomes.n).toSorted((a, b) => a - b)).toEqual([0, 200, 200]);
  });
});
