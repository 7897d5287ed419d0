import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '../../support/cli.ts';
import { endsWell } from '../i1-to-i8.ts';
import { CONNECTION, startProgram, type Program } from '../program.ts';

// What people do at the vendor's screens, as in `reading.test.ts`: processes of their own, I1 to I8 after each case.

const LIMIT_MS = 150_000;
/** A stream of more than 2,000 records, from which on this connection reads by Bulk API. */
const MANY = 'OpportunityHistory';

let program: Program;
beforeAll(async () => {
  program = await startProgram({
    system: 'salesforce',
    streams: ['Account', 'Product2', MANY],
    config: { bulkFrom: 2000 },
  });
}, 240_000);
afterAll(() => program?.stop(), 60_000);
afterEach(async () => {
  await endsWell(program);
}, 240_000);

const mutate = (operation: string, id: string, more: { readonly into?: string } = {}) =>
  program.twin.post('mutate', { object: 'Account', operation, id, ...more });

async function isHeld(id: string): Promise<boolean> {
  const rows = await program.sql<{ deleted: boolean }>(
    `select r.deleted from source_record r where r.stream = 'Account' and r.record_id = $1`,
    [id],
  );
  return rows[0]?.deleted === false;
}

/** Organisations that a noun's facts name and that nobody knows. */
async function factsNaming(ref: string): Promise<number> {
  const [row] = await program.sql<{ n: number }>(
    `select count(*)::int as n from fact f where f.recorded_to = 'infinity' and f.noun = 'organization' and f.external_ref = $1`,
    [ref],
  );
  return row?.n ?? 0;
}

test(
  'F-35: deleted, brought back, purged and merged records are what the source says they are',
  async () => {
    const [binned = '', back = '', purged = '', loser = '', survivor = ''] = await program.ids('Account', 5); // prettier-ignore
    await mutate('delete', binned);
    await mutate('delete', back);
    const first = await program.read();
    const afterDeletes = [await isHeld(binned), await isHeld(back)];

    await mutate('undelete', back);
    await mutate('purge', purged);
    await mutate('merge', loser, { into: survivor });
    await program.twin.post('clock', { advanceSeconds: 5 });
    const second = await program.read();

    expect([first, second]).toEqual(['succeeded', 'succeeded']);
    expect(afterDeletes).toEqual([false, false]);
    expect(await Promise.all([back, survivor, purged, loser].map(isHeld))).toEqual([true, true, false, false]); // prettier-ignore
    await waitFor('the facts of what is gone to end', async () => {
    const left = [await factsNaming(loser), await factsNaming(purged)];
    return left.every((n) => n === 0) ? true : undefined;
  });
  expect([await factsNaming(back), await factsNaming(survivor)]).toEqual([1, 1]);
}, LIMIT_MS); // prettier-ignore

interface Name {
  readonly ref: string;
  readonly name: string | null;
}

const names = (): Promise<readonly Name[]> =>
  program.sql<Name>(
    `select f.external_ref as ref, f.body ->> 'legalName' as name from fact f
     where f.noun = 'organization' and f.recorded_to = 'infinity' and f.connection = $1 order by 1`,
    [CONNECTION],
  );

test(
  'F-36: a mapped field out of sight pauses its mapping: no null is written, other objects go on, and later it goes on',
  async () => {
    await program.read(true);
    const before = await names();
    await program.change('Account', await program.ids('Account', 4));
    await program.change('Product2', await program.ids('Product2', 2));
    await program.twin.faults({ action: 'hide_field', match: { object: 'Account' }, with: { field: 'Name' } }); // prettier-ignore

    const runId = await program.start(['Account', 'Product2'], true);
    await program.settled(runId);
    const shown = await program.home.run(['connections', 'schema', CONNECTION]);
    const products = await waitFor('the products to be mapped', async () => {
      const [row] = await program.sql<{ n: number }>(
        `select count(*)::int as n from run_page p where p.run_id = $1 and p.stream = 'Product2' and p.mapped_at is null`,
        [runId],
      );
      return row?.n === 0 ? row.n : undefined;
    });
    const during = await names();

    expect(during).toEqual(before);
    expect(during.filter(({ name }) => name === null)).toEqual([]);
    expect([shown.out.includes('Name'), products]).toEqual([true, 0]);

    await program.twin.faults();
    await program.db.store.withTenant(program.tenantId, (tx) =>
      tx.run(`update stream_schema set looked_at = app.clock() - interval '2 hours'`),
    );
    await program.read(true);
  },
  LIMIT_MS,
);

test.each([
  ['a bulk job that the vendor gives up half way', 'overload'],
  ['a bulk job whose pages the vendor has forgotten', 'expire_locator'],
])('F-41: %s is read to its end', async (_, action) => {
  await program.twin.faults({ action, match: { object: MANY }, times: 1 });

  const runId = await program.start([MANY], true);
  const status = await program.ended(runId);

  expect([status, await program.twin.firings()]).toEqual(['succeeded', [1]]);
}, LIMIT_MS); // prettier-ignore
