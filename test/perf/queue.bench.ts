import { Queue as BullQueue, Worker, createPostgresBackend } from 'bullmq';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { benchStore } from './bench-store.ts';
import { interleave, timed, type BenchRow, type Rates } from './measure.ts';
import { hasRedis, startRedis } from '../support/redis-server.ts';

const ROUNDS = 5;
const AT_ONCE = 500;
const CONCURRENCY = 8;
const SIZE = { postgres: 4_000, redis: 20_000 } as const;
const CONNECTIONS = { producer: 1, consumer: 2 } as const;
const KEEP_NOTHING = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };

type Place = { readonly databaseUrl: string; readonly redisUrl: string | undefined };

/** Resolves once `size` pieces of work ran. */
function countTo(size: number): { readonly one: () => void; readonly all: Promise<void> } {
  const { promise: all, resolve } = Promise.withResolvers<void>();
  let ran = 0;
  return { all, one: () => ((ran += 1) === size ? resolve() : undefined) };
}

/** Every wake-up through our queue, from the asking to the end of its work. */
async function ourRound(place: Place, size: number, round: number): Promise<number> {
  const lanes = new Map([['work', 'bulk' as const]]);
  const queue = await openBullmqQueue({ ...place, lanes, logger: silentLogger });
  const count = countTo(size);
  await queue.start(async () => count.one(), { interactive: 1, bulk: CONCURRENCY, schedule: 1 });
  const refs = Array.from({ length: size }, (_, at) => ({ tenantId: 'bench', job: 'work', key: `${round}/${at}`, version: at })); // prettier-ignore
  const took = await timed(async () => {
    await queue.enqueue(refs);
    await count.all;
  });
  await queue.close(1_000);
  return took;
}

/** The same by BullMQ alone: one queue, one worker, the same jobs. */
async function bareRound(place: Place, size: number, round: number): Promise<number> {
  const { queue, worker, count } = await bareQueue(place, size);
  const took = await timed(async () => {
    for (let at = 0; at < size; at += AT_ONCE)
      await queue.addBulk(
        Array.from({ length: Math.min(AT_ONCE, size - at) }, (_, n) => ({
          name: 'work',
          data: { tenantId: 'bench', job: 'work', key: `${round}/${at + n}`, version: at + n },
          opts: { jobId: `bare-${round}-${at + n}`, attempts: 1, ...KEEP_NOTHING },
        })),
      );
    await count.all;
  });
  await worker.close();
  await queue.close();
  return took;
}

async function bareQueue({ databaseUrl, redisUrl }: Place, size: number) {
  const count = countTo(size);
  const run = async (): Promise<void> => count.one();
  const streams = { events: { maxLen: 100 } };
  const options = { concurrency: CONCURRENCY, ...KEEP_NOTHING };
  const pool = (max: number) => ({ connectionString: databaseUrl, max, migrate: true });
  const queue =
    redisUrl === undefined
      ? new BullQueue('bare', { connection: pool(CONNECTIONS.producer), streams }, createPostgresBackend) // prettier-ignore
      : new BullQueue('bare', { connection: { url: redisUrl }, streams });
  await queue.waitUntilReady();
  const worker =
    redisUrl === undefined
      ? new Worker('bare', run, { connection: pool(CONNECTIONS.consumer), ...options }, createPostgresBackend) // prettier-ignore
      : new Worker('bare', run, { connection: { url: redisUrl }, ...options });
  await worker.waitUntilReady();
  return { queue, worker, count };
}

function contest(place: Place, size: number): Promise<Rates> {
  let round = 0;
  return interleave({
    size,
    rounds: ROUNDS,
    ours: () => ourRound(place, size, (round += 1)),
    floor: () => bareRound(place, size, (round += 1)),
  });
}

const ratioOf = ({ ours, floor }: Rates): number => Number((ours / floor).toFixed(3));

/** Wake-ups a second through our queue, from asking to done, against BullMQ alone; the worse of its two backends. */
export async function bench(): Promise<BenchRow> {
  const store = await benchStore();
  const redis = hasRedis() ? await startRedis() : null;
  try {
    const postgres = await contest({ databaseUrl: store.url, redisUrl: undefined }, SIZE.postgres);
    const byRedis =
      redis === null
        ? null
        : await contest({ databaseUrl: store.url, redisUrl: redis.url }, SIZE.redis);
    const worse = byRedis !== null && ratioOf(byRedis) < ratioOf(postgres) ? byRedis : postgres;
    const told = (rates: Rates | null) =>
      rates === null ? 'not run: no redis-server' : { ...rates, ratio: ratioOf(rates) };
    const details = { postgres: told(postgres), redis: told(byRedis) };
    return { name: 'queue', ...worse, unit: 'wake-ups/s', goal: 0.9, details };
  } finally {
    await store.close();
    await redis?.stop();
  }
}
