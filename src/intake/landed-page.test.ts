import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { SourceRecord } from '../sdk/record.ts';
import { addConnection } from './connections.ts';
import { landPage } from './landing.ts';
import { listQuarantine } from './quarantine.ts';
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

const good = (id: string, stamp: string): SourceRecord => ({ id, stamp, deleted: false, data: { stamp } }); // prettier-ignore
const bad = (id: string, stamp: string): SourceRecord => ({ id, stamp, deleted: false, data: { stamp, text: 'a\0b' } }); // prettier-ignore

async function land(records: readonly SourceRecord[]): Promise<void> {
  await db.store.withTenant(db.tenantId, async (tx) => {
    const runId = await openRun(tx, { connection: 'crm', trigger: 'person', requestedBy: 'test', full: false, streams: ['Account'] }); // prettier-ignore
    const target = { runId, connection: 'crm', stream: 'Account', pageNumber: 0 };
    await landPage(tx, target, { records, unreadable: [], next: null });
  });
}

test('of a page only what can be read leaves quarantine, what still cannot is the same entry', async () => {
  await land([good('old', '5')]);
  await land([bad('old', '6'), bad('back', '1'), bad('still', '1')]);
  await land([good('old', '4'), good('back', '2'), bad('still', '2')]);

  const rows = await db.store.readTenant(db.tenantId, (tx) => listQuarantine(tx, { limit: 10 }));

  const found = rows.map(({ recordId, status, attempts }) => `${recordId} ${status} ${attempts}`);
  expect(new Set(found)).toEqual(new Set(['back resolved 1', 'old open 1', 'still open 2']));
  expect(rows).toHaveLength(3);
});
