import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { isReadWaiting } from '../../intake/inbox.ts';
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
