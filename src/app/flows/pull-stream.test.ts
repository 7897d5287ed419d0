import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { isReadWaiting } from '../../intake/inbox.ts';
import { getRun } from '../../intake/runs.ts';
import { RemoteUnavailable } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { ReadWindow } from '../../sdk/record.ts';
import { pullStream } from './pull-stream.ts';
import { startPull } from './start-pull.ts';

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
}, 120_000);
afterAll(() => world.stop());

const STREAM = 'OpportunityHistory';

/** Reads one stream with a session of which some calls are replaced. */
async function pullWith(
  replace: (session: ConnectorSession) => Partial<ConnectorSession>,
  hold: JobContext['hold'] = () => Promise.resolve(),
): Promise<void> {
  const { deps, caller } = world;
  const { runId } = await startPull(deps, caller, { connection: 'crm', streams: [STREAM] });
  const session = await deps.sessions.of(caller.tenantId, 'crm');
  const sessions = { ...deps.sessions, of: async () => ({ ...session, ...replace(session) }) };
  const context = { tenantId: caller.tenantId, signal: new AbortController().signal, hold };
  await pullStream({ ...deps, sessions }, context, { runId, stream: STREAM });
}

describe('F-11: a page that is too much for the process', () => {
  /** Reads with a process that dies at its first page, `deaths` times, and returns the sizes that were asked for. */
  async function sizesAsked(deaths: number): Promise<readonly (number | undefined)[]> {
    const { deps, caller } = world;
    const { runId } = await startPull(deps, caller, { connection: 'crm', streams: [STREAM] });
    const session = await deps.sessions.of(caller.tenantId, 'crm');
    const asked: (number | undefined)[] = [];
    const context = {
      tenantId: caller.tenantId,
      signal: new AbortController().signal,
      hold: () => Promise.resolve(),
    };
    for (let turn = 0; turn <= deaths; turn += 1) {
      const dies = turn < deaths;
      const { promise: read, resolve } = Promise.withResolvers<void>();
      const readPage: ConnectorSession['readPage'] = (stream, window, after, options) => {
        asked.push(options?.limit);
        resolve();
        // A process that is gone never hears the answer.
        if (dies) return new Promise(() => undefined);
        return session.readPage(stream, window, after, options);
      };
      const sessions = { ...deps.sessions, of: async () => ({ ...session, readPage }) };
      const pulled = pullStream({ ...deps, sessions }, context, { runId, stream: STREAM });
      await (dies ? read : pulled);
    }
    return asked;
  }

  test('is halved after a turn that died on it, and halved again', async () => {
    const [whole, half, quarter] = await sizesAsked(2);

    expect([whole, half, quarter]).toEqual([undefined, 1000, 500]);
  });

  test('is asked for whole after a turn that only failed', async () => {
    const limits: (number | undefined)[] = [];
    const refuse = () =>
      pullWith((session) => ({
        readPage: async (stream, window, after, options) => {
          limits.push(options?.limit);
          if (limits.length === 1) throw new TypeError('a defect');
          return session.readPage(stream, window, after, options);
        },
      }));

    await expect(refuse()).rejects.toThrow('a defect');
    await refuse();

    expect(limits).toEqual([undefined, undefined]);
  });
});

describe('F-39: a store that refuses to write', () => {
  test('keeps the checkpoint where it is: the page comes again and counts once', async () => {
    const { deps, caller } = world;
    const { runId } = await startPull(deps, caller, { connection: 'crm', streams: [STREAM] });
    const context = (hold: JobContext['hold']): JobContext => ({
      tenantId: caller.tenantId,
      signal: new AbortController().signal,
      hold,
    });
    let held = 0;
    // The transaction of the first page: after those of the start, the window and the turn.
    const readOnly: JobContext['hold'] = async (tx) => {
      held += 1;
      const pages = await tx.sql<{ pages: number }>(
        `select count(*)::int as pages from run_stream where run_id = $1 and turn_page is not null`,
        [runId],
      );
      if (pages[0]?.pages === 1) await tx.sql('set transaction read only');
    };

    const failed = pullStream(deps, context(readOnly), { runId, stream: STREAM });
    await expect(failed).rejects.toThrow(/read-only|read only/);
    const stopped = await world.inTx((tx) => getRun(tx, runId));
    await pullStream(
      deps,
      context(async () => undefined),
      { runId, stream: STREAM },
    );
    const ended = await world.inTx((tx) => getRun(tx, runId));

    expect(held).toBeGreaterThan(2);
    expect(stopped.streams).toMatchObject([{ pages: 0, landed: 0, status: 'reading' }]);
    expect(ended.streams).toMatchObject([{ status: 'succeeded', certificate: { closed: true } }]);
    expect(ended.streams[0]?.landed).toBe(ended.streams[0]?.certificate?.sourceCount);
  });
});

