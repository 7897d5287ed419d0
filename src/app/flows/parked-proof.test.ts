import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listRuns } from '../../intake/runs.ts';
import { pullStream } from './pull-stream.ts';
import { startPull } from './start-pull.ts';
import { startScheduledPull } from './start-scheduled-pull.ts';

const STREAM = 'Account';

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
  await world.pull('crm', { streams: [STREAM] });
}, 120_000);
afterAll(() => world?.stop());

const sql = (text: string, params: readonly string[] = []) =>
  world.inTx((tx) => tx.run(text, params));

describe('a proof that comes while the stream is parked', () => {
  /** What a read of the stream comes to when the schedule asks for a proof during it. */
  async function proofsAfter(end: 'succeeds' | 'fails'): Promise<number> {
    await world.drain({ without: ['deliver'], skipWaits: true });
    const { deps, caller } = world;
    const { runId } = await startPull(deps, caller, { connection: 'crm', streams: [STREAM] });
    await sql(`delete from outbox where job = 'pull'`);
    await sql(
      `update run_stream set status = 'parked', resume_at = app.clock() where run_id = $1`,
      [runId],
    );
    await sql(`update run set status = 'parked' where id = $1`, [runId]);
    const proofs = async (): Promise<number> => {
      const runs = await world.inTx((tx) => listRuns(tx, { connection: 'crm', limit: 100 }));
      const ofStream = runs.filter(({ streams }) => streams.some((each) => each.stream === STREAM));
      return ofStream.filter(({ keysOnly }) => keysOnly).length;
    };
    const before = await proofs();
    const context = {
      tenantId: caller.tenantId,
      signal: new AbortController().signal,
      hold: async () => undefined,
    };
    await startScheduledPull(deps, context, { connection: 'crm', proof: true });
    expect(await proofs()).toBe(before);
    await world.drain({ without: ['deliver', 'pull'] });
    const real = await deps.sessions.of(caller.tenantId, 'crm');
    const session = end === 'succeeds' ? real : { ...real, listKeys: async () => [] };
    const sessions = { ...deps.sessions, of: async () => session };
    await pullStream({ ...deps, sessions }, context, { runId, stream: STREAM });
    await world.drain({ without: ['deliver'], skipWaits: true });
    return (await proofs()) - before;
  }

  test('is made once the stream has been read', async () => {
    expect(await proofsAfter('succeeds')).toBe(1);
    await world.pull('crm', { streams: [STREAM] });

    const runs = await world.inTx((tx) => listRuns(tx, { connection: 'crm', limit: 2 }));

    expect(runs.map(({ keysOnly }) => keysOnly)).toEqual([false, true]);
  }, 60_000);

  test('still waits after a read that did not close, for one that does', async () => {
    const changed = await world.twins.salesforce.records(STREAM);
    await world.twins.salesforce.mutate({
      object: STREAM,
      operation: 'update',
      id: textOf(changed[0] ?? {}, 'Id'),
      fields: { Name: 'Changed while it was parked' },
    });

    expect(await proofsAfter('fails')).toBe(0);
    await world.pull('crm', { streams: [STREAM] });
    const [newest] = await world.inTx((tx) => listRuns(tx, { connection: 'crm', limit: 1 }));

    expect(newest).toMatchObject({ keysOnly: true, status: 'succeeded' });
  }, 60_000);
});
