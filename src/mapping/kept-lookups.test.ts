import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import type { Json } from '../kernel/hash.ts';
import { loadLookups } from './load-lookups.ts';
import { changeLookupTable, holdLookups, makeLookupTable } from './kept-lookups.ts';
import { missingKeys, recordUses, watchLookups } from './lookup-uses.ts';
import { lookupTables } from './lookups.ts';

let db: TestStore;

beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db?.close());

const inTenant = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const make = (name: string, entries: Readonly<Record<string, Json>>) =>
  inTenant((tx) => makeLookupTable(tx, { name, title: '', note: '', person: 'test', entries: new Map(Object.entries(entries)) })); // prettier-ignore
const set = (name: string, entries: Readonly<Record<string, Json>>) =>
  inTenant((tx) => changeLookupTable(tx, { name, seen: null, action: 'set', note: '', person: 'test', set: new Map(Object.entries(entries)), remove: [] })); // prettier-ignore

test('a table is read by mappings of its own company, and of no other', async () => {
  await make('skus', { A: 'SKU-A', N: null });
  const own = await inTenant((tx) => loadLookups(tx, ['skus', 'absent']));
  const others = await db.store.withTenant(db.otherTenantId, (tx) => loadLookups(tx, ['skus']));

  expect([own.get('skus', 'A'), own.get('skus', 'N'), own.get('skus', 'B')]).toEqual([
    'SKU-A',
    null,
    undefined,
  ]);
  expect([own.get('absent', 'A'), others.get('skus', 'A')]).toEqual([undefined, undefined]);
});

test('a change waits for the page that is mapped with the table, and so sees what its records asked for', async () => {
  await make('held', { A: '1' });
  const order: string[] = [];
  let go = (): void => undefined;
  const mapped = new Promise<void>((resolve) => {
    go = resolve;
  });
  const page = inTenant(async (tx) => {
    await holdLookups(tx);
    order.push('page begins');
    await mapped;
    order.push('page ends');
  });
  while (order.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const change = set('held', { A: '2' }).then(() => order.push('changed'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  go();
  await Promise.all([page, change]);

  expect(order).toEqual(['page begins', 'page ends', 'changed']);
});

test('what a record asked for is what it asked for last, each key once, under each mapping of its own', async () => {
  await make('names', { A: '1' });
  const ask = async (mappingId: string, id: string, keys: readonly string[]): Promise<void> => {
    const watched = watchLookups(lookupTables({ names: { A: '1' } }));
    for (const key of [...keys, ...keys]) watched.get('names', key);
    const scope = { connection: 'crm', stream: 'Account', mappingId };
    await inTenant((tx) => recordUses(tx, scope, [{ id, uses: watched.take() }]));
  };
  const missing = () =>
    inTenant((tx) => missingKeys(tx, 'names', ['one', 'two'], { offset: 0, limit: 10 }));

  await ask('one', 'r1', ['A', 'B']);
  await ask('one', 'r2', ['B', 'C"\\']);
  await ask('two', 'r1', ['B']);
  const before = await missing();
  await ask('one', 'r2', ['A']);
  const after = await missing();
  await set('names', { B: '2' });

  expect(before.map(({ key, records }) => [key, records])).toEqual([
    ['B', 2],
    ['C"\\', 1],
  ]);
  expect(after.map(({ key, records }) => [key, records])).toEqual([['B', 1]]);
  expect(after[0]?.samples.map(({ recordId, mappingId }) => [recordId, mappingId])).toEqual([
    ['r1', 'one'],
    ['r1', 'two'],
  ]);
  expect(await missing()).toEqual([]);
});