describe('F-40: a source whose clock was set back', () => {
  test('is read on from its own time at the next read, and not from a checkpoint ahead of it', async () => {
    const opened: { since: string | null; from: string | null; to: string | null }[] = [];
    const pull = () =>
      pullWith((session) => ({
        openWindow: async (stream, since) => {
          const window = await session.openWindow(stream, since);
          opened.push({ since, from: window.from, to: window.to });
          return window;
        },
      }));
    await pull();
    const ahead = new Date(Date.parse(opened[0]?.to ?? '') + 3_600_000).toISOString();
    await world.inTx((tx) =>
      tx.run('update stream_checkpoint set since = $1 where stream = $2', [ahead, STREAM]),
    );

    await pull();
    await pull();

    const [, back, next] = opened;
    expect(back?.since).toBe(ahead);
    expect((back?.to ?? '') < ahead).toBe(true);
    expect(next?.since).toBe(back?.to);
    expect(Date.parse(back?.to ?? '') - Date.parse(next?.from ?? '')).toBe(600_000);
  });
});

describe('a source whose stamps are a wall clock', () => {
  /** Reads one record again with another content and a stamp half an hour older; returns what became of it. */
  async function outcomeWith(
    window: Pick<ReadWindow, 'stampsRepeat'>,
  ): Promise<string | undefined> {
    await pullWith(() => ({}));
    const [held] = await world.inTx((tx) =>
      tx.sql<{ id: string; stamp: string; data: JsonObject }>(
        'select record_id as id, stamp, data from source_record where stream = $1 order by 1 limit 1',
        [STREAM],
      ),
    );
    if (held === undefined) throw new Error('Nothing landed.');
    const stamp = new Date(Date.parse(held.stamp) - 1_800_000).toISOString();
    const data = { ...held.data, StageName: `Saved at ${stamp}` };
    const records = [{ id: held.id, stamp, deleted: false, data }];
    await pullWith((session) => ({
      openWindow: async (stream, since) => ({
        ...(await session.openWindow(stream, since)),
        ...window,
      }),
      readPage: async () => ({ records, unreadable: [], next: null }),
    }));
    const [page] = await world.inTx((tx) =>
      tx.sql<{ outcome: string }>(
        `select array_to_string(outcomes, '') as outcome from run_page
         where stream = $1 and page_number = 0 order by landed_at desc limit 1`,
        [STREAM],
      ),
    );
    return page?.outcome;
  }

  test('may save a record later with an older stamp, where its window says so', async () => {
    expect(await outcomeWith({})).toBe('s');
    expect(await outcomeWith({ stampsRepeat: 3600 })).toBe('u');
  });
});

describe('a stream that is read', () => {
  test('says so before it asks for its window: a push that comes then gets a read of its own', async () => {
    let waiting: boolean | undefined;

    await pullWith((session) => ({
      openWindow: async (stream, since) => {
        waiting = await world.inTx((tx) => isReadWaiting(tx, 'crm', [STREAM]));
        return session.openWindow(stream, since);
      },
    }));

    expect(waiting).toBe(false);
  });

  test('a page that was asked for ahead and fails while another one fails to land breaks nothing else', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    let asked = 0;

    const pulled = pullWith(
      (session) => ({
        readPage: async (stream, window, after) => {
          asked += 1;
          if (asked > 1) throw new RemoteUnavailable('gone');
          return { ...(await session.readPage(stream, window, after)), next: { more: true } };
        },
      }),
      () => (asked > 1 ? Promise.reject(new TypeError('the lease is lost')) : Promise.resolve()),
    );

    await expect(pulled).rejects.toThrow('the lease is lost');
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    process.off('unhandledRejection', note);
    expect({ asked: asked > 1, unhandled }).toEqual({ asked: true, unhandled: [] });
  });
});
