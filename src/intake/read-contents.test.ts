import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { Page, SourceRecord } from '../sdk/record.ts';
import { addConnection } from './connections.ts';
import { landedRecords, landPage, type LandedPage } from './landing.ts';
import { listQuarantine } from './quarantine.ts';
import { readContents } from './read-contents.ts';
import { openRun } from './runs.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
  const common = { connector: 'salesforce', role: 'crm', config: {}, allowPrivateNetwork: false };
  await db.store.withTenant(db.tenantId, async (tx) => {
    for (const id of ['ahead', 'in-turn']) await addConnection(tx, { id, ...common, role: 'crm' });
  });
});
afterAll(() => db.close());

const IDS = ['a', 'b', 'c', 'd'];
/** What cannot be kept is among them: a NUL character, half of a character, a figure with too many digits. */
const content = fc.constantFrom<SourceRecord['data']>(
  { n: 1 }, { n: 2 }, { n: 2, list: [{ z: null, a: 'x' }] }, { text: 'a\0b' }, { text: '\ud800' }, { n: 2 ** 60 },
); // prettier-ignore
const record: fc.Arbitrary<SourceRecord> = fc.record({
  id: fc.constantFrom(...IDS),
  stamp: fc.constantFrom('1', '2', '3', null),
  deleted: fc.boolean(),
  data: content,
});
const pages = fc.array(fc.array(record, { maxLength: 6 }), { minLength: 1, maxLength: 4 });

/** Lands pages one after the other in runs of their own and tells what became of them and what is held then. */
async function land(connection: string, stream: string, all: readonly Page[]) {
  const outcomes: LandedPage[] = [];
  for (const page of all) {
    outcomes.push(
      await db.store.withTenant(db.tenantId, async (tx) => {
        const runId = await openRun(tx, { connection, trigger: 'person', requestedBy: 'test', full: false, streams: [stream] }); // prettier-ignore
        return landPage(tx, { runId, connection, stream, pageNumber: 0, since: '2' }, page);
      }),
    );
  }
  return db.store.readTenant(db.tenantId, async (tx) => {
    const held = await landedRecords(tx, connection, stream, IDS);
    const quarantine = await listQuarantine(tx, { limit: 1000 });
    const waits = quarantine
      .filter((each) => each.connection === connection && each.stream === stream)
      .map(({ recordId, code, status, attempts }) => ({ recordId, code, status, attempts }));
    const versions = await tx.sql<{ readonly count: number }>(
      `select count(*)::int as count from source_record_version v where v.connection = $1 and v.stream = $2`,
      [connection, stream],
    );
    return {
      outcomes,
      held: held.toSorted((one, two) => one.recordId.localeCompare(two.recordId)),
      waits: waits.map((each) => JSON.stringify(each)).toSorted(),
      versions: versions[0]?.count,
    };
  });
}

test('pages whose contents were made ahead land as those whose contents are made in their turn', async () => {
  let streams = 0;
  await fc.assert(
    fc.asyncProperty(pages, async (all) => {
      const stream = `Stream${(streams += 1)}`;
      const plain = all.map((records): Page => ({ records, unreadable: [], next: null }));
      const ahead = await Promise.all(plain.map(readContents));

      expect(await land('ahead', stream, ahead)).toEqual(await land('in-turn', stream, plain));
    }),
    { numRuns: 40 },
  );
});

test('a record is never given the content of another that has its id', async () => {
  const records = ['1', '3', '2'].map((stamp): SourceRecord => ({ id: 'a', stamp, deleted: false, data: { stamp } })); // prettier-ignore
  const page = await readContents({ records, unreadable: [], next: null });

  const { held } = await land('ahead', 'Twice', [page]);

  expect(held.map(({ stamp, data }) => [stamp, data])).toEqual([['3', { stamp: '3' }]]);
});
