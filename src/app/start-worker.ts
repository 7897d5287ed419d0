import type { Config } from '../config/read-environment.ts';
import { listTenants } from '../db/tenants.ts';
import type { Logger } from '../kernel/logger.ts';
import { createRunner, type RunOutcome } from '../queue/runner.ts';
import { ensureSchedules } from '../queue/schedules.ts';
import { startSweeper } from '../queue/sweeper.ts';
import { buildFlows } from './build-flows.ts';
import { compose } from './compose.ts';
import { reopenWork } from './reopen-work.ts';
import { retentionSweep } from './retention-sweep.ts';
import { auditSweep } from './seal-audits.ts';

/** A running worker or scheduler. */
export interface RunningWorker {
  /** Takes no new work, lets running work end within `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts the process that does the work: three lanes of jobs, and (unless the role is `worker`) the sweeper that finds
 * due rows. Both may run in any number of processes; the sweeper's lock lets one sweep at a time.
 */
export async function startWorker(
  config: Config,
  options: {
    readonly logger: Logger;
    readonly observe?: (job: string, outcome: RunOutcome, seconds: number) => void;
  },
): Promise<RunningWorker> {
  const { logger } = options;
  const works = config.role !== 'scheduler';
  const composition = await compose(config, { logger, workers: works });
  const { deps } = composition;
  for (const tenant of await listTenants(deps.store)) {
    await deps.store.withTenant(tenant.id, (tx) =>
      ensureSchedules(tx, deps.registry.jobs.values()),
    );
  }
  const sweeper =
    config.role === 'worker'
      ? null
      : startSweeper({
          store: deps.store,
          queue: deps.queue,
          logger,
          onSweep: [() => reopenWork(deps), auditSweep(deps), retentionSweep(deps)],
        });
  if (works) {
    const run = createRunner({
      store: deps.store,
      jobs: deps.registry.jobs,
      flows: buildFlows(deps),
      queue: deps.queue,
      clock: deps.clock,
      logger,
      ...(options.observe === undefined ? {} : { observe: options.observe }),
    });
    const each = config.workerConcurrency;
    await deps.queue.start(run, { interactive: each, bulk: each, schedule: each });
  }
  logger.info('Worker is ready', { role: config.role });
  return {
    stop: async (graceMs) => {
      await sweeper?.stop();
      await composition.close(graceMs);
    },
  };
}
