import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { requestWork } from '../../src/queue/outbox.ts';
import { benchStore, TENANT, type BenchStore } from './bench-store.ts';
import { interleave, timed, type BenchRow } from './measure.ts';
import { startRedis } from '../support/redis-server.ts';

const PIECES = 600;
const ROUNDS = 3;
/** At a time in one process. */
const CONCURRENCY = 4;
const ANSWER_MS = 20;
const POLL_MS = 5;

async function startWorkers(
  count: number,
  places: readonly string[],
): Promise<{ readonly stop: () => Promise<void> }> {
  const module = join(import.meta.dirname, 'waiting-worker.ts');
  const args = [...places, String(CONCURRENCY), String(ANSWER_MS)];
  const workers = Array.from({ length: count }, () => fork(module, args));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return { stop: async () => void (await Promise.all(workers.map(end))) };
}

async function end(worker: ChildProcess): Promise<void> {
  const gone = once(worker, 'exit');
  worker.send('end');
  await gone;
}

/** Asks for all pieces and waits until none is left in the outbox. */
async function round({ store, url }: BenchStore, redisUrl: string, workers: number): Promise<number> {
  const queue = await openBullmqQueue({
    databaseUrl: url,
    redisUrl,
    lanes: new Map([['wait', 'bulk' as const]]),
    logger: silentLogger,
  });
  const { stop } = await startWorkers(workers, [url, redisUrl]);
  const pieces = Array.from({ length: PIECES }, (_, n) => ({ job: 'wait', key: String(n), payload: {} }));
  const took = await timed(async () => {
    await queue.enqueue(await store.withTenant(TENANT, (tx) => requestWork(tx, pieces)));
    while ((await left(store)) > 0) await sleep(POLL_MS);
  });
  await Promise.all([stop(), queue.close(1_000)]);
  return took;
} // prettier-ignore

async function left(store: BenchStore['store']): Promise<number> {
  const [row] = await store.readTenant(TENANT, (tx) =>
    tx.sql<{ n: number }>(`select count(*)::int as n from outbox w where w.job = 'wait'`),
  );
  return row?.n ?? 0;
}

/** Pieces of work a second by two worker processes against one, on Redis; each piece waits 20 ms for another system. */
export async function bench(): Promise<BenchRow> {
  const [store, redis] = await Promise.all([benchStore(), startRedis()]);
  try {
    const rates = await interleave({
      size: PIECES,
      rounds: ROUNDS,
      ours: () => round(store, redis.url, 2),
      floor: () => round(store, redis.url, 1),
    });
    return { name: 'workers', ...rates, unit: 'pieces/s', goal: 1.6 };
  } finally {
    await Promise.all([store.close(), redis.stop()]);
  }
}
