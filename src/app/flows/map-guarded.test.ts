import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listQuarantine } from '../../intake/quarantine.ts';
import { getRun } from '../../intake/runs.ts';
import { StoreUnavailable } from '../../kernel/errors.ts';
import type { Builtins } from '../../mapping/builtin.ts';
import type { JobContext, MapPagePayload } from '../../sdk/flows.ts';
import { mapGuarded } from './map-guarded.ts';
import { startPull } from './start-pull.ts';

// Fault case 12: one record that breaks whoever maps it.

const STREAM = 'Account';

let world: Harness;
let runId: string;
beforeAll(async () => {
  world = await startHarness();
  runId = (await startPull(world.deps, world.caller, { connection: 'crm', streams: [STREAM] }))
    .runId;
  await world.drain({ without: ['map', 'deliver'] });
}, 120_000);
afterAll(() => world?.stop());

/** The shipped mappings, with one that throws what no mapping should at a record of this id. */
function breakingAt(id: string): Builtins {
  const { mappings } = world.deps;
  return {
    ...mappings,
    plan: (mapping) => {
      const plan = mappings.plan(mapping);
      if (plan.kind !== 'inbound') return plan;
      const mapRecord: typeof plan.mapRecord = (record, context) => {
        if (record.id === id) throw new TypeError('Cannot read properties of undefined');
        return plan.mapRecord(record, context);
      };
      return { ...plan, mapRecord };
    },
  };
}

/** One attempt at every page that waits, as a worker makes them; how many of them broke. */
async function attempt(mappings: Builtins, hold: JobContext['hold'] = async () => undefined) {
  const { tenantId } = world.caller;
  const pages = await world.inTx((tx) =>
    tx.sql<MapPagePayload>(
      `select run_id as "runId", stream, page_number as "pageNumber" from run_page
       where run_id = $1 and mapped_at is null order by page_number`,
      [runId],
    ),
  );
  const context = { tenantId, signal: new AbortController().signal, hold };
  let broke = 0;
  for (const page of pages) {
    await mapGuarded({ ...world.deps, mappings }, context, page).catch(() => (broke += 1));
  }
  return { pages: pages.length, broke };
}

const mappedIds = async (): Promise<ReadonlySet<string>> => {
  const rows = await world.inTx((tx) =>
    tx.sql<{ id: string }>(`select distinct record_id as id from fact where stream = $1`, [STREAM]),
  );
  return new Set(rows.map(({ id }) => id));
};

test('F-12: is quarantined after three attempts and the halving of its page; all others are mapped', async () => {
  const ids = (await world.inTx((tx) => tx.sql<{ id: string }>(`select record_id as id from source_record where stream = $1`, [STREAM]))).map(({ id }) => id); // prettier-ignore
  const [poison = ''] = ids;
  const mappings = breakingAt(poison);

  let attempts = 0;
  let broke = 0;
  for (let left = 1; left > 0; attempts += 1) {
    const tried = await attempt(mappings);
    broke += tried.broke;
    left = tried.pages;
    if (attempts > 100) throw new Error('The page never ends.');
  }
  const waiting = await world.inTx((tx) =>
    listQuarantine(tx, { status: 'open', runId, limit: 50 }),
  );
  const run = await world.inTx((tx) => getRun(tx, runId));

  expect(new Set(waiting.map(({ recordId, code }) => `${recordId} ${code}`))).toEqual(
    new Set([`${poison} mapping_breaks`]),
  );
  expect(run.streams).toMatchObject([{ unmappedPages: 0, landed: ids.length }]);
  expect(broke).toBeLessThanOrEqual(3 + Math.ceil(Math.log2(ids.length)));
  const mapped = await mappedIds();
  expect(ids.filter((id) => !mapped.has(id))).toEqual([poison]);
});

test('a store that is away is no fault of the page: it is not taken apart', async () => {
  await world.inTx((tx) =>
    tx.run(
      `update run_page set mapped_at = null, tries = 0 where run_id = $1 and page_number = 0`,
      [runId],
    ),
  );
  let held = 0;
  const away: JobContext['hold'] = async () => {
    held += 1;
    // Of each attempt the second transaction, that of the mapping itself.
    if (held % 3 === 2) throw new StoreUnavailable('away');
  };

  for (let time = 0; time < 6; time += 1) await attempt(world.deps.mappings, away);
  const tries = await world.inTx((tx) =>
    tx.sql(`select tries, mapped_at from run_page where run_id = $1 and page_number = 0`, [runId]),
  );

  expect(tries).toEqual([{ tries: 0, mapped_at: null }]);
});
