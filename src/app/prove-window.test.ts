import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../test/support/flow-harness.ts';
import { memoryRecord, memorySource, type MemorySource } from '../../test/support/memory-source.ts';
import { getRun } from '../intake/runs.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ReadWindow } from '../sdk/record.ts';
import { listCertificates } from './flows/list-certificates.ts';
import { pullStream } from './flows/pull-stream.ts';
import { startPull } from './flows/start-pull.ts';

// How a window is proven that was read to its end: what the source lists of it, or how many it counts.

const STREAM = 'Account';
const SINCE = '2026-03-02T08:00:00.000Z';
const WINDOW: ReadWindow = {
  mode: 'incremental',
  from: '2026-03-02T07:50:00.000Z',
  to: '2026-03-02T09:00:00.000Z',
};
const IN = '2026-03-02T08:10:00.000Z';
const LATER = '2026-03-02T08:20:00.000Z';

let world: Harness;
let source: MemorySource;
beforeAll(async () => {
  world = await startHarness();
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  source = memorySource(['a', 'b', 'c'].map((id) => memoryRecord(id, IN)));
  await sql(`delete from source_record where stream = '${STREAM}'`);
  await certifyUpToSince();
});

const certifyUpToSince = () =>
  sql(
    `insert into stream_checkpoint (tenant_id, connection, stream, since, run_id) values (app.tenant(), 'crm', '${STREAM}', '${SINCE}', 'x')
     on conflict (tenant_id, connection, stream) do update set since = excluded.since`,
  );

const sql = (text: string) => world.inTx((tx) => tx.run(text));

