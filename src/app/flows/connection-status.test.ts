import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import { getConnection, updateConnection } from '../../intake/connections.ts';
import { listRuns } from '../../intake/runs.ts';
import { latestRun } from '../../licensing/runs.ts';
import { changeConnection } from './change-connection.ts';
import { startPull } from './start-pull.ts';

// What reads and pauses do to the status of a connection, and what its status does to the rest.

const ERP = { streams: ['customer'], without: ['deliver'] };

let world: Harness;

beforeAll(async () => {
  world = await startHarness();
}, 60_000);
afterAll(() => world?.stop());

const statusOf = async (id: string): Promise<string> =>
  (await world.inTx((tx) => getConnection(tx, id))).status;
const outage = (status: number) =>
  world.twins.netsuite.faults({ action: 'status', status, match: { path: 'suiteql' } });
const deliveries = () =>
  world.inTx((tx) => tx.sql(`select w.key from outbox w where w.job = 'deliver'`));

describe('a connection that is read', () => {
  test('keeps its status while the vendor is out', async () => {
    await outage(503);

    const run = await world.pull('erp', ERP);

    expect(run.streams).toMatchObject([
      { status: 'failed', error: { code: 'remote_unavailable' } },
    ]);
    expect(await statusOf('erp')).toBe('unchecked');
  }, 30_000);

  test('waits for credentials when they are refused', async () => {
    await outage(401);

    const run = await world.pull('erp', ERP);

    expect([run.status, await statusOf('erp')]).toEqual(['parked', 'reauth_required']);
    expect(run.streams).toMatchObject([
      { status: 'parked', error: { code: 'auth_expired' }, resumeAt: null },
    ]);
  });

  test('is well again after a read that works, and what waited is written', async () => {
    await world.twins.netsuite.faults();
    await world.inTx(async (tx) => {
      await updateConnection(tx, 'erp', { mode: 'read-write' });
      await proposeIntents(tx, [
        { connection: 'erp', object: 'salesOrder', canonicalId: 'x', vendorId: null, fields: {} },
      ]);
    });
    const before = await deliveries();

    const run = await world.pull('erp', ERP);

    expect([run.status, await statusOf('erp')]).toEqual(['succeeded', 'ok']);
    expect([before.length, (await deliveries()).length]).toEqual([0, 1]);
  });

  test('stays paused, whatever becomes of a read that was under way', async () => {
    await outage(401);
    await startPull(world.deps, world.caller, { connection: 'erp', streams: ['customer'] });
    await changeConnection(world.deps, world.caller, { id: 'erp', paused: true });
    await world.drain({ without: ['deliver'] });

    expect(await statusOf('erp')).toBe('paused');

    await world.twins.netsuite.faults();
    await changeConnection(world.deps, world.caller, { id: 'erp', paused: false });
    await world.pull('erp', ERP);
  });
});

describe('a reconciliation', () => {
  const isComplete = async (): Promise<boolean | undefined> => {
    await world.ask('reconcile', { reconciliationId: null });
    await world.drain({ without: ['deliver'] });
    return (await world.inTx((tx) => latestRun(tx)))?.complete;
  };

  test('is not held up by a connection that is paused', async () => {
    await world.twins.scim.faults({ action: 'status', status: 401, match: { path: 'Users' } });
    await world.pull('people', { streams: ['Users'], without: ['deliver'] });

    const failing = await isComplete();
    await changeConnection(world.deps, world.caller, { id: 'people', paused: true });
    const paused = await isComplete();

    expect([failing, paused]).toEqual([false, true]);
  }, 30_000);

  test('is not held up by a stream that the connection no longer reads', async () => {
    const set = (streams: readonly string[], config = {}) =>
      changeConnection(world.deps, world.caller, {
        id: 'files',
        config: { ...config, streams: [...streams] },
        check: false,
      });
    await set(['employment', 'agreements'], { files: { employment: 'absent.csv' } });
    await world.pull('files', { without: ['deliver'] });

    const failing = await isComplete();
    await set(['agreements']);
    const narrowed = await isComplete();

    expect([failing, narrowed]).toEqual([false, true]);
  }, 30_000);
});

test('a read, by hand or by schedule, is of the streams that the settings choose', async () => {
  const byHand = await world.pull('files', { without: ['deliver'] });
  await world.ask('pull', { connection: 'files' });
  await world.drain({ without: ['deliver'] });
  const [bySchedule] = await world.inTx((tx) => listRuns(tx, { connection: 'files', limit: 1 }));

  expect(byHand.streams.map(({ stream }) => stream)).toEqual(['agreements']);
  expect(bySchedule?.trigger).toBe('schedule');
  expect(bySchedule?.streams.map(({ stream }) => stream)).toEqual(['agreements']);
  await expect(world.pull('files', { streams: ['employment'] })).rejects.toThrow(
    /reads no stream "employment"/,
  );
});
