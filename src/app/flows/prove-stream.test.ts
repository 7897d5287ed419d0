import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { certifiedUpTo } from '../../intake/checkpoints.ts';
import { getRun, listRuns } from '../../intake/runs.ts';
import { listSchedules } from '../../queue/schedules.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { listCertificates } from './list-certificates.ts';
import { pullStream } from './pull-stream.ts';
import { startPull, type StartPull } from './start-pull.ts';

// The periodic proof: everything certified so far is compared by keys, and what differs is read.

const STREAM = 'Account';

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
  await world.pull('crm', { streams: [STREAM] });
}, 120_000);
afterAll(() => world?.stop());

const sql = (text: string, params: readonly (string | null)[] = []) =>
  world.inTx((tx) => tx.run(text, params));
const heldIds = async (): Promise<readonly string[]> => {
  const rows = await world.inTx((tx) =>
    tx.sql<{ id: string }>(
      `select record_id as id from source_record where stream = $1 and not deleted order by 1`,
      [STREAM],
    ),
  );
  return rows.map(({ id }) => id);
};
/** As if a former read had never met the record. */
const forget = (id: string) =>
  sql(`delete from source_record where stream = $1 and record_id = $2`, [STREAM, id]);
/** As if a former read had met it before its last change. */
const age = (id: string) =>
  sql(
    `update source_record set stamp = '2001-01-01T00:00:00.000Z', content_hash = 'old'
     where stream = $1 and record_id = $2`,
    [STREAM, id],
  );

/** Proves the stream, counting which calls the source gets; its calls may be replaced. */
async function prove(
  replace: (session: ConnectorSession) => Partial<ConnectorSession> = () => ({}),
  input: Partial<StartPull> = { prove: true },
) {
  const { deps, caller } = world;
  const { runId } = await startPull(deps, caller, {
    ...input,
    connection: 'crm',
    streams: [STREAM],
  });
  const real = await deps.sessions.of(caller.tenantId, 'crm');
  const session = { ...real, ...replace(real) };
  const [reads, pages]: [string[], unknown[]] = [[], []];
  const counted: ConnectorSession = {
    ...session,
    readByIds: async (stream, ids) => {
      reads.push(...ids);
      return session.readByIds(stream, ids);
    },
    readPage: async (...args) => {
      pages.push(args);
      return session.readPage(...args);
    },
  };
  const hold: JobContext['hold'] = async () => undefined;
  const context = { tenantId: caller.tenantId, signal: new AbortController().signal, hold };
  const sessions = { ...deps.sessions, of: async () => counted };
  const late: unknown[] = [];
  const observe = {
    countRecords: () => undefined,
    countLate: (...told: readonly unknown[]) => void late.push(told),
    observeJob: () => undefined,
    observeRequest: () => undefined,
  };
  await pullStream({ ...deps, sessions, observe }, context, { runId, stream: STREAM });
  await world.drain();
  const run = await world.inTx((tx) => getRun(tx, runId));
  return { run, stream: run.streams[0], reads, pages: pages.length, late };
}

