import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { judge } from './certificate.ts';
import { certifiedUpTo, freezeWindow, streamState } from './checkpoints.ts';
import { addConnection } from './connections.ts';
import { landPage } from './landing.ts';
import { getRun, openRun } from './runs.ts';
import { countReadIds, readIdsFrom } from './read-ids.ts';
import { endStream } from './stream-end.ts';

const STREAM = 'Users';
let db: TestStore;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);

beforeAll(async () => {
  db = await testStore();
  const link = { connector: 'scim', role: 'directory', config: {} } as const;
  await inTx((tx) => addConnection(tx, { ...link, id: 'people', allowPrivateNetwork: false }));
});
afterAll(() => db.close());

/** A run that has read two records, one of them twice, and one that cannot be kept. */
async function landed(): Promise<string> {
  return inTx(async (tx) => {
    const runId = await openRun(tx, {
      connection: 'people',
      trigger: 'person',
      requestedBy: 'test',
      full: true,
      streams: [STREAM],
    });
    const record = (id: string, stamp: string) => ({ id, stamp, deleted: false, data: { id } });
    const records = [record('u1', '1'), record('u2', '1'), record('u1', '2')];
    const unreadable = [{ id: 'u3', code: 'x', reason: 'x', outcome: 'rejected' as const }];
    const target = { runId, connection: 'people', stream: STREAM, pageNumber: 0 };
    await landPage(tx, target, { records, unreadable, next: null });
    return runId;
  });
}

/** Ends the stream as a source would have it that counts what landed. */
async function end(runId: string) {
  await inTx(async (tx) => {
    const state = await streamState(tx, runId, STREAM);
    if (state === null) throw new Error('The stream is gone.');
    const window = { mode: 'full', from: null, to: '9' } as const;
    const distinctIds = await countReadIds(tx, { runId, stream: STREAM });
    const known = { stream: STREAM, window, sourceCount: distinctIds, missing: [], reread: [] };
    await endStream(tx, state, judge({ ...known, distinctIds }));
  });
  const run = await inTx((tx) => getRun(tx, runId));
  return run.streams[0];
}

/** One more page, as a defect of ours could have left it. */
const addPage = (runId: string, outcomes: string, given: number, page = 1): Promise<number> =>
  inTx((tx) =>
    tx.run(
      `insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given)
       values ($1, $2, $3, $7, $4, string_to_array($5, null)::"char"[], $6)`,
      [
        tx.tenantId,
        runId,
        STREAM,
        outcomes.split('').map((_, at) => `x${page}-${at}`),
        outcomes,
        given,
        page,
      ],
    ),
  );

describe('the end of a stream', () => {
  test.each([
    ['nobody said what became of a record', 'n', 2],
    ['one record was told of twice', 'nn', 1],
  ])('fails it and keeps the checkpoint when %s', async (_case, outcomes, given) => {
    const runId = await landed();
    await addPage(runId, outcomes, given);

    const stream = await end(runId);

    expect(stream).toMatchObject({
      status: 'failed',
      landed: 4 + given,
      certificate: { closed: false },
      error: { code: 'sums_open', message: expect.stringContaining(`gave ${4 + given} records`) },
    });
    expect(await inTx((tx) => certifiedUpTo(tx, 'people', STREAM))).toBeNull();
  });

  test('closes when what became of the records adds up to those given, retried ones not counted', async () => {
    const runId = await landed();
    await addPage(runId, 'tt', 0);

    const stream = await end(runId);

    expect(stream).toMatchObject({ status: 'succeeded', landed: 4, certificate: { closed: true } });
    expect(await inTx((tx) => certifiedUpTo(tx, 'people', STREAM))).toBe('9');
  });

  test('an outcome that means nothing is refused by the store', async () => {
    const runId = await landed();

    await expect(addPage(runId, 'z', 1)).rejects.toThrow(/outcomes/);
  });
});

describe('F-40: the checkpoint of a source whose clock was set back', () => {
  const begin = (runId: string, to: string, since: string | null): Promise<void> =>
    inTx((tx) => freezeWindow(tx, runId, STREAM, { mode: 'incremental', from: '0', to }, since));
  const stand = (): Promise<string | null> => inTx((tx) => certifiedUpTo(tx, 'people', STREAM));
  const certify = async (runId: string, to: string): Promise<void> => {
    await inTx(async (tx) => {
      const state = await streamState(tx, runId, STREAM);
      if (state === null) throw new Error('The stream is gone.');
      const window = { mode: 'incremental', from: '0', to } as const;
      const distinctIds = await countReadIds(tx, { runId, stream: STREAM });
      const known = { stream: STREAM, window, sourceCount: distinctIds, missing: [], reread: [] };
      await endStream(tx, state, judge({ ...known, distinctIds }));
    });
  };

  test('goes back with the read that was opened from it, and with no other', async () => {
    await inTx((tx) => tx.run('delete from stream_checkpoint where stream = $1', [STREAM]));
    const first = await landed();
    await begin(first, '12:00', null);
    const slow = await landed();
    await certify(first, '12:00');
    await begin(slow, '10:00', '11:30');
    const back = await landed();
    await begin(back, '11:00', '12:00');
    const stands: (string | null)[] = [await stand()];

    await certify(slow, '10:00');
    stands.push(await stand());
    await certify(back, '11:00');
    stands.push(await stand());

    expect(stands).toEqual(['12:00', '12:00', '11:00']);
  });
});

describe('the ids of a read', () => {
  test('are counted once each, whatever became of their records', async () => {
    const runId = await landed();

    expect(await inTx((tx) => countReadIds(tx, { runId, stream: STREAM }))).toBe(3);
    expect(await inTx((tx) => countReadIds(tx, { runId, stream: 'Groups' }))).toBe(0);
  });

  test('are not those of records that only wait to be mapped again', async () => {
    const runId = await landed();
    await addPage(runId, 'tt', 0);

    expect(await inTx((tx) => countReadIds(tx, { runId, stream: STREAM }))).toBe(3);
    const { ids } = await inTx((tx) => readIdsFrom(tx, { runId, stream: STREAM }, 0));
    expect(new Set(ids)).toEqual(new Set(['u1', 'u2', 'u3']));
  });

  test('come a few pages at a time, and none is left out between two times', async () => {
    const runId = await landed();
    for (let page = 1; page <= 45; page += 1) await addPage(runId, 'n', 1, page);
    const parts: (readonly string[])[] = [];
    for (let page: number | null = 0; page !== null;) {
      const from: number = page;
      const part = await inTx((tx) => readIdsFrom(tx, { runId, stream: STREAM }, from));
      parts.push(part.ids);
      page = part.next;
    }

    expect(parts).toHaveLength(3);
    expect(new Set(parts.flat())).toEqual(
      new Set(['u1', 'u2', 'u3', ...Array.from({ length: 45 }, (_, at) => `x${at + 1}-0`)]),
    );
  });
});
