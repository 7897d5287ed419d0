import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents, proposeIntents } from '../../delivery/intents.ts';
import { certifiedUpTo } from '../../intake/checkpoints.ts';
import { getConnection } from '../../intake/connections.ts';
import { getRun, listRuns, type Run } from '../../intake/runs.ts';
import { unendedStreams } from '../../intake/unfinished.ts';
import { AuthExpired, RateLimited, RemoteUnavailable } from '../../kernel/errors.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { createPacing } from '../pacing.ts';
import { checkConnection } from './check-connection.ts';
import { pullStream } from './pull-stream.ts';
import { removeConnection } from './remove-connection.ts';
import { startPull, type StartPull } from './start-pull.ts';

// A read that cannot go on now keeps its place.

const STREAM = 'OpportunityHistory';
const HOUR_MS = 3_600_000;

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
}, 120_000);
afterAll(() => world?.stop());
afterEach(() => world.drain({ skipWaits: true }));

const SIZE = 50;
/** Where the last turn asked for its pages. */
let asked: (number | null)[] = [];

/** The source in small pages, until `fails` says at which one of a turn it stops. */
function smallPages(
  session: ConnectorSession,
  fails: (page: number) => Error | null,
): ConnectorSession {
  asked = [];
  return {
    ...session,
    readPage: async (stream, window, after) => {
      const offset = typeof after?.['offset'] === 'number' ? after['offset'] : 0;
      asked.push(after === null ? null : offset);
      const error = fails(asked.length);
      if (error !== null) throw error;
      const page = await session.readPage(stream, window, null);
      const next = offset + SIZE < page.records.length ? { offset: offset + SIZE } : null;
      return { ...page, records: page.records.slice(offset, offset + SIZE), next };
    },
  };
}

async function turn(runId: string, change: (session: ConnectorSession) => ConnectorSession) {
  const { deps, caller } = world;
  const session = await deps.sessions.of(caller.tenantId, 'crm');
  const sessions = { ...deps.sessions, of: async () => change(session) };
  // Waits pass at once.
  const pacing = createPacing({ wait: async () => undefined });
  const hold: JobContext['hold'] = async () => undefined;
  const context = { tenantId: caller.tenantId, signal: new AbortController().signal, hold };
  await pullStream({ ...deps, sessions, pacing }, context, { runId, stream: STREAM });
}

const open = async (trigger: StartPull['trigger'] = 'schedule'): Promise<string> => {
  const input = { connection: 'crm', streams: [STREAM], full: true, trigger };
  const { runId } = await startPull(world.deps, world.caller, input);
  // As a worker has it that has taken the work.
  await world.inTx((tx) => tx.run(`delete from outbox where job = 'pull'`));
  return runId;
};
const runOf = (runId: string): Promise<Run> => world.inTx((tx) => getRun(tx, runId));
const waitOf = async (runId: string): Promise<number> => {
  const { resumeAt } = (await runOf(runId)).streams[0] ?? {};
  const now = await world.inTx((tx) => tx.clock());
  return (resumeAt?.getTime() ?? Number.NaN) - now.getTime();
};

/** Parks a run with the error after `pages` pages. */
async function park(error: Error, pages = 0, trigger?: StartPull['trigger']): Promise<string> {
  const runId = await open(trigger);
  await turn(runId, (session) => smallPages(session, (page) => (page > pages ? error : null)));
  return runId;
}

describe('a read whose source says when to come back', () => {
  test('F-24: waits until then with what it has, and goes on at its page', async () => {
    const retryAt = new Date(Date.now() + 5 * HOUR_MS);

    const runId = await park(new RateLimited('daily limit reached', { retryAt }), 2);
    const parked = await runOf(runId);

    expect(parked).toMatchObject({
      status: 'parked',
      finishedAt: null,
      streams: [
        {
          status: 'parked',
          pages: 2,
          landed: 2 * SIZE,
          error: { code: 'rate_limited' },
          certificate: null,
        },
      ],
    });
    expect(await waitOf(runId)).toBeGreaterThan(4.9 * HOUR_MS);
    await world.drain();
    expect((await runOf(runId)).status).toBe('parked');

    await turn(runId, (session) => smallPages(session, () => null));

    expect(asked[0]).toBe(2 * SIZE);
    expect(await runOf(runId)).toMatchObject({
      status: 'succeeded',
      streams: [{ certificate: { closed: true }, error: null, resumeAt: null }],
    });
    await world.inTx((tx) => tx.run(`delete from outbox where job = 'pull'`));
  });

  test('is not taken for forgotten before its time, and is once that has passed', async () => {
    const retryAt = new Date(Date.now() + HOUR_MS);
    const runId = await park(new RateLimited('later', { retryAt }));
    const isForgotten = async () =>
      (await world.inTx((tx) => unendedStreams(tx, 0))).some((each) => each.runId === runId);

    const before = await isForgotten();
    await world.inTx((tx) =>
      tx.run(
        `update run_stream set resume_at = app.clock() - interval '1 second' where run_id = $1`,
        [runId],
      ),
    );

    expect([before, await isForgotten()]).toEqual([false, true]);
  });
});

