import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { z } from 'zod';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { hasRedis, startRedis } from '../../test/support/redis-server.ts';
import { systemClock } from '../kernel/clock.ts';
import { RemoteUnavailable, StoreUnavailable } from '../kernel/errors.ts';
import { silentLogger } from '../kernel/logger.ts';
import { defineJob, type JobDefinition } from '../sdk/define-job.ts';
import type { Flows, JobContext } from '../sdk/flows.ts';
import { openBullmqQueue } from './bullmq-queue.ts';
import { listStuck, requestWork, type WorkItem } from './outbox.ts';
import type { Queue } from './port.ts';
import { createRunner, type RunOutcome } from './runner.ts';
import { startSweeper, type Sweeper } from './sweeper.ts';

const ONE_EACH = { interactive: 1, bulk: 2, schedule: 1 };
const WHY = hasRedis() ? '' : ' (not run: no redis-server here)';
const withRedis = hasRedis() ? describe : describe.skip;

interface Backend {
  readonly redisUrl: string | undefined;
  /** Forgets every wake-up, as FLUSHALL or a truncated table does. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

async function redisBackend(given?: number): Promise<Backend & { readonly port: number }> {
  const redis = await startRedis(given);
  return {
    port: redis.port,
    redisUrl: redis.url,
    wipe: async () => {
      await redis.say('FLUSHALL');
    },
    stop: () => redis.stop(),
  };
}

function postgresBackend(db: TestStore): Backend {
  return {
    redisUrl: undefined,
    wipe: async () => {
      const client = new pg.Client({ connectionString: db.url });
      await client.connect();
      await client.query('truncate bullmq.job cascade');
      await client.end();
    },
    stop: () => Promise.resolve(),
  };
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(`It never came to pass: ${what}`);
}

/** One process's worth of workers whose job notes what it did, and may be told to wait or to fail. */
interface Bench {
  readonly queue: Queue;
  readonly done: string[];
  readonly outcomes: RunOutcome[];
  close(): Promise<void>;
}

type Act = (key: string, context: JobContext) => Promise<void>;

function jobNamed(name: string, act: Act) {
  return defineJob({
    name,
    lane: 'bulk',
    payload: z.strictObject({ key: z.string() }),
    retry: { attempts: 2, backoffMs: 1 },
    everySeconds: null,
    run: async (_flows, payload, context) => await act(payload.key, context),
  }) as JobDefinition;
}

function queueRules(onRedis: boolean): void {
  let db: TestStore;
  let backend: Backend;
  const benches: Bench[] = [];
  const sweepers: Sweeper[] = [];

  async function bench(act: Act = () => Promise.resolve(), concurrency = ONE_EACH): Promise<Bench> {
    const done: string[] = [];
    const outcomes: RunOutcome[] = [];
    const job = jobNamed('note', async (key, context) => {
      await act(key, context);
      done.push(`${context.tenantId}/${key}`);
    });
    const queue = await openBullmqQueue({
      databaseUrl: db.url,
      redisUrl: backend.redisUrl,
      lanes: new Map([[job.name, job.lane]]),
      logger: silentLogger,
    });
    const run = createRunner({
      store: db.store,
      jobs: new Map([[job.name, job]]),
      flows: {} as Flows,
      queue,
      clock: systemClock(),
      logger: silentLogger,
      observe: { observeJob: (_job, outcome) => outcomes.push(outcome) },
    });
    await queue.start(run, concurrency);
    const made = { queue, done, outcomes, close: () => queue.close(200) };
    benches.push(made);
    return made;
  }

  async function request(keys: readonly string[], tenantId = db.tenantId) {
    const items = keys.map((key): WorkItem => ({ job: 'note', key, payload: { key } }));
    return await db.store.withTenant(tenantId, (tx) => requestWork(tx, items));
  }

  const rowsLeft = async () =>
    await db.store.withTenant(db.tenantId, async (tx) => {
      const rows = await tx.sql<{ n: number }>('select count(*)::int as n from outbox');
      return rows[0]?.n;
    });

  /** A run notes its deed before its row is settled, so what is left is asked until it holds. */
  const untilNoRowIsLeft = async () => {
    await until(async () => (await rowsLeft()) === 0, 'no row is left');
  };

  /** A queue without workers. */
  const feeder = async () => {
    const queue = await openBullmqQueue({
      databaseUrl: db.url,
      redisUrl: backend.redisUrl,
      lanes: new Map([['note', 'bulk']]),
      logger: silentLogger,
    });
    benches.push({ queue, done: [], outcomes: [], close: () => queue.close(0) });
    return queue;
  };

  const sweepWith = (queue: Queue, everyMs: number) => {
    const sweeper = startSweeper({ store: db.store, queue, logger: silentLogger, everyMs });
    sweepers.push(sweeper);
  };

  const closeBenches = async () => {
    await Promise.all(sweepers.splice(0).map((one) => one.stop()));
    await Promise.all(benches.splice(0).map((one) => one.close()));
  };

  beforeAll(async () => {
    db = await testStore();
    backend = onRedis ? await redisBackend() : postgresBackend(db);
  });

  afterEach(async () => {
    await closeBenches();
    await db.store.withTenant(db.tenantId, (tx) => tx.run('delete from outbox'));
  });

  afterAll(async () => {
    await backend.stop();
    await db.close();
  });

  test('work that is asked for runs once and leaves no row', async () => {
    const one = await bench();
    const keys = Array.from({ length: 20 }, (_, at) => `once-${at}`);

    await one.queue.enqueue(await request(keys));
    await until(() => one.done.length === keys.length, 'all work done');

    expect(one.done.toSorted()).toEqual(keys.map((key) => `acme/${key}`).toSorted());
    await untilNoRowIsLeft();
  });

  test('a wake-up that comes twice, to two workers, runs the work once', async () => {
    const [one, two] = [await bench(() => sleep(100)), await bench(() => sleep(100))];
    const refs = await request(['race-1', 'race-2', 'race-3', 'race-4']);

    await Promise.all([one.queue.enqueue(refs, 'a'), two.queue.enqueue(refs, 'b')]);
    await until(() => one.done.length + two.done.length >= refs.length, 'all work done');
    await sleep(300);

    expect([...one.done, ...two.done].toSorted()).toEqual(
      ['acme/race-1', 'acme/race-2', 'acme/race-3', 'acme/race-4'].toSorted(),
    );
  });

  test('F-56: a wiped queue loses nothing, because the sweeper reads rows', async () => {
    const refs = await request(['wiped-1', 'wiped-2']);
    const idle = await feeder();
    await idle.enqueue(refs);
    expect(await idle.depth()).toMatchObject({ bulk: 2 });
    await backend.wipe();
    expect(await idle.depth()).toMatchObject({ bulk: 0 });
    const one = await bench();

    sweepWith(idle, 100);
    await until(() => one.done.length === 2, 'the sweeper woke a worker');

    expect(one.done.toSorted()).toEqual(['acme/wiped-1', 'acme/wiped-2']);
  });

  test('work that fails for now is tried again, then stays as stuck with its reason', async () => {
    const one = await bench(() => Promise.reject(new RemoteUnavailable('The ERP is away.')));
    sweepWith(one.queue, 50);

    await one.queue.enqueue(await request(['failing']));
    await until(() => one.outcomes.length === 2, 'both attempts');
    const stuck = await db.store.withTenant(db.tenantId, (tx) => listStuck(tx));

    expect(one.outcomes).toEqual(['retry', 'stuck']);
    expect(stuck).toEqual([
      expect.objectContaining({ key: 'failing', attempts: 2, error: 'The ERP is away.' }),
    ]);
  });

  test('work that is asked for anew while it runs is run again with the newest payload', async () => {
    const started = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let runs = 0;
    const one = await bench(async () => {
      runs += 1;
      started.resolve();
      if (runs === 1) await goOn.promise;
    });

    await one.queue.enqueue(await request(['anew']));
    await started.promise;
    await one.queue.enqueue(await request(['anew']));
    goOn.resolve();
    await until(() => one.outcomes.length === 2, 'the second run');

    expect(one.outcomes.toSorted()).toEqual(['again', 'done']);
    await untilNoRowIsLeft();
  });

  test('one tenant in turn with the other: thousands of one do not delay the other', async () => {
    const idle = await feeder();
    const many = await request(Array.from({ length: 30 }, (_, at) => `many-${at}`));
    const few = await request(['few-1', 'few-2'], db.otherTenantId);
    await idle.enqueue([...many, ...few]);

    const one = await bench(undefined, { interactive: 1, bulk: 1, schedule: 1 });
    await until(() => one.done.length === 32, 'all work done');

    expect(one.done.indexOf('globex/few-1')).toBeLessThanOrEqual(2);
    expect(one.done.indexOf('globex/few-2')).toBeLessThanOrEqual(4);
  });

  test('a stop hands running work back, and another worker takes it at once', async () => {
    const started = Promise.withResolvers<void>();
    const one = await bench(async (_key, { signal }) => {
      started.resolve();
      await sleep(60_000, undefined, { signal });
    });
    const refs = await request(['handed-back']);
    await one.queue.enqueue(refs);
    await started.promise;

    await closeBenches();
    const two = await bench();
    await two.queue.enqueue(refs, 'again');
    await until(() => two.done.length === 1, 'the second worker did it');

    expect(one.outcomes).toEqual(['returned']);
    expect(one.done).toEqual([]);
  });

  test('a worker that is killed leaves its work to another one when the lease ends', async () => {
    const queue = await feeder();
    await queue.enqueue(await request(['killed']));
    const child = startWorker(db.url, backend.redisUrl, db.tenantId);
    await child.started;
    child.process.kill('SIGKILL');
    await once(child.process, 'exit');
    const [left] = await db.store.withTenant(db.tenantId, (tx) =>
      tx.sql<{ seconds: number }>(
        'select extract(epoch from lease_until - app.clock())::float8 as seconds from outbox',
      ),
    );
    // The rest of the lease passes here, so that the test need not wait for it.
    await db.store.withTenant(db.tenantId, (tx) =>
      tx.run('update outbox set lease_until = app.clock()'),
    );

    const one = await bench();
    sweepWith(queue, 100);
    await until(() => one.done.includes('acme/killed'), 'another worker finished it');

    expect(left?.seconds).toBeGreaterThan(0);
    expect(left?.seconds).toBeLessThanOrEqual(15);
    await untilNoRowIsLeft();
  });
}

describe('the queue on PostgreSQL', () => {
  queueRules(false);
});

withRedis(`the queue on Redis${WHY}`, () => {
  queueRules(true);

  test('F-56: a server that is down refuses wake-ups in time, and works on when it is back', async () => {
    const first = await redisBackend();
    const queue = await openBullmqQueue({
      databaseUrl: '',
      redisUrl: first.redisUrl,
      lanes: new Map(),
      logger: silentLogger,
    });
    const seen: string[] = [];
    await queue.start(async ({ key }) => {
      seen.push(key);
    }, ONE_EACH);
    const ref = { tenantId: 'acme', job: 'note', key: 'k', version: 1 };
    await first.stop();

    await expect(queue.enqueue([ref])).rejects.toThrow(StoreUnavailable);
    await expect(queue.ping()).rejects.toThrow('REDIS_URL');
    const second = await redisBackend(first.port);
    await until(() => queue.ping().then(() => true, () => false), 'Redis is back'); // prettier-ignore
    await queue.enqueue([ref], 'again');
    await until(() => seen.includes('k'), 'the worker works on');

    expect(seen).toContain('k');
    await queue.close(0);
    await second.stop();
  });
});

describe('a queue that cannot be reached', () => {
  test.each([
    ['PostgreSQL (DATABASE_URL)', undefined],
    ['Redis (REDIS_URL)', 'redis://127.0.0.1:1/0'],
  ])('%s: the start fails and says so', async (place, redisUrl) => {
    const opening = openBullmqQueue({
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      redisUrl,
      lanes: new Map(),
      logger: silentLogger,
    });

    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(place);
  });
});

function startWorker(databaseUrl: string, redisUrl: string | undefined, tenantId: string) {
  const process = spawn(
    globalThis.process.execPath,
    [fileURLToPath(import.meta.resolve('../../test/support/hanging-worker.ts'))],
    {
      env: {
        ...globalThis.process.env,
        DATABASE_URL: databaseUrl,
        ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
        TRUEUP_TENANT: tenantId,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return { process, started: once(process.stdout, 'data') };
}
