import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { textOf } from '../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../test/support/flow-harness.ts';
import { memoryRecord, memorySource, type MemorySource } from '../../test/support/memory-source.ts';
import { listAudit } from '../audit/list-audit.ts';
import { getRun, listRuns } from '../intake/runs.ts';
import { factsOf } from '../ledger/facts.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import { decidePeopleHold } from './flows/decide-people-hold.ts';
import { listPeopleHolds } from './flows/list-people-holds.ts';
import { pullStream } from './flows/pull-stream.ts';
import { putPeopleLimits } from './flows/put-people-limits.ts';
import { showPeopleHold } from './flows/show-people-hold.ts';
import { startPull } from './flows/start-pull.ts';

// A login that loses a right sees fewer records, which reads like a mass deletion.

const STREAM = 'Account';
const FULL = { mode: 'full', from: null, to: null } as const;
const SIZE = 100;

let world: Harness;
let source: MemorySource;
beforeAll(async () => {
  world = await startHarness();
}, 120_000);
afterAll(() => world?.stop());

const sql = (text: string) => world.inTx((tx) => tx.run(text));
const idsOf = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => `r${String(from + at).padStart(3, '0')}`);
const everything = idsOf(0, SIZE);

beforeEach(async () => {
  await sql(`delete from source_record where stream = '${STREAM}'`);
  await sql(`delete from stream_checkpoint where stream = '${STREAM}'`);
  await sql(`update people_removal set status = 'withdrawn', settled_at = app.clock()`);
  await sql(`update people_hold set status = 'withdrawn' where status = 'open'`);
  source = memorySource(everything.map((id) => memoryRecord(id, null)));
  await read();
});

/** Goes on with a run of the stream, by a session over the source. */
async function goOn(runId: string, replace: Partial<ConnectorSession> = {}) {
  const { deps, caller } = world;
  const real = await deps.sessions.of(caller.tenantId, 'crm');
  // Only what a test gives it tells of deletions.
  const session = {
    ...real,
    ...source.over(FULL),
    deletionsOf: async () => new Set<string>(),
    ...replace,
  };
  const context = {
    tenantId: caller.tenantId,
    signal: new AbortController().signal,
    hold: async () => undefined,
  };
  const sessions = { ...deps.sessions, of: async () => session };
  await pullStream({ ...deps, sessions }, context, { runId, stream: STREAM });
  const run = await world.inTx((tx) => getRun(tx, runId));
  return run.streams[0];
}

async function read(
  replace: Partial<ConnectorSession> = {},
  how: { readonly full?: boolean } = {},
) {
  const input = { connection: 'crm', streams: [STREAM], ...how };
  const { runId } = await startPull(world.deps, world.caller, input);
  return goOn(runId, replace);
}

const hide = (ids: readonly string[]): void => {
  for (const id of ids) source.records.delete(id);
};
const show = (ids: readonly string[]): void => {
  for (const id of ids) source.records.set(id, memoryRecord(id, null));
};
const held = async (): Promise<number> => {
  const rows = await world.inTx((tx) =>
    tx.sql<{ n: number }>(
      `select count(*)::int as n from source_record where stream = $1 and not deleted`,
      [STREAM],
    ),
  );
  return rows[0]?.n ?? 0;
};
const holds = () => listPeopleHolds(world.deps, world.caller, { limit: 50 });
const decide = (id: string, decision: 'confirmed' | 'rejected') =>
  decidePeopleHold(world.deps, world.caller, { id, decision });
const newestRun = async (): Promise<string> => {
  const [run] = await world.inTx((tx) => listRuns(tx, { connection: 'crm', limit: 1 }));
  return run?.id ?? '';
};

