import type { Config } from '../config/read-environment.ts';
import { migrate } from '../db/migrate.ts';
import { openStore, type Store } from '../db/store.ts';
import { ensureTenant } from '../db/tenants.ts';
import { systemClock } from '../kernel/clock.ts';
import { armKillPoints, killAt } from '../kernel/kill-point.ts';
import { loadBuiltins, type Builtins } from '../mapping/builtin.ts';
import { openBullmqQueue } from '../queue/bullmq-queue.ts';
import { requireConnections } from '../queue/connection-budget.ts';
import { loadRegistry, type Registry } from '../registry/load-registry.ts';
import { openKek } from '../security/open-kek.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import type { ProcessLogger } from '../telemetry/logger.ts';
import { databaseUrlOf } from './database-url.ts';
import type { Deps } from './deps.ts';
import { figuresOf } from './figures.ts';
import { noteBreakers } from './note-breakers.ts';
import { createPacing, type Pacing } from './pacing.ts';
import { createSessions } from './sessions.ts';

/** The built program: what flows work with, and how to let go of it. */
export interface Composition {
  readonly deps: Deps;
  /** The figures of this process. */
  readonly metrics: Metrics;
  /** Closes sessions, queue and store, in this order. Work under way gets `graceMs` to end. */
  close(graceMs: number): Promise<void>;
}

interface ComposeOptions {
  readonly logger: ProcessLogger;
  readonly workers: boolean;
  /** The figures of another composition in the same process, to be counted on; figures of its own when left out. */
  readonly metrics?: Metrics | undefined;
  /** The lanes of that other composition, so that its figures tell of both; lanes of its own when left out. */
  readonly pacing?: Pacing | undefined;
}

/**
 * Builds the program from its configuration: the only file that knows every room. Checks every plug-in and mapping and
 * refuses to start on what is wrong, before it changes anything; then brings the store up to date and makes the default
 * company on the first start.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<Composition> {
  const { logger } = options;
  armKillPoints(config.killPlan === null ? undefined : killAt(config.killPlan));
  const registry = await loadRegistry(config.root);
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  const databaseUrl = await databaseUrlOf(config, logger);
  await migrate({ url: databaseUrl, logger });
  const store = openStore({ url: databaseUrl, poolSize: config.poolSize, logger });
  try {
    return await build(config, { ...options, databaseUrl, store, registry, mappings });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function build(
  config: Config,
  given: ComposeOptions & {
    readonly databaseUrl: string;
    readonly store: Store;
    readonly registry: Registry;
    readonly mappings: Builtins;
  },
): Promise<Composition> {
  const { logger, store, databaseUrl, registry, mappings } = given;
  await requireConnections(store, {
    poolSize: config.poolSize,
    workers: given.workers,
    queueInPostgres: config.redisUrl === undefined,
  });
  await ensureTenant(store, { id: config.tenantId, name: config.tenantId });
  const kek = await openKek(store, {
    file: config.kekFile,
    configFolder: config.configFolder,
    home: config.home,
  });
  const clock = systemClock(config.today);
  const queue = await openBullmqQueue({
    databaseUrl,
    redisUrl: config.redisUrl,
    lanes: new Map([...registry.jobs.values()].map((job) => [job.name, job.lane])),
    logger,
  });
  const pacing = given.pacing ?? createPacing({ breakerMoved: noteBreakers({ store, logger }) });
  const metrics = given.metrics ?? createMetrics(figuresOf({ store, queue, pacing }), logger);
  const common = { store, registry, kek, clock, logger, pacing, observe: metrics };
  const sessions = createSessions({ ...common, redactor: logger.redactor });
  return {
    deps: { ...common, home: config.home, queue, sessions, mappings },
    metrics,
    close: async (graceMs) => {
      await queue.close(graceMs);
      await sessions.close();
      await store.close();
    },
  };
}
