import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { fixedClock } from '../kernel/clock.ts';
import { ConfigError, RateLimited, RemoteUnavailable } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { silentLogger } from '../kernel/logger.ts';
import type { JobDefinition } from '../sdk/define-job.ts';
import type { Flows, JobContext } from '../sdk/flows.ts';
import { listStuck, requestWork } from './outbox.ts';
import type { WorkRef } from './port.ts';
import { createRunner, type RunOutcome } from './runner.ts';

const NOW = '2026-03-02T09:00:00.000Z';

let db: TestStore;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>) => db.store.withTenant(db.tenantId, fn);

beforeAll(async () => {
  db = await testStore();
});
afterEach(() => inTx((tx) => tx.run('delete from outbox')));
afterAll(() => db.close());

/** A runner with one job, and what it told the queue and the metrics. */
function runnerOf(act: (context: JobContext) => Promise<void>) {
  const woken: WorkRef[] = [];
  const outcomes: RunOutcome[] = [];
  const job: JobDefinition = {
    name: 'note',
    lane: 'bulk',
    payload: z.strictObject({ id: z.string() }),
    retry: { attempts: 3, backoffMs: 1 },
    everySeconds: null,
    run: (_flows, _payload, context) => act(context),
  };
  const run = createRunner({
    store: db.store,
    jobs: new Map([[job.name, job]]),
    flows: {} as Flows,
    queue: {
      enqueue: async (refs) => {
        woken.push(...refs);
      },
    },
    clock: fixedClock(NOW),
    logger: silentLogger,
    observe: { observeJob: (_job, outcome) => outcomes.push(outcome) },
    heartbeatMs: 20,
  });
  return { run, woken, outcomes };
}

async function ask(payload: JsonObject = { id: 'x' }, job = 'note'): Promise<WorkRef> {
  const [ref] = await inTx((tx) => requestWork(tx, [{ job, key: 'k', payload }]));
  if (ref === undefined) throw new Error('Nothing was asked for.');
  return ref;
}

const never = new AbortController().signal;
const takeOver = () => inTx((tx) => tx.run(`update outbox set fence = nextval('app.work_number')`));

describe('the runner', () => {
  test('does nothing for a wake-up whose work is done, held or gone', async () => {
    const { run, outcomes } = runnerOf(() => Promise.resolve());

    await run({ tenantId: db.tenantId, job: 'note', key: 'none', version: 1 }, never);
    await run({ tenantId: 'no-such-tenant', job: 'note', key: 'k', version: 1 }, never);

    expect(outcomes).toEqual([]);
  });

  test.each([
    ['that does not fit its job', { id: 7, amount: '12.00' }, 'note', 'id:'],
    ['of a job that is no more', { id: 'x' }, 'gone', 'no sync "gone"'],
  ])(
    'a payload %s is stuck at once, and its values are not repeated',
    async (_, payload, job, told) => {
      const { run, outcomes } = runnerOf(() => Promise.resolve());

      await run(await ask(payload, job), never);
      const [stuck] = await inTx((tx) => listStuck(tx));

      expect(outcomes).toEqual(['stuck']);
      expect(stuck?.error).toContain(told);
      expect(stuck?.error).not.toContain('12.00');
    },
  );

  test.each([
    ['a remote failure', new RemoteUnavailable('away'), 'retry'],
    ['a wrong configuration', new ConfigError('no key'), 'stuck'],
    ['an error that nobody foresaw', new TypeError('x is undefined'), 'retry'],
  ] as const)('%s: %s', async (_, error, outcome) => {
    const { run, outcomes } = runnerOf(() => Promise.reject(error));

    await run(await ask(), never);

    expect(outcomes).toEqual([outcome]);
  });

  test('a request to slow down waits until the time that was named', async () => {
    const retryAt = new Date(Date.parse(NOW) + 3_600_000);
    const { run } = runnerOf(() => Promise.reject(new RateLimited('slow', { retryAt })));

    await run(await ask(), never);
    const [row] = await inTx((tx) =>
      tx.sql<{ seconds: number; attempts: number }>(
        `select extract(epoch from not_before - app.clock())::float8 as seconds, attempts from outbox`,
      ),
    );

    expect(row?.attempts).toBe(0);
    expect(row?.seconds).toBeGreaterThan(3_590);
  });

  test('F-59: a lease that is taken over aborts the work, and nothing of it is recorded', async () => {
    let aborted = false;
    const { run, outcomes } = runnerOf(async (context) => {
      const { signal } = context;
      await takeOver();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted = signal.aborted;
      await inTx((tx) => context.hold(tx));
    });

    await run(await ask(), never);
    const [row] = await inTx((tx) =>
      tx.sql<{ attempts: number; lease_until: Date | null }>(
        'select attempts, lease_until from outbox',
      ),
    );

    expect(aborted).toBe(true);
    expect(outcomes).toEqual(['lost']);
    expect(row?.attempts).toBe(0);
    expect(row?.lease_until).not.toBeNull();
  });

  test('F-59: work that ends after its lease was taken over does not remove the row', async () => {
    const { run, outcomes } = runnerOf(async () => {
      await takeOver();
    });

    await run(await ask(), never);

    expect(outcomes).toEqual(['lost']);
    expect(await inTx((tx) => tx.sql('select 1 from outbox'))).toHaveLength(1);
  });

  test('the lease is renewed for as long as the work runs', async () => {
    const ends: (Date | undefined)[] = [];
    const leaseEnd = async () => {
      const [row] = await inTx((tx) =>
        tx.sql<{ lease_until: Date }>('select lease_until from outbox'),
      );
      ends.push(row?.lease_until);
    };
    const { run, outcomes } = runnerOf(async () => {
      await leaseEnd();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await leaseEnd();
    });

    await run(await ask(), never);

    expect(outcomes).toEqual(['done']);
    expect(Number(ends[1])).toBeGreaterThan(Number(ends[0]));
  });

  test('work that is asked for anew while it runs is woken again at once', async () => {
    const { run, woken, outcomes } = runnerOf(async () => {
      await ask({ id: 'newer' });
    });

    const first = await ask();
    await run(first, never);

    expect(outcomes).toEqual(['again']);
    expect(woken).toEqual([{ ...first, version: expect.any(Number) }]);
    expect(woken[0]?.version).not.toBe(first.version);
  });

  test('a stop hands the work back, due at once and with all its attempts', async () => {
    const stop = new AbortController();
    const { run, outcomes } = runnerOf(async ({ signal }) => {
      stop.abort();
      signal.throwIfAborted();
    });

    await run(await ask(), stop.signal);
    const rows = await db.store.asOwner((tx) => tx.sql('select * from app.due_work(10)'));

    expect(outcomes).toEqual(['returned']);
    expect(rows).toHaveLength(1);
  });

  test('a database that goes away leaves the row leased, and the worker alive', async () => {
    const ref = await ask();
    const { run } = runnerOf(() => Promise.resolve());
    const broken = createRunner({
      store: { ...db.store, withTenant: () => Promise.reject(new Error('gone')) },
      jobs: new Map(),
      flows: {} as Flows,
      queue: { enqueue: () => Promise.resolve() },
      clock: fixedClock(NOW),
      logger: silentLogger,
    });

    await broken(ref, never);
    await run(ref, never);

    expect(await inTx((tx) => tx.sql('select 1 from outbox'))).toEqual([]);
  });
});
