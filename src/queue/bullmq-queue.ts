import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { InternalError, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Lane } from '../sdk/define-job.ts';
import { limitRepeats } from '../telemetry/limit-repeats.ts';
import {
  LANES,
  postgresLanes,
  redisLanes,
  type Consumer,
  type Lanes,
  type Producer,
} from './lanes.ts';
import type { LaneCounts, Queue, RunWork, WorkRef } from './port.ts';
import { inTurns, wakeUpId } from './wake-up.ts';
import { withDeadline } from './with-deadline.ts';

const READY_MS = 15_000;
const ANSWER_MS = 5_000;
/** After the grace, work whose signal was aborted gets so long to hand itself back. */
const HAND_BACK_MS = 2_000;
const BULK = 500;

export interface BullmqQueueOptions {
  /** The queue lives here, unless `redisUrl` is given. */
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  /** The lane of each job, by name. */
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly logger: Logger;
}

const WakeUp = z.strictObject({
  tenantId: z.string(),
  job: z.string(),
  key: z.string(),
  version: z.int(),
}) satisfies z.ZodType<WorkRef>;

/**
 * Opens the three lanes on PostgreSQL, or on Redis when `redisUrl` is given, and waits until they answer.
 * Throws StoreUnavailable when the backend does not, ConfigError when its driver is missing.
 */
export async function openBullmqQueue(options: BullmqQueueOptions): Promise<Queue> {
  const place = options.redisUrl === undefined ? 'PostgreSQL (DATABASE_URL)' : 'Redis (REDIS_URL)';
  const silence = `The queue in ${place} does not answer. Check that it runs and that its URL is right.`;
  const state: State = {
    options,
    lanes: await lanesOf(options, silence),
    logger: limitRepeats(options.logger),
    silence,
    producers: new Map(),
    consumers: [],
    stop: new AbortController(),
    running: new Set(),
  };
  await openProducers(state);
  return {
    enqueue: (refs, nudge = '') => enqueue(state, refs, nudge),
    start: (run, concurrency) => start(state, run, concurrency),
    close: (graceMs) => close(state, graceMs),
    ping: async () => {
      await answer(state, producerOf(state, 'interactive').getJobCounts('waiting'));
    },
    depth: () => depth(state),
  };
}

interface State {
  readonly options: BullmqQueueOptions;
  readonly lanes: Lanes;
  /** Rate-limited: a backend that is gone fails in a hot loop. */
  readonly logger: Logger;
  readonly silence: string;
  readonly producers: Map<Lane, Producer>;
  readonly consumers: Consumer[];
  readonly stop: AbortController;
  readonly running: Set<Promise<void>>;
}

async function lanesOf(options: BullmqQueueOptions, silence: string): Promise<Lanes> {
  if (options.redisUrl === undefined) return postgresLanes(options.databaseUrl);
  return await withDeadline(redisLanes(options.redisUrl), READY_MS, silence);
}

const answer = <T>(state: State, question: Promise<T>): Promise<T> =>
  withDeadline(question, ANSWER_MS, state.silence);

/** One after the other, because the first one migrates the schema that the others check. */
async function openProducers(state: State): Promise<void> {
  try {
    for (const lane of LANES) {
      const producer = watched(state, state.lanes.producer(lane));
      state.producers.set(lane, producer);
      await withDeadline(producer.waitUntilReady(), READY_MS, state.silence);
    }
  } catch (error) {
    await closeAll(state);
    throw error;
  }
}

function watched<T extends Producer | Consumer>(state: State, part: T): T {
  part.on('error', (error) =>
    state.logger.warn('the queue reports an error', { reason: messageOf(error) }),
  );
  return part;
}

function producerOf(state: State, lane: Lane): Producer {
  const producer = state.producers.get(lane);
  if (producer === undefined) throw new InternalError(`The lane "${lane}" is not open.`);
  return producer;
}

async function enqueue(state: State, refs: readonly WorkRef[], nudge: string): Promise<void> {
  // A job that is gone goes to any worker: the runner records it as stuck.
  const byLane = Map.groupBy(refs, ({ job }) => state.options.lanes.get(job) ?? 'bulk');
  for (const [lane, some] of byLane) {
    const jobs = inTurns(some).map((ref) => wakeUpJob(ref, nudge));
    for (let at = 0; at < jobs.length; at += BULK) {
      await answer(state, producerOf(state, lane).addBulk(jobs.slice(at, at + BULK)));
    }
  }
}

function wakeUpJob({ tenantId, job, key, version }: WorkRef, nudge: string) {
  const data = { tenantId, job, key, version } satisfies WorkRef;
  return {
    name: job,
    data,
    opts: {
      jobId: wakeUpId(data, nudge),
      attempts: 1,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    },
  } as const;
}

async function start(state: State, run: RunWork, concurrency: LaneCounts): Promise<void> {
  if (state.consumers.length > 0) throw new InternalError('The workers of this queue run already.');
  for (const lane of LANES) {
    const options = {
      concurrency: concurrency[lane],
      run: (data: unknown) => handle(state, run, data),
    };
    state.consumers.push(watched(state, state.lanes.consumer(lane, options)));
  }
  const ready = Promise.all(state.consumers.map((consumer) => consumer.waitUntilReady()));
  await withDeadline(ready, READY_MS, state.silence);
}

async function handle(state: State, run: RunWork, data: unknown): Promise<void> {
  const ref = WakeUp.safeParse(data);
  if (!ref.success) {
    state.logger.warn('a wake-up of an unknown shape was dropped');
    return;
  }
  const running = run(ref.data, state.stop.signal);
  state.running.add(running);
  try {
    await running;
  } finally {
    state.running.delete(running);
  }
}

async function depth(state: State): Promise<LaneCounts> {
  const count = async (lane: Lane) => {
    const question = producerOf(state, lane).getJobCounts('waiting', 'active');
    return Object.values(await answer(state, question)).reduce((sum, n) => sum + n, 0);
  };
  const [interactive, bulk, schedule] = await Promise.all([
    count('interactive'),
    count('bulk'),
    count('schedule'),
  ]);
  return { interactive, bulk, schedule };
}

/** Workers first, then producers: a worker may still wake others while it ends. */
async function close(state: State, graceMs: number): Promise<void> {
  await Promise.all(state.consumers.map((consumer) => consumer.pause(true)));
  await idle(state, graceMs);
  state.stop.abort();
  await idle(state, HAND_BACK_MS);
  await closeAll(state);
}

async function idle(state: State, milliseconds: number): Promise<void> {
  const done = new AbortController();
  const patience = sleep(milliseconds, undefined, { signal: done.signal }).catch(() => undefined);
  const drained = (async () => {
    while (state.running.size > 0) await Promise.allSettled(state.running);
  })();
  await Promise.race([drained, patience]);
  done.abort();
}

async function closeAll(state: State): Promise<void> {
  const force = state.running.size > 0;
  const closed = async (part: Producer | Consumer, closing: Promise<void>) => {
    try {
      await withDeadline(closing, ANSWER_MS, state.silence);
    } catch {
      await part.disconnect().catch(() => undefined);
    }
  };
  await Promise.all(state.consumers.map((part) => closed(part, part.close(force))));
  await Promise.all([...state.producers.values()].map((part) => closed(part, part.close())));
}
