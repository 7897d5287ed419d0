import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { openRetryPages } from '../../intake/pages.ts';
import { listQuarantine } from '../../intake/quarantine.ts';
import { getRun } from '../../intake/runs.ts';
import { InternalError, StoreUnavailable } from '../../kernel/errors.ts';
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

/** The shipped mappings, with each throwing what no mapping should at records of these ids. */
function breakingAt(ids: readonly string[]): Builtins {
  const { mappings } = world.deps;
  return {
    ...mappings,
    plan: (mapping) => {
      const plan = mappings.plan(mapping);
      if (plan.kind !== 'inbound') return plan;
      const mapRecord: typeof plan.mapRecord = (record, context) => {
        if (ids.includes(record.id)) throw new TypeError('Cannot read properties of undefined');
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

/** Attempts until no page waits; how many attempts broke. */
async function attemptAll(mappings: Builtins): Promise<number> {
  let broke = 0;
  for (let attempts = 0; attempts <= 100; attempts += 1) {
    const tried = await attempt(mappings);
    broke += tried.broke;
    if (tried.pages === 0) return broke;
  }
  throw new Error('The page never ends.');
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
  const mappings = breakingAt([poison]);

  const broke = await attemptAll(mappings);
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

describe('one record that other records include', () => {
  const PARENTS = 'Opportunity';
  const LINES = 'OpportunityLineItem';

  let parent: string;
  let lines: readonly string[];
  beforeAll(async () => {
    runId = (await world.pull('crm', { streams: [PARENTS, LINES] })).id;
    const [most] = await world.inTx((tx) =>
      tx.sql<{ parent: string; lines: string[] }>(
        `select parent_id as parent, array_agg(child_id order by child_id) as lines from mapping_dependency
         where parent_stream = $1 and child_stream = $2 group by 1 order by count(*) desc, 1 limit 1`,
        [PARENTS, LINES],
      ),
    );
    ({ parent, lines } = most ?? { parent: '', lines: [] });
  }, 120_000);

  /** As if no mapping read the included records themselves. */
  const onlyIncluded = (mappings: Builtins): Builtins => ({
    ...mappings,
    mappings: mappings.mappings.filter((mapping) => {
      const plan = mappings.plan(mapping);
      return plan.kind !== 'inbound' || plan.source.stream !== PARENTS;
    }),
  });

  /** Maps the included record again until nothing waits; which records were kept aside by that, with their codes. */
  async function keptAside(mappings: Builtins): Promise<readonly string[]> {
    await world.inTx(async (tx) => {
      await tx.run(`delete from quarantine where run_id = $1`, [runId]);
      await openRetryPages(tx, { runId, stream: PARENTS }, [[parent]]);
    });
    await attemptAll(mappings);
    const rows = await world.inTx((tx) => listQuarantine(tx, { status: 'open', runId, limit: 50 }));
    const named = rows.map((row) => `${row.stage} ${row.stream} ${row.recordId} ${row.code}`);
    return [...new Set(named)].sort();
  }

  const broken = (stream: string, id: string) => `mapping ${stream} ${id} mapping_breaks`;

  test('F-12: the one of them that breaks is kept aside though no mapping reads the record itself; the others are mapped', async () => {
    const [poison = '', ...others] = lines;
    const mappings = onlyIncluded(breakingAt([poison]));
    await world.inTx((tx) => tx.run(`delete from fact where stream = $1`, [LINES]));

    const aside = await keptAside(mappings);

    expect(others.length).toBeGreaterThan(0);
    expect(aside).toEqual([broken(LINES, poison)]);
    const mapped = await world.inTx((tx) =>
      tx.sql<{ id: string }>(
        `select distinct record_id as id from fact where stream = $1 order by 1`,
        [LINES],
      ),
    );
    expect(mapped.map(({ id }) => id)).toEqual(others);
  });

  test('F-12: a record that maps is not blamed for one that includes it', async () => {
    const [poison = ''] = lines;

    const aside = await keptAside(breakingAt([poison]));

    expect(aside).toEqual([broken(LINES, poison)]);
  });

  test('F-12: it is kept aside with all that break for what it holds, also where they include each other', async () => {
    await world.inTx((tx) =>
      tx.run(
        `insert into mapping_dependency (tenant_id, connection, child_stream, mapping_id, child_id, parent_stream, parent_id)
         select tenant_id, connection, parent_stream, 'test.mutual', parent_id, child_stream, child_id
         from mapping_dependency where parent_stream = $1 and parent_id = $2 and child_stream = $3`,
        [PARENTS, parent, LINES],
      ),
    );

    const aside = await keptAside(breakingAt([parent, ...lines]));

    expect(aside).toEqual(
      [broken(PARENTS, parent), ...lines.map((id) => broken(LINES, id))].sort(),
    );
  });

  test('F-12: a page that breaks with nothing to keep aside is not taken for mapped', async () => {
    const [page] = await world.inTx(async (tx) => {
      await tx.run(`delete from mapping_dependency where parent_id = $1`, [parent]);
      return openRetryPages(tx, { runId, stream: PARENTS }, [[parent]], 3);
    });
    const { tenantId } = world.caller;
    const hold: JobContext['hold'] = async () => undefined;
    const context = { tenantId, signal: new AbortController().signal, hold };
    const deps = { ...world.deps, mappings: onlyIncluded(world.deps.mappings) };
    if (page === undefined) throw new Error('There is no page.');

    const mapping = mapGuarded(deps, context, page);

    await expect(mapping).rejects.toThrow(InternalError);
    const left = await world.inTx(
      (tx) =>
      tx.sql(`select 1 from run_page where run_id = $1 and stream = $2 and page_number = $3 and mapped_at is null`, [page.runId, page.stream, page.pageNumber]), // prettier-ignore
    );
    expect(left).toHaveLength(1);
  });
});
