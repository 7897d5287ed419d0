import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import type { ReadWindow } from '../sdk/record.ts';
import { freezeWindow } from './checkpoints.ts';
import { addConnection } from './connections.ts';
import { runProgress } from './run-progress.ts';
import { getRun, openRun } from './runs.ts';

const FULL: ReadWindow = { mode: 'full', from: null, to: null };
const INCREMENTAL: ReadWindow = { mode: 'incremental', from: '2026-03-01', to: '2026-03-02' };
let db: TestStore;

beforeAll(async () => {
  db = await testStore();
  const common = { connector: 'scim', role: 'directory', config: {}, allowPrivateNetwork: false } as const; // prettier-ignore
  for (const id of ['people', 'others']) await inTx((tx) => addConnection(tx, { ...common, id }));
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);

/** Opens a run, freezes its window, and tells what it expects. */
async function expectedOf(connection: string, window: ReadWindow): Promise<number | null> {
  return await inTx(async (tx) => {
    const facts = { trigger: 'person', requestedBy: 'system:test', full: true } as const;
    const run = await openRun(tx, { ...facts, connection, streams: ['Users'] });
    await freezeWindow(tx, run, 'Users', window, null);
    const [shown, progress] = [await getRun(tx, run), await runProgress(tx, run)];
    expect(progress.streams[0]?.expected).toBe(shown.streams[0]?.expected);
    return shown.streams[0]?.expected ?? null;
  });
}

/** As if a full read had been certified. */
const certified = (connection: string, sourceCount: number) =>
  inTx(async (tx) => {
    const facts = { trigger: 'person', requestedBy: 'system:test', full: true } as const;
    const run = await openRun(tx, { ...facts, connection, streams: ['Users'] });
    await freezeWindow(tx, run, 'Users', FULL, null);
    await tx.run(
      `update run_stream set status = 'succeeded', finished_at = app.clock(), certificate = $2 where run_id = $1`,
      [run, JSON.stringify({ sourceCount })],
    );
  });

describe('how many records a read is expected to bring', () => {
  test('nobody can tell at first', async () => {
    expect(await expectedOf('people', FULL)).toBeNull();
  });

  test('is what the connector says', async () => {
    expect(await expectedOf('people', { ...INCREMENTAL, expected: 42 })).toBe(42);
  });

  test('is else, of a full read, what the source counted at the last one of this connection', async () => {
    await certified('people', 700);
    await certified('people', 900);
    await certified('others', 5);

    expect(await expectedOf('people', FULL)).toBe(900);
    expect(await expectedOf('people', INCREMENTAL)).toBeNull();
  });
});
