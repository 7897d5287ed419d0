import type { Config } from '../config/read-environment.ts';
import { listTenants } from '../db/tenants.ts';
import { startProbeServer } from '../http/server.ts';
import { createRunner } from '../queue/runner.ts';
import { ensureSchedules } from '../queue/schedules.ts';
import { startSweeper, type Sweeper } from '../queue/sweeper.ts';
import type { ProcessLogger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { buildFlows } from './build-flows.ts';
import { compose, type Composition } from './compose.ts';
import type { Deps } from './deps.ts';
import type { Pacing } from './pacing.ts';
import { startListeners } from './listeners/start-listeners.ts';
import { reopenWork } from './reopen-work.ts';
import { retentionSweep } from './retention-sweep.ts';
import { auditSweep } from './seal-audits.ts';
import { version } from './version.ts';

/** A running worker or scheduler. */
export interface RunningWorker {
  /** Where it says that it lives and shows its figures; null when it counts on the figures of an API beside it. */
  readonly url: string | null;
  /** Takes no new work, lets running work end within `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts the process that does the work: three lanes of jobs, and (unless the role is `worker`) the sweeper that finds
 * due rows. Both may run in any number of processes; the sweeper's lock lets one sweep at a time. On a loopback address it
 * serves `/healthz`, `/readyz` and `/metrics`, unless it is given the figures of an API in the same process.
 */
export async function startWorker(
  config: Config,
  options: {
    readonly logger: ProcessLogger;
    /** The figures of an API that runs in this process. */
    readonly metrics?: Metrics;
    /** Its lanes towards connected systems. */
    readonly pacing?: Pacing | undefined;
  },
): Promise<RunningWorker> {
  const { logger } = options;
  const works = config.role !== 'scheduler';
  const { metrics: given, pacing } = options;
  const composition = await compose(config, { logger, workers: works, metrics: given, pacing });
  const { deps, metrics } = composition;
  try {
    await ensureAllSchedules(deps);
    const probes =
      options.metrics === undefined
        ? await startProbeServer({ ...deps, metrics, version: version() }, config.metricsPort)
        : null;
    const sweeper = config.role === 'worker' ? null : sweep(deps);
    if (works) await work(composition, config.workerConcurrency);
    const listeners = works ? startListeners(deps) : null;
    logger.info('Worker is ready', { role: config.role, url: probes?.url ?? null });
    return {
      url: probes?.url ?? null,
      stop: async (graceMs) => {
        await listeners?.stop();
        await sweeper?.stop();
        await composition.close(graceMs);
        await probes?.close(0);
      },
    };
  } catch (error) {
    await composition.close(0);
    throw error;
  }
}

async function ensureAllSchedules({ store, registry }: Deps): Promise<void> {
  for (const tenant of await listTenants(store))
    await store.withTenant(tenant.id, (tx) => ensureSchedules(tx, registry.jobs.values()));
}

function sweep(deps: Deps): Sweeper {
  return startSweeper({
    store: deps.store,
    queue: deps.queue,
    logger: deps.logger,
    onSweep: [() => reopenWork(deps), auditSweep(deps), retentionSweep(deps)],
  });
}

async function work({ deps, metrics }: Composition, each: number): Promise<void> {
  const run = createRunner({
    store: deps.store,
    jobs: deps.registry.jobs,
    flows: buildFlows(deps),
    queue: deps.queue,
    clock: deps.clock,
    logger: deps.logger,
    observe: metrics,
  });
  await deps.queue.start(run, { interactive: each, bulk: each, schedule: each });
}