describe('the schedule of a connection', () => {
  const readBySchedule = async (): Promise<readonly string[]> => {
    await world.ask('pull', { connection: 'crm' });
    await world.drain({ without: ['deliver'] });
    const [newest] = await world.inTx((tx) => listRuns(tx, { connection: 'crm', limit: 1 }));
    return (newest?.streams ?? []).map(({ stream }) => stream);
  };

  test('reads the other streams while one is parked', async () => {
    await park(new RateLimited('later', { retryAt: new Date(Date.now() + HOUR_MS) }));

    const streams = await readBySchedule();

    expect(streams.length).toBeGreaterThan(3);
    expect(streams).not.toContain(STREAM);
  }, 60_000);

  test('asks nothing while a read waits for credentials', async () => {
    await park(new AuthExpired('invalid_grant'));

    expect(await readBySchedule()).toEqual([STREAM]);

    await checkConnection(world.deps, world.caller, 'crm');
  }, 60_000);
});

describe('a read whose credentials are refused', () => {
  test('F-20: is parked with no record failed, and goes on at its place after a check that works', async () => {
    const certified = () => world.inTx((tx) => certifiedUpTo(tx, 'crm', STREAM));
    const before = await certified();

    const runId = await park(new AuthExpired('invalid_grant'), 1);
    const parked = await runOf(runId);

    expect(parked.streams).toMatchObject([
      {
        status: 'parked',
        pages: 1,
        resumeAt: null,
        rejected: 0,
        quarantined: 0,
        certificate: null,
      },
    ]);
    expect((await world.inTx((tx) => getConnection(tx, 'crm'))).status).toBe('reauth_required');
    expect(await certified()).toBe(before);
    await world.drain({ skipWaits: true });
    expect((await runOf(runId)).status).toBe('parked');

    await checkConnection(world.deps, world.caller, 'crm');
    const woken = await world.inTx((tx) =>
      tx.sql<{ key: string }>(`select w.key from outbox w where w.job = 'pull'`),
    );
    await turn(runId, (session) => smallPages(session, () => null));

    expect(woken).toEqual([{ key: `${runId}/${STREAM}` }]);
    expect(asked[0]).toBe(SIZE);
    expect((await runOf(runId)).status).toBe('succeeded');
  });

  test('waits once: a later read of the same stream fails and leaves it to the first', async () => {
    const first = await park(new AuthExpired('invalid_grant'));

    const second = await park(new AuthExpired('invalid_grant'));

    expect([(await runOf(first)).status, (await runOf(second)).status]).toEqual([
      'parked',
      'failed',
    ]);
    await checkConnection(world.deps, world.caller, 'crm');
    await world.drain();
    expect((await runOf(first)).status).toBe('succeeded');
  });
});

describe('a read of a system that is away', () => {
  const away = new RemoteUnavailable('connection refused');

  test('F-16: by schedule is parked for longer and longer waits, and drains once the system is back', async () => {
    const runId = await park(away);
    const waits = [await waitOf(runId)];
    for (let time = 0; time < 6; time += 1) {
      await turn(runId, (session) => smallPages(session, () => away));
      waits.push(await waitOf(runId));
    }

    expect(waits.map((ms) => Math.round(ms / 1000))).toEqual([15, 30, 60, 120, 240, 300, 300]);
    await world.drain({ skipWaits: true });
    expect((await runOf(runId)).status).toBe('succeeded');
  });

  test('F-16: fails when it was asked in vain for three quarters of an hour; the next one goes on', async () => {
    const runId = await park(away);
    for (let time = 0; time < 12; time += 1) {
      await turn(runId, (session) => smallPages(session, () => away));
    }

    expect(await runOf(runId)).toMatchObject({
      status: 'failed',
      streams: [{ status: 'failed', error: { code: 'remote_unavailable' } }],
    });
    expect(await world.pull('crm', { streams: [STREAM] })).toMatchObject({ status: 'succeeded' });
  });

  test('by a person fails at once, and is parked once something of it has landed', async () => {
    const atOnce = await park(away, 0, 'person');
    const later = await open('person');
    await world.inTx((tx) =>
      tx.run(
        `update run_stream set pages = 3, next_token = '{}', read_window = '{"mode":"full","from":null,"to":"9"}'
         where run_id = $1`,
        [later],
      ),
    );
    await turn(later, (session) => smallPages(session, () => away));

    expect([(await runOf(atOnce)).status, (await runOf(later)).status]).toEqual([
      'failed',
      'parked',
    ]);
    await world.inTx((tx) =>
      tx.run(`update run_stream set status = 'failed' where run_id = $1`, [later]),
    );
  });
});

test('the reads of a connection that is removed end', async () => {
  await world.inTx((tx) => tx.run(`update connection set status = 'ok' where id = 'people'`));
  const { runId } = await startPull(world.deps, world.caller, { connection: 'people' });
  await world.twins.scim.faults({ action: 'status', status: 401, match: { path: 'Users' } });
  await world.drain({ without: ['deliver'] });
  const before = (await runOf(runId)).streams.find(({ stream }) => stream === 'Users')?.status;

  await removeConnection(world.deps, world.caller, { id: 'people' });
  await world.drain({ without: ['deliver'] });

  expect([before, (await runOf(runId)).status]).toEqual(['parked', 'failed']);
  const [last] = await world.inTx((tx) => listRuns(tx, { connection: 'people', limit: 1 }));
  expect(last?.finishedAt).not.toBeNull();
});

test('what was planned for a connection by who did not know yet that it is removed is dropped, and is never sent', async () => {
  const target = { connection: 'people', object: 'UserLogins' };
  await world.inTx((tx) => proposeIntents(tx, [{ ...target, canonicalId: 'late', vendorId: null, fields: {} }])); // prettier-ignore
  await world.ask('deliver', target);
  await world.drain();

  const [intent] = await world.inTx((tx) => listIntents(tx, { object: 'UserLogins', limit: 1 }));
  expect(intent).toMatchObject({ state: 'SUPERSEDED', sentAt: null, error: { code: 'dropped' } });
});
