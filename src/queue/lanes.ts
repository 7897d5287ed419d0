import { Queue as BullQueue, Worker, createPostgresBackend, type Job } from 'bullmq';
import { ConfigError } from '../kernel/errors.ts';
import type { Lane } from '../sdk/define-job.ts';

export const LANES: readonly Lane[] = ['interactive', 'bulk', 'schedule'];

/** The queues and workers of one backend, as far as we use them. */
export interface Lanes {
  producer(lane: Lane): Producer;
  consumer(lane: Lane, options: ConsumerOptions): Consumer;
}

export interface WakeUpJob {
  readonly name: string;
  readonly data: unknown;
  readonly opts: {
    readonly jobId: string;
    readonly attempts: 1;
    readonly removeOnComplete: { readonly count: 0 };
    readonly removeOnFail: { readonly count: 0 };
  };
}

interface Closable {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  disconnect(): Promise<void>;
}

export interface Producer extends Closable {
  addBulk(jobs: WakeUpJob[]): Promise<unknown>;
  getJobCounts(...types: ('waiting' | 'active')[]): Promise<Record<string, number>>;
  close(): Promise<void>;
}

export interface Consumer extends Closable {
  pause(doNotWaitActive?: boolean): Promise<void>;
  close(force?: boolean): Promise<void>;
}

export interface ConsumerOptions {
  readonly concurrency: number;
  readonly run: (data: unknown) => Promise<void>;
}

/** Connections to PostgreSQL that one lane takes: its producer's, its worker's two, and the one that listens. */
export const POSTGRES_CONNECTIONS = { producer: 1, consumer: 3 } as const;

/** The backend writes one event per step of a job and we read none of them. */
const KEEP_EVENTS = { events: { maxLen: 100 } };
/** The worker's own option must be an object: `true` stops every job on Redis. */
const KEEP_NOTHING = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };
/** A lane is one hash slot of a Redis cluster. */
const REDIS_PREFIX = '{trueup}';
const CONNECT_MS = 5_000;

/** The lanes in the schema `bullmq` of our own PostgreSQL. The first producer brings the schema up to date. */
export function postgresLanes(databaseUrl: string): Lanes {
  const connection = (max: number, migrate: boolean) => ({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_MS,
    max,
    migrate,
  });
  let migrate = true;
  return {
    producer: (lane) => {
      const options = { connection: connection(1, migrate), streams: KEEP_EVENTS };
      migrate = false;
      return new BullQueue(lane, options, createPostgresBackend);
    },
    consumer: (lane, { concurrency, run }) =>
      new Worker(
        lane,
        async (job: Job) => await run(job.data),
        { connection: connection(2, false), concurrency, ...KEEP_NOTHING },
        createPostgresBackend,
      ),
  };
}

/** The lanes in Redis or Valkey. Rejects when it does not answer; ConfigError when the driver is not installed. */
export async function redisLanes(redisUrl: string): Promise<Lanes> {
  await requireRedis(redisUrl);
  const connection = { url: redisUrl, connectTimeout: CONNECT_MS };
  return {
    producer: (lane) =>
      new BullQueue(lane, {
        connection: { ...connection, maxRetriesPerRequest: 1 },
        prefix: REDIS_PREFIX,
        streams: KEEP_EVENTS,
      }),
    consumer: (lane, { concurrency, run }) =>
      new Worker(lane, async (job: Job) => await run(job.data), {
        connection,
        prefix: REDIS_PREFIX,
        concurrency,
        ...KEEP_NOTHING,
      }),
  };
}

/**
 * One connection and one PING before BullMQ starts, because BullMQ retries an absent driver or server without
 * end. The driver is loaded here, so that an installation without Redis can do without it.
 */
async function requireRedis(redisUrl: string): Promise<void> {
  const Redis = await loadDriver();
  const client = new Redis(redisUrl, {
    connectTimeout: CONNECT_MS,
    disconnectTimeout: 100,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined); // the rejected promise says it
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}

async function loadDriver(): Promise<typeof import('ioredis').Redis> {
  try {
    const { Redis } = await import('ioredis');
    return Redis;
  } catch (error) {
    throw new ConfigError(
      'REDIS_URL is set, but the package ioredis is not installed. Run npm install, or unset REDIS_URL.',
      { cause: error },
    );
  }
}