/** Reads the window once, with a session whose calls may be replaced. */
async function read(replace: Partial<ConnectorSession> = {}) {
  const { deps, caller } = world;
  const { runId } = await startPull(deps, caller, { connection: 'crm', streams: [STREAM] });
  const real = await deps.sessions.of(caller.tenantId, 'crm');
  const session = { ...real, ...source.over(WINDOW), keysPerAnswer: 2_000, ...replace };
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

/** What the pages bring: `b` was committed behind them, and `gone` left the window after it was read. */
const cancelling = {
  readPage: async () => ({
    records: ['a', 'c', 'gone'].map((id) => memoryRecord(id, IN)),
    unreadable: [],
    next: null,
  }),
} satisfies Partial<ConnectorSession>;

const nameOf = async (id: string): Promise<unknown> => {
  const rows = await world.inTx((tx) =>
    tx.sql<{ name: string; stamp: string }>(
      `select data ->> 'Name' as name, stamp from source_record where stream = $1 and record_id = $2`,
      [STREAM, id],
    ),
  );
  return rows[0];
};

describe('a window of as many records as one answer lists', () => {
  test('is listed instead of counted, by one call', async () => {
    const stream = await read();

    expect(stream?.certificate).toMatchObject({ method: 'keys', sourceCount: 3, closed: true });
    expect(source.asked).toEqual({ countWindow: 0, listKeys: 1, readByIds: 0 });
  });

  test('F-33: shows one record that is missing though one that moved out makes the numbers equal', async () => {
    source.records.set('gone', memoryRecord('gone', '2026-03-02T09:00:01.000Z', 'edited'));

    const stream = await read(cancelling);

    expect(stream).toMatchObject({
      status: 'failed',
      error: { code: 'certificate_open', message: expect.stringContaining('b') },
      certificate: {
        method: 'keys',
        sourceCount: 3,
        distinctIds: 3,
        movedOut: 1,
        missingIds: ['b'],
      },
    });
    expect(await nameOf('gone')).toMatchObject({ stamp: '2026-03-02T09:00:01.000Z' });
  });

  test('F-33: reads by id what was committed with another stamp behind the page that brought it', async () => {
    const stream = await read({
      readPage: async () => {
        const records = [...source.records.values()];
        source.records.set('a', memoryRecord('a', LATER, 'committed late'));
        return { records, unreadable: [], next: null };
      },
    });

    expect(stream?.certificate).toMatchObject({ closed: true, staleCount: 0 });
    expect(await nameOf('a')).toEqual({ name: 'committed late', stamp: LATER });
  });

  test('F-40: lands what was saved with an older stamp, after the clock of the source was set back', async () => {
    source.records.set('a', memoryRecord('a', LATER, 'before'));
    await read();
    source.records.set('a', memoryRecord('a', IN, 'after'));

    const stream = await read();

    expect(stream).toMatchObject({ status: 'succeeded', superseded: 1, updated: 1 });
    expect(await nameOf('a')).toEqual({ name: 'after', stamp: IN });
  });

  test('names what is listed with another stamp and not given by id, and stays open', async () => {
    const stream = await read({
      listKeys: async () => ['a', 'b', 'c'].map((id) => ({ id, stamp: id === 'c' ? LATER : IN })),
      readByIds: async () => ({ records: [], unreadable: [] }),
    });

    expect(stream?.certificate).toMatchObject({ closed: false, staleIds: ['c'], missingCount: 0 });
  });

  test('names what is listed with a newer stamp than it is given with by id: a copy that lags proves nothing', async () => {
    const stream = await read({
      listKeys: async () => ['a', 'b', 'c'].map((id) => ({ id, stamp: id === 'c' ? LATER : IN })),
    });

    expect(stream).toMatchObject({
      status: 'failed',
      certificate: { closed: false, staleIds: ['c'], staleCount: 1 },
    });
  });

  test('is counted where the source cannot list it', async () => {
    const stream = await read({ listKeys: async () => null });

    expect(stream?.certificate).toMatchObject({ method: 'count', closed: true });
  });
});

describe('a larger window', () => {
  test('is counted, and not listed where the numbers are equal', async () => {
    const stream = await read({ keysPerAnswer: 2 });

    expect(stream?.certificate).toMatchObject({ method: 'count', closed: true });
    expect(source.asked).toEqual({ countWindow: 1, listKeys: 0, readByIds: 0 });
  });

  test('is listed where they differ', async () => {
    source.records.set('d', memoryRecord('d', IN));

    const stream = await read({ ...cancelling, keysPerAnswer: 2 });

    expect(stream?.certificate).toMatchObject({ method: 'keys', missingIds: ['b', 'd'] });
  });

  test('is listed whatever the numbers say where the read took longer than the overlap', async () => {
    source.records.set('gone', memoryRecord('gone', '2026-03-02T09:00:01.000Z'));
    const began = (minutes: number) => ({
      keysPerAnswer: 2,
      readPage: async () => {
        await sql(
          `update run_stream set began_at = began_at - interval '${minutes} minutes' where status = 'reading'`,
        );
        return cancelling.readPage();
      },
    });

    const short = await read(began(9));
    await certifyUpToSince();
    const long = await read(began(11));

    // The overlap of the window is ten minutes.
    expect(short?.certificate).toMatchObject({ method: 'count', closed: true });
    expect(long?.certificate).toMatchObject({ method: 'keys', closed: false, missingIds: ['b'] });
  });
});

describe('what a source says that it cannot prove', () => {
  test('stands on the certificate, which is then not among those that closed plainly', async () => {
    const stream = await read({ caveatsOf: async () => ['Deletions not provable.'] });
    const list = (closed: 'yes' | 'caveats') =>
      listCertificates(world.deps, world.caller, { connection: 'crm', closed, limit: 50 });

    const [newest] = await list('caveats');
    const plain = await list('yes');

    expect(stream).toMatchObject({
      status: 'succeeded',
      certificate: { closed: true, caveats: ['Deletions not provable.'] },
    });
    expect(newest).toMatchObject({ closed: true, caveats: ['Deletions not provable.'] });
    expect(plain.map(({ id }) => id)).not.toContain(newest?.id);
  });
});

test.each([
  ['crm', 'Account'],
  ['erp', 'customer'],
  ['people', 'Groups'],
])(
  'a small window of %s is proven by keys through the session that a pull has',
  async (connection, stream) => {
    await world.inTx((tx) => tx.run(`delete from stream_checkpoint where stream = $1`, [stream]));

    const run = await world.pull(connection, { streams: [stream] });

    expect(run.streams[0]).toMatchObject({
      status: 'succeeded',
      certificate: { method: 'keys', closed: true },
    });
  },
);
