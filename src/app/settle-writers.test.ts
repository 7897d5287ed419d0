import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { decideFacts, factsOf } from '../ledger/facts.ts';
import { settledInstant } from './settle-writers.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

test('what was recorded up to the instant can be read once it is given, also what was still being committed', async () => {
  let given: Promise<Date> | undefined;
  let settled = false;
  await db.store.withTenant(db.tenantId, async (tx) => {
    await decideFacts(tx, 'publisher', [{ externalRef: 'p', name: 'Fable' }]);
    given = settledInstant(db.store, db.tenantId).finally(() => (settled = true));
    // Commits as soon as somebody waits for it, or nobody does.
    while (!settled && !(await somebodyWaits())) await new Promise(setImmediate);
  });

  const knownAt = (await given) ?? new Date(0);
  const known = await db.store.readTenant(db.tenantId, (tx) =>
    factsOf(tx, 'publisher', { knownAt }),
  );

  expect(known).toHaveLength(1);
  expect(waited).toBe(true);
});

let waited = false;

async function somebodyWaits(): Promise<boolean> {
  const [row] = await db.store.asOwner((tx) =>
    tx.sql<{ waits: boolean }>(
      `select exists (select from pg_locks l where l.locktype = 'advisory' and not l.granted
         and l.database = (select d.oid from pg_database d where d.datname = current_database())) as waits`,
    ),
  );
  waited ||= row?.waits ?? false;
  return waited;
}
