import type { Store, TenantTx } from '../db/store.ts';
import type { Clock } from '../kernel/clock.ts';
import { HubError, RateLimited, StaleError, ValidationError, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { JobDefinition } from '../sdk/define-job.ts';
import type { Flows, JobContext } from '../sdk/flows.ts';
import { keepLease } from './keep-lease.ts';
import {
  LEASE_SECONDS,
  claim,
  complete,
  fail,
  holdLease,
  release,
  renew,
  type ClaimedWork,
  type WorkFailure,
} from './lease.ts';
import type { Queue, RunWork, WorkRef } from './port.ts';

const HEARTBEAT_MS = 5_000;

/** How a run of a job ended. `returned`: cut short by a stop and handed back. */
export type RunOutcome = 'done' | 'again' | 'retry' | 'stuck' | 'lost' | 'returned';

export interface RunnerDeps {
  readonly store: Store;
  readonly jobs: ReadonlyMap<string, JobDefinition>;
  readonly flows: Flows;
  readonly queue: Pick<Queue, 'enqueue'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each finished run, for metrics. */
  readonly observe?: { observeJob(job: string, outcome: RunOutcome, seconds: number): void };
  /** How often the lease is renewed, in milliseconds. */
  readonly heartbeatMs?: number;
}

/** One piece of work in this worker's hands. */
interface Held {
  readonly ref: WorkRef;
  readonly claimed: ClaimedWork;
  readonly logger: Logger;
}

/**
 * Makes what a worker does with a wake-up: claim the row, check its payload, run the job under a lease that is
 * renewed, and record how it ended. It never throws: work that could not be recorded stays leased in the
 * outbox, and the sweeper asks for it again when the lease has run out.
 */
export function createRunner(deps: RunnerDeps): RunWork {
  return async (ref, signal) => {
    const logger = deps.logger.child({ tenant: ref.tenantId, job: ref.job, key: ref.key });
    try {
      const claimed = await inTenant(deps, ref, (tx) => claim(tx, ref));
      if (claimed === null) return;
      const startedAt = performance.now();
      const outcome = await work(deps, { ref, claimed, logger }, signal);
      deps.observe?.observeJob(ref.job, outcome, (performance.now() - startedAt) / 1000);
    } catch (error) {
      logger.warn('work could not be recorded; it comes again', { reason: messageOf(error) });
    }
  };
}

const inTenant = <T>(deps: RunnerDeps, ref: WorkRef, fn: (tx: TenantTx) => Promise<T>) =>
  deps.store.withTenant(ref.tenantId, fn);

async function work(deps: RunnerDeps, held: Held, stop: AbortSignal): Promise<RunOutcome> {
  const { ref, claimed } = held;
  const lost = new AbortController();
  const stopBeating = keepLease({
    renew: () => inTenant(deps, ref, (tx) => renew(tx, ref, claimed.fence)),
    everyMs: deps.heartbeatMs ?? HEARTBEAT_MS,
    leaseMs: LEASE_SECONDS * 1000,
    onLost: () => lost.abort(new StaleError(`The lease of "${ref.job}" (${ref.key}) is lost.`)),
  });
  try {
    await runJob(deps, held, AbortSignal.any([stop, lost.signal]));
  } catch (error) {
    await stopBeating();
    if (lost.signal.aborted) return gone(held);
    if (stop.aborted) return await handBack(deps, held);
    return await recordFailure(deps, held, error);
  } finally {
    await stopBeating();
  }
  return await recordSuccess(deps, held);
}

async function runJob(deps: RunnerDeps, held: Held, signal: AbortSignal): Promise<void> {
  const { ref, claimed } = held;
  const job = deps.jobs.get(ref.job);
  if (job === undefined) {
    throw new ValidationError(`There is no sync "${ref.job}" any more; remove what asks for it.`);
  }
  const parsed = job.payload.safeParse(claimed.payload);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
    throw new ValidationError(`The data of this sync does not fit it: ${problems.join('; ')}`);
  }
  const context = {
    tenantId: ref.tenantId,
    signal,
    hold: (tx) => holdLease(tx, ref, claimed.fence),
  } satisfies JobContext;
  await job.run(deps.flows, parsed.data, context);
}

async function recordSuccess(deps: RunnerDeps, held: Held): Promise<RunOutcome> {
  const { ref, claimed } = held;
  try {
    const end = await inTenant(deps, ref, (tx) => complete(tx, ref, claimed));
    if (end.kind === 'again') await wakeAgain(deps, held, end.version);
    return end.kind;
  } catch (error) {
    if (error instanceof StaleError) return gone(held);
    throw error;
  }
}

async function recordFailure(deps: RunnerDeps, held: Held, error: unknown): Promise<RunOutcome> {
  const { ref, claimed, logger } = held;
  const failure = failureOf(deps, ref, error);
  const end = await inTenant(deps, ref, (tx) => fail(tx, ref, claimed, failure));
  switch (end.kind) {
    case 'lost':
      return gone(held);
    case 'again':
      await wakeAgain(deps, held, end.version);
      break;
    case 'retry':
      logger.warn('work failed and is tried again', { reason: failure.message });
      break;
    case 'stuck':
      logger.error('work is stuck until a person retries it', { reason: failure.message });
      break;
  }
  return end.kind;
}

/** The wake-up of the new request may be in the queue still, and come to nothing: the nudge makes this one another. */
async function wakeAgain(deps: RunnerDeps, held: Held, version: number): Promise<void> {
  try {
    await deps.queue.enqueue([{ ...held.ref, version }], String(held.claimed.fence));
  } catch (error) {
    held.logger.warn('the queue is away; the sweeper wakes this work', {
      reason: messageOf(error),
    });
  }
}

function failureOf(deps: RunnerDeps, ref: WorkRef, error: unknown): WorkFailure {
  const retry = deps.jobs.get(ref.job)?.retry ?? { attempts: 1, backoffMs: 0 };
  const known = error instanceof HubError;
  const retryAt = error instanceof RateLimited ? error.retryAt : undefined;
  return {
    ...retry,
    message: known ? error.message : `Unexpected: ${messageOf(error)}`,
    retryable: !known || error.retryable,
    waitMs: retryAt && Math.max(0, retryAt.getTime() - deps.clock.now().getTime()),
  };
}

async function handBack(deps: RunnerDeps, { ref, claimed }: Held): Promise<RunOutcome> {
  await inTenant(deps, ref, (tx) => release(tx, ref, claimed.fence));
  return 'returned';
}

function gone({ logger }: Held): RunOutcome {
  logger.warn('another worker has taken this work over; nothing more was written');
  return 'lost';
}