describe('records that a full read does not show any more', () => {
  test('end where they are few, and the certificate says how many', async () => {
    hide(everything.slice(0, 20));

    const stream = await read();

    expect(stream).toMatchObject({
      status: 'succeeded',
      certificate: { closed: true, removed: 20, held: 0 },
    });
    expect(await held()).toBe(SIZE - 20);
  });

  test('are held where they are many bit by bit, and not once the day is over', async () => {
    const lost: number[] = [];
    for (const from of [0, 12]) {
      hide(everything.slice(from, from + 12));
      await read();
      lost.push(SIZE - (await held()));
    }
    await sql(`update people_removal set status = 'withdrawn' where status = 'held'`);
    await sql(`update people_hold set status = 'withdrawn' where status = 'open'`);
    await sql(
      `update source_record set landed_at = landed_at - interval '25 hours' where stream = '${STREAM}'`,
    );

    const nextDay = await read();

    expect(lost).toEqual([12, 12]);
    expect(nextDay?.certificate).toMatchObject({ removed: 12, held: 0 });
  });

  test('count with those of the day no more once a person confirmed them', async () => {
    hide(everything.slice(0, 30));
    await read();
    const [hold] = await holds();
    await decide(hold?.id ?? '', 'confirmed');
    await goOn(await newestRun());
    await read();
    hide(everything.slice(30, 40));

    const stream = await read();

    expect(await held()).toBe(SIZE - 40);
    expect(stream?.certificate).toMatchObject({ held: 0 });
  });

  test.each([
    ['a read that only found fewer records', {}],
    ['a full pass with its comparison of keys', { full: true }],
  ])('are held where they are many: nothing of them ends by %s', async (_what, how) => {
    hide(everything.slice(0, 21));

    const stream = await read({}, how);
    const [hold] = await holds();

    expect(await held()).toBe(SIZE);
    expect(hold).toMatchObject({
      kind: 'records',
      stream: STREAM,
      status: 'open',
      removals: 21,
      cap: 20,
      heldRecords: SIZE,
    });
    expect(stream).toMatchObject({
      status: 'failed',
      error: { code: 'removals_held', message: expect.stringContaining(hold?.id ?? '?') },
      certificate: { closed: false, removed: 0, held: 21, holdId: hold?.id },
    });
    const view = await showPeopleHold(world.deps, world.caller, hold?.id ?? '');
    expect(view.records.map(({ recordId }) => recordId)).toEqual(everything.slice(0, 21));
  });

  test('are one hold however often they are read, and none once the source shows them again', async () => {
    hide(everything.slice(0, 30));
    await read();
    hide(everything.slice(30, 40));
    await read();
    const [open, before] = await holds();
    show(everything.slice(0, 40));

    const stream = await read();
    const [after] = await holds();

    expect(open).toMatchObject({ status: 'open', removals: 40 });
    expect(before?.status).not.toBe('open');
    expect(after).toMatchObject({ id: open?.id, status: 'withdrawn', removals: 0 });
    expect(stream).toMatchObject({ status: 'succeeded', certificate: { held: 0, caveats: [] } });
  });

  test('wait for a person once they are held, also where the source shows some of them again', async () => {
    hide(everything.slice(0, 30));
    await read();
    show(everything.slice(0, 15));
    hide(everything.slice(30, 32));

    const stream = await read();
    const [hold] = await holds();

    expect(await held()).toBe(SIZE);
    expect(hold).toMatchObject({ status: 'open', removals: 17 });
    expect(stream).toMatchObject({
      status: 'failed',
      certificate: { closed: false, removed: 0, held: 17, holdId: hold?.id },
    });
  });

  test('are let go of where the log of deletions tells of them in the end', async () => {
    hide(everything.slice(0, 30));
    await read();

    const stream = await read({ deletionsOf: async (_stream, ids) => new Set(ids) });

    expect(stream).toMatchObject({ status: 'succeeded', certificate: { removed: 30, held: 0 } });
    expect(await held()).toBe(SIZE - 30);
  });

  test('are named by every certificate while they wait, also by that of a window that does not look for them', async () => {
    hide(everything.slice(0, 30));
    await read();
    const [hold] = await holds();

    const stream = await read({
      openWindow: async () => ({ ...FULL, mode: 'incremental', from: '2026', to: '2027' }),
    });

    expect(stream).toMatchObject({ status: 'succeeded', certificate: { closed: true } });
    expect(stream?.certificate?.caveats).toEqual([
      expect.stringMatching(new RegExp(`30 records .*${hold?.id}`)),
    ]);
  });

  test('end with the read that a confirmation starts, and are not held twice', async () => {
    hide(everything.slice(0, 50));
    await read();
    const [hold] = await holds();

    await decide(hold?.id ?? '', 'confirmed');
    const before = await held();
    const stream = await goOn(await newestRun());

    expect(before).toBe(SIZE);
    expect(stream).toMatchObject({
      status: 'succeeded',
      certificate: { closed: true, removed: 50 },
    });
    expect(await held()).toBe(SIZE - 50);
    expect((await holds()).filter(({ status }) => status === 'open')).toEqual([]);
    const view = await showPeopleHold(world.deps, world.caller, hold?.id ?? '');
    expect(new Set(view.records.map(({ status }) => status))).toEqual(new Set(['applied']));
  });

  test('of which a proof looks for some only, by their stamps, leave no more than those: what was confirmed stays confirmed', async () => {
    const day = (n: number) => `2026-03-0${n}T00:00:00.000Z`;
    const upTo = (to: string) => ({ openWindow: async () => ({ ...FULL, to }) });
    await sql(`delete from source_record where stream = '${STREAM}'`);
    for (const id of everything) source.records.set(id, memoryRecord(id, day(1)));
    await read(upTo(day(2)));
    // Changed after what is certified, and landed by a read that stays open.
    for (const id of everything.slice(0, 60))
      source.records.set(id, memoryRecord(id, day(2), 'new'));
    hide(everything.slice(60, 90));
    await read(upTo(day(3)));
    hide(everything.slice(0, 60));
    await read(upTo(day(4)));
    const [hold] = await holds();

    await decide(hold?.id ?? '', 'confirmed');
    const proof = await goOn(await newestRun());
    const before = await held();
    const whole = await read(upTo(day(5)));

    expect(proof).toMatchObject({ status: 'succeeded', certificate: { removed: 30 } });
    expect(before).toBe(SIZE - 30);
    expect(whole).toMatchObject({ status: 'succeeded', certificate: { removed: 60, held: 0 } });
    expect(await held()).toBe(SIZE - 90);
  });

  test('are not asked about again where a crash came between their end and that of the read', async () => {
    hide(everything.slice(0, 50));
    await read();
    const [hold] = await holds();
    await decide(hold?.id ?? '', 'confirmed');
    const runId = await newestRun();
    const crash = { caveatsOf: async () => Promise.reject(new Error('killed')) };

    await expect(goOn(runId, crash)).rejects.toThrow('killed');
    const stream = await goOn(runId);

    expect(stream).toMatchObject({
      status: 'succeeded',
      certificate: { closed: true, removed: 50, held: 0 },
    });
    expect((await holds()).filter(({ status }) => status === 'open')).toEqual([]);
  });

  test('stay where a person said no, which the certificate says, until somebody confirms after all', async () => {
    hide(everything.slice(0, 50));
    await read();
    const [hold] = await holds();
    await decide(hold?.id ?? '', 'rejected');

    const reads = [await read(), await read({}, { full: true })];

    for (const stream of reads)
      expect(stream).toMatchObject({
        status: 'succeeded',
        certificate: {
          closed: true,
          removed: 0,
          held: 0,
          caveats: [expect.stringContaining('50 records')],
        },
      });
    expect(await held()).toBe(SIZE);
    expect((await holds())[0]).toMatchObject({ id: hold?.id, status: 'rejected' });

    await decide(hold?.id ?? '', 'confirmed');
    await goOn(await newestRun());
    expect(await held()).toBe(SIZE - 50);
  });

  test('end without asking where the log of deletions tells of them', async () => {
    hide(everything.slice(0, 60));

    const stream = await read({ deletionsOf: async (_stream, ids) => new Set(ids) });

    expect(stream).toMatchObject({ status: 'succeeded', certificate: { removed: 60, held: 0 } });
    expect(await held()).toBe(SIZE - 60);
  });

  test('are held all the same where the log tells of some and leaves out too many', async () => {
    hide(everything.slice(0, 60));
    const told = new Set(everything.slice(0, 30));

    const stream = await read({
      deletionsOf: async (_stream, ids) => new Set(ids.filter((id) => told.has(id))),
    });

    expect(stream).toMatchObject({ status: 'failed', certificate: { removed: 30, held: 30 } });
    expect(await held()).toBe(SIZE - 30);
  });

  test('may be more where the company allows a larger share of what the stream held', async () => {
    await putPeopleLimits(world.deps, world.caller, { recordsPercent: 40 });
    hide(everything.slice(0, 40));
    const few = await read();
    // 40 % of the 60 that are left.
    hide(everything.slice(40, 65));
    const many = await read();
    await putPeopleLimits(world.deps, world.caller, {});

    expect(few?.certificate).toMatchObject({ removed: 40, held: 0 });
    expect(many?.certificate).toMatchObject({ removed: 0, held: 25 });
  });
});

