import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { NotFoundError, ValidationError } from '../kernel/errors.ts';
import { silentLogger } from '../kernel/logger.ts';
import type { WorkRef } from './port.ts';
import { ensureSchedules, listSchedules, setSchedule } from './schedules.ts';
import { startSweeper, type Sweeper } from './sweeper.ts';

const JOBS = [
  { name: 'reconcile', everySeconds: 86_400 },
  { name: 'deliver', everySeconds: null },
];

let db: TestStore;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>) => db.store.withTenant(db.tenantId, fn);
const sweepers: Sweeper[] = [];

beforeAll(async () => {
  db = await testStore();
});
afterEach(async () => {
  await Promise.all(sweepers.splice(0).map((one) => one.stop()));
  await inTx((tx) => tx.run('delete from outbox'));
  await inTx((tx) => tx.run('delete from schedule'));
});
afterAll(() => db.close());

/** A sweeper that sweeps when it is told to, and what it woke. */
async function sweeping(onSweep: readonly (() => Promise<void>)[] = []) {
  const woken: (readonly [WorkRef, string | undefined])[] = [];
  const sweeper = startSweeper({
    store: db.store,
    queue: {
      enqueue: async (refs, nudge) => {
        for (const ref of refs) woken.push([ref, nudge]);
      },
    },
    logger: silentLogger,
    everyMs: 3_600_000,
    onSweep,
  });
  sweepers.push(sweeper);
  await until(async () => (await sweeper.sweep()).held);
  woken.length = 0;
  return { sweeper, woken };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('It never came to pass.');
}

const late = (seconds: number) =>
  inTx((tx) =>
    tx.run('update schedule set next_at = app.clock() - make_interval(secs => $1)', [seconds]),
  );
const secondsToNext = async () => {
  const [row] = await inTx((tx) =>
    tx.sql<{ s: number }>(
      'select extract(epoch from next_at - app.clock())::float8 as s from schedule',
    ),
  );
  return row?.s;
};

describe('schedules', () => {
  test('come with the jobs that have an interval, and what a person set stays', async () => {
    await inTx((tx) => ensureSchedules(tx, JOBS));
    await inTx((tx) => setSchedule(tx, { job: 'reconcile', everySeconds: 3_600, enabled: false }));

    await inTx((tx) => ensureSchedules(tx, JOBS));

    expect(await inTx((tx) => listSchedules(tx))).toEqual([
      {
        job: 'reconcile',
        key: '',
        payload: {},
        everySeconds: 3_600,
        enabled: false,
        nextAt: expect.any(Date),
      },
    ]);
  });

  test('of one job may be several, by key, each with a payload of its own', async () => {
    const payload = { connection: 'crm' };
    await inTx((tx) => setSchedule(tx, { job: 'pull', key: 'crm', payload, everySeconds: 60 }));

    const changed = await inTx((tx) =>
      setSchedule(tx, { job: 'pull', key: 'crm', enabled: false }),
    );

    expect(changed).toMatchObject({ payload, everySeconds: 60, enabled: false });
  });

  test('that do not exist are not changed, and an interval is a whole number of seconds', async () => {
    const change = (everySeconds?: number) =>
      inTx((tx) =>
        setSchedule(tx, { job: 'x', ...(everySeconds === undefined ? {} : { everySeconds }) }),
      );

    await expect(change()).rejects.toThrow(NotFoundError);
    await expect(change(0)).rejects.toThrow(ValidationError);
    await expect(change(1.5)).rejects.toThrow(ValidationError);
  });

  test('a shorter interval counts from now', async () => {
    await inTx((tx) => ensureSchedules(tx, JOBS));
    await late(-80_000);

    await inTx((tx) => setSchedule(tx, { job: 'reconcile', everySeconds: 60 }));

    expect(await secondsToNext()).toBeLessThanOrEqual(60);
  });
});

describe('the sweeper', () => {
  test('fires a schedule once after three missed days, and keeps its time of day', async () => {
    await inTx((tx) => ensureSchedules(tx, JOBS));
    const { sweeper, woken } = await sweeping();
    await inTx((tx) => tx.run('delete from outbox'));
    await late(3 * 86_400 + 3_600);

    await sweeper.sweep();
    await sweeper.sweep();
    const rows = await inTx((tx) => tx.sql<{ job: string }>('select job from outbox'));

    expect(rows).toEqual([{ job: 'reconcile' }]);
    expect(woken[0]?.[0]).toMatchObject({ job: 'reconcile', key: '' });
    expect(await secondsToNext()).toBeGreaterThan(86_400 - 3_600 - 60);
    expect(await secondsToNext()).toBeLessThanOrEqual(86_400 - 3_600);
  });

  test('F-58: two that sweep at one moment fire a schedule once', async () => {
    const [one, two] = [await sweeping(), await sweeping()];
    await inTx((tx) => ensureSchedules(tx, JOBS));

    const results = await Promise.all([one.sweeper.sweep(), two.sweeper.sweep()]);
    const rows = await inTx((tx) => tx.sql<{ version: number }>('select version from outbox'));

    expect(rows).toHaveLength(1);
    expect(results.some(({ held }) => held)).toBe(true);
    expect(one.woken.length + two.woken.length).toBeGreaterThan(0);
  });

  test('leaves a schedule that is switched off', async () => {
    await inTx((tx) => ensureSchedules(tx, JOBS));
    await inTx((tx) => setSchedule(tx, { job: 'reconcile', enabled: false }));
    const { sweeper, woken } = await sweeping();

    await sweeper.sweep();

    expect(woken).toEqual([]);
  });

  test('looks at the rest when one thing to look at fails', async () => {
    const looked: string[] = [];
    const { sweeper } = await sweeping([
      () => Promise.reject(new Error('no')),
      async () => {
        looked.push('second');
      },
    ]);
    looked.length = 0;

    await sweeper.sweep();

    expect(looked).toEqual(['second']);
  });

  test('outlives a database or queue that is away, and sweeps by itself', async () => {
    let calls = 0;
    await inTx((tx) => ensureSchedules(tx, JOBS));
    const sweeper = startSweeper({
      store: db.store,
      queue: {
        enqueue: () => {
          calls += 1;
          return Promise.reject(new Error('away'));
        },
      },
      logger: silentLogger,
      everyMs: 10,
    });
    sweepers.push(sweeper);

    await until(() => Promise.resolve(calls > 3));

    expect(calls).toBeGreaterThan(3);
  });
});