describe('a proof by keys', () => {
  test('reads no record where all is as the source has it, and moves no checkpoint', async () => {
    const certified = () => world.inTx((tx) => certifiedUpTo(tx, 'crm', STREAM));
    const before = await certified();

    const { stream, reads, pages } = await prove();

    expect([reads, pages]).toEqual([[], 0]);
    expect(stream).toMatchObject({
      status: 'succeeded',
      landed: 0,
      certificate: { method: 'bucket-hash', closed: true, to: before, caughtLate: 0 },
    });
    expect(stream?.certificate?.sourceCount).toBe((await heldIds()).length);
    expect(await certified()).toBe(before);
  });

  test('F-33: catches a row that came late and one that is out of date, reads just those, and counts them', async () => {
    const [first = '', second = ''] = await heldIds();
    await forget(first);
    await age(second);

    const { stream, reads, late } = await prove();

    expect(reads.toSorted()).toEqual([first, second].toSorted());
    expect(late).toEqual([[STREAM, 'full pass', 2]]);
    expect(stream).toMatchObject({
      status: 'succeeded',
      created: 1,
      updated: 1,
      late: 2,
      certificate: { closed: true, caughtLate: 2, missingCount: 0 },
    });
    expect(await heldIds()).toContain(first);
  });

  test('one record missing and one too many do not cancel out: both are settled', async () => {
    const [gone = ''] = await heldIds();
    await forget(gone);
    await sql(
      `insert into source_record (tenant_id, connection, stream, record_id, content_hash, stamp, deleted, data, run_id, landed_at)
       select tenant_id, connection, stream, '001Fx0000009999AAA', 'x', stamp, false, '{}', run_id, landed_at
       from source_record where stream = $1 and not deleted limit 1`,
      [STREAM],
    );

    const { stream, reads } = await prove();

    expect(reads.toSorted()).toEqual([gone, '001Fx0000009999AAA'].toSorted());
    expect(stream).toMatchObject({
      status: 'succeeded',
      certificate: { closed: true, movedOut: 1 },
    });
    expect(await heldIds()).toContain(gone);
    expect(await heldIds()).not.toContain('001Fx0000009999AAA');
  });

  test('F-40: reads what the source lists with an older stamp than ours, and lands what it holds now', async () => {
    const [id = ''] = await heldIds();
    const rowOf = async () =>
      world.inTx((tx) =>
        tx.sql<{ stamp: string; hash: string; versions: number }>(
          `select r.stamp, r.content_hash as hash, (select count(*)::int from source_record_version v
             where v.record_id = r.record_id and v.content_hash = 'ahead') as versions
           from source_record r where r.stream = $1 and r.record_id = $2`,
          [STREAM, id],
        ),
      );
    const before = await rowOf();
    // As if it had been saved once before, while the source's clock was an hour ahead.
    const wrong = new Date(Date.parse(before[0]?.stamp ?? '') + 3_600_000).toISOString();
    await sql(
      `update source_record set content_hash = 'ahead', stamp = $3 where stream = $1 and record_id = $2`,
      [STREAM, id, wrong],
    );

    const { stream, reads } = await prove();

    expect(reads).toEqual([id]);
    expect(stream).toMatchObject({
      status: 'succeeded',
      updated: 1,
      certificate: { closed: true },
    });
    expect(await rowOf()).toEqual([{ ...before[0], versions: 1 }]);
  });

  test('names what the source lists and does not give, and is not green', async () => {
    const [hidden = ''] = await heldIds();
    await forget(hidden);

    const { run, stream } = await prove(() => ({
      readByIds: async () => ({ records: [], unreadable: [] }),
    }));

    expect(run.status).toBe('failed');
    expect(stream).toMatchObject({
      error: { code: 'certificate_open', message: expect.stringContaining(hidden) },
      certificate: { closed: false, missingIds: [hidden], missingCount: 1 },
    });
    expect((await prove()).run.status).toBe('succeeded');
  });

  test('reads everything where the source cannot list its keys, and says what it counted', async () => {
    const { stream, pages } = await prove(() => ({ listKeys: async () => null }));

    expect(pages).toBeGreaterThan(0);
    expect(stream).toMatchObject({ certificate: { method: 'count', closed: true } });
  });

  test('a source that can neither list nor count is not green', async () => {
    const mute = { listKeys: async () => null, countWindow: async () => null };

    const { run, stream } = await prove(() => mute);

    expect(run.status).toBe('failed');
    expect(stream).toMatchObject({
      certificate: { method: 'none', closed: null },
      error: { code: 'not_countable' },
    });
  });
});

describe('a full read', () => {
  test('is proven by keys in the end: what its pages did not bring is read and named as caught', async () => {
    const [skipped = ''] = await heldIds();
    await forget(skipped);

    const { stream } = await prove(
      (session) => ({
        countWindow: async (name, window) => ((await session.countWindow(name, window)) ?? 0) - 1,
        readPage: async (...args) => {
          const page = await session.readPage(...args);
          return { ...page, records: page.records.filter(({ id }) => id !== skipped) };
        },
      }),
      { full: true },
    );

    expect(stream).toMatchObject({
      status: 'succeeded',
      certificate: { method: 'bucket-hash', closed: true, caughtLate: 1 },
    });
    expect(await heldIds()).toContain(skipped);
  });
});

test('certificates are kept when their run is gone, and found by connection, stream and outcome', async () => {
  const { run } = await prove();
  const list = (filter: { stream?: string; closed?: 'yes' | 'no' | 'none' }) =>
    listCertificates(world.deps, world.caller, { connection: 'crm', limit: 50, ...filter });
  await sql(`delete from run_page where run_id = $1`, [run.id]);
  await sql(`delete from run_stream where run_id = $1`, [run.id]);
  await sql(`delete from run where id = $1`, [run.id]);

  const [newest] = await list({ stream: STREAM, closed: 'yes' });

  expect(newest).toMatchObject({ runId: run.id, stream: STREAM, closed: true });
  expect((await list({ closed: 'no' })).every(({ closed }) => closed === false)).toBe(true);
  expect((await list({ closed: 'none' })).map(({ method }) => method)).toEqual(['none']);
  expect(await list({ stream: 'Lead' })).toEqual([]);
});

test('a connection that is read by schedule is proven by schedule, after the read that is under way', async () => {
  const proofs = async () =>
    (await world.inTx((tx) => listSchedules(tx))).filter(({ key }) => key === 'crm/proof');
  const count = async () =>
    (await world.inTx((tx) => listRuns(tx, { connection: 'crm', limit: 50 }))).filter(
      ({ keysOnly }) => keysOnly,
    ).length;
  await world.ask('pull', { connection: 'crm' });
  await world.drain({ without: ['deliver'] });
  const before = await count();
  const { runId } = await startPull(world.deps, world.caller, { connection: 'crm' });

  await sql(
    `insert into outbox (tenant_id, job, key, payload) select app.tenant(), 'pull', s.key, s.payload from schedule s
     where s.key = 'crm/proof'`,
  );
  await world.drain({ without: ['deliver'] });
  const during = await count();
  await world.drain({ without: ['deliver'], skipWaits: true });

  expect(await proofs()).toMatchObject([{ everySeconds: 604_800, enabled: true }]);
  expect((await world.inTx((tx) => getRun(tx, runId))).status).toBe('succeeded');
  expect([during - before, (await count()) - before]).toEqual([0, 1]);
}, 60_000);
