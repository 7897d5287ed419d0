import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { isReadWaiting } from '../../intake/inbox.ts';
import { getRun } from '../../intake/runs.ts';
import { RemoteUnavailable } from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
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