describe('people who are not shown any more', () => {
  const usersOf = async (): Promise<ReadonlySet<string>> => {
    const facts = await world.inTx((tx) => factsOf(tx, 'userAccount', { connection: 'people' }));
    return new Set(facts.filter(({ body }) => body.active).map(({ externalRef }) => externalRef));
  };

  test('F-76: are held once, before anything lands, and go when that is confirmed', async () => {
    await world.pull('people');
    const before = await usersOf();
    const users = (await world.twins.scim.records('Users')).map((user) => textOf(user, 'id'));
    const leaving = users.filter((id) => before.has(id)).slice(0, 60);
    for (const id of leaving)
      await world.twins.scim.mutate({ object: 'Users', operation: 'delete', id });

    const run = await world.pull('people', { streams: ['Users'] });
    const [hold] = await holds();
    const between = await usersOf();
    await decide(hold?.id ?? '', 'confirmed');
    await world.drain();

    expect(run.streams[0]).toMatchObject({ status: 'failed', certificate: { held: 60 } });
    expect(hold).toMatchObject({ kind: 'records', connection: 'people', removals: 60 });
    expect(between.size).toBe(before.size);
    const now = await usersOf();
    expect(leaving.filter((id) => now.has(id))).toEqual([]);
    expect(now.size).toBe(before.size - 60);
    expect((await holds()).filter(({ status }) => status === 'open')).toEqual([]);
  }, 60_000);
});

test('every opening and every decision is in the audit', async () => {
  const events = await world.inTx((tx) => listAudit(tx, { limit: 500 }));

  const told = new Set(
    events.map(({ action }) => action).filter((each) => each.startsWith('people_hold')),
  );

  expect([...told].toSorted()).toEqual([
    'people_hold.confirmed',
    'people_hold.opened',
    'people_hold.rejected',
    'people_hold.withdrawn',
  ]);
});
