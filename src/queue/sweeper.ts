import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../db/store.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { limitRepeats } from '../telemetry/limit-repeats.ts';
import { LEASE_SECONDS } from './lease.ts';
import { requestWork } from './outbox.ts';
import type { Queue, WorkRef } from './port.ts';
import { takeDue } from './schedules.ts';

const EVERY_MS = 2_000;
const JITTER = 0.2;
/** Rows per sweep and function, so that one sweep stays short. */
const BATCH = 500;

export interface SweeperDeps {
  readonly store: Store;
  readonly queue: Pick<Queue, 'enqueue'>;
  readonly logger: Logger;
  readonly everyMs?: number;
  /** More to look for at each sweep. A failure of one is logged and keeps the others from nothing. */
  readonly onSweep?: readonly (() => Promise<void>)[];
}

export interface SweepResult {
  /** False when another process sweeps right now. */
  readonly held: boolean;
  readonly woken: number;
}

export interface Sweeper {
  /** One sweep, now. Throws StoreUnavailable. */
  sweep(): Promise<SweepResult>;
  /** Ends the timer and waits for a sweep under way. */
  stop(): Promise<void>;
}

/**
 * Starts the timer that finds due work in rows and wakes workers; it lives outside the queue, so that a wiped
 * queue costs one interval. One process sweeps at a time, under an advisory lock.
 */
export function startSweeper(given: SweeperDeps): Sweeper {
  const deps = { ...given, logger: limitRepeats(given.logger) };
  const stopped = new AbortController();
  const running = beat(deps, stopped.signal);
  return {
    sweep: () => sweep(deps),
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

async function beat(deps: SweeperDeps, stopped: AbortSignal): Promise<void> {
  const everyMs = deps.everyMs ?? EVERY_MS;
  while (!stopped.aborted) {
    try {
      await sweep(deps);
    } catch (error) {
      deps.logger.warn('the sweep failed and is tried again', { reason: messageOf(error) });
    }
    const pause = everyMs * (1 - JITTER + 2 * JITTER * Math.random());
    await sleep(pause, undefined, { signal: stopped }).catch(() => undefined);
  }
}

async function sweep(deps: SweeperDeps): Promise<SweepResult> {
  const outcome = await deps.store.tryLock('sweeper', async (lost) => {
    await fireSchedules(deps);
    for (const look of deps.onSweep ?? []) {
      if (!lost.aborted) await guarded(deps, look);
    }
    return lost.aborted ? 0 : await wakeDue(deps);
  });
  return outcome.held ? { held: true, woken: outcome.value } : { held: false, woken: 0 };
}

async function fireSchedules(deps: SweeperDeps): Promise<void> {
  const tenants = await deps.store.asOwner((tx) =>
    tx.sql<{ tenantId: string }>(
      'select distinct d.tenant_id as "tenantId" from app.due_schedules($1) d',
      [BATCH],
    ),
  );
  for (const { tenantId } of tenants) {
    await guarded(deps, async () => {
      await deps.store.withTenant(tenantId, async (tx) => requestWork(tx, await takeDue(tx)));
    });
  }
}

/**
 * The nudge changes once per lease time. Within it, waking a row again changes nothing; after it, a wake-up that
 * the queue still counts as running, because its worker died, no longer hides the row.
 */
async function wakeDue(deps: SweeperDeps): Promise<number> {
  const due = await deps.store.asOwner((tx) =>
    tx.sql<WorkRef & { slot: number }>(
      `select d.tenant_id as "tenantId", d.job, d.key, d.version,
              floor(extract(epoch from app.clock()) / $2)::bigint as slot
       from app.due_work($1) d`,
      [BATCH, LEASE_SECONDS],
    ),
  );
  const first = due[0];
  if (first === undefined) return 0;
  const refs = due.map(({ tenantId, job, key, version }) => ({ tenantId, job, key, version }));
  await deps.queue.enqueue(refs, String(first.slot));
  return refs.length;
}

async function guarded(deps: SweeperDeps, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    deps.logger.warn('a step of the sweep failed', { reason: messageOf(error) });
  }
}
