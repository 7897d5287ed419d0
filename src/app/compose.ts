import type { Config } from '../config/read-environment.ts';
import { migrate } from '../db/migrate.ts';
import { openStore, type Store } from '../db/store.ts';
import { ensureTenant } from '../db/tenants.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { loadBuiltins } from '../mapping/builtin.ts';
import { openBullmqQueue } from '../queue/bullmq-queue.ts';
import { requireConnections } from '../queue/connection-budget.ts';
import { loadRegistry } from '../registry/load-registry.ts';
import { openKek } from '../security/open-kek.ts';
import { databaseUrlOf } from './database-url.ts';
import type { Deps } from './deps.ts';
import { createSessions } from './sessions.ts';

/** The built program: what flows work with, and how to let go of it. */
export interface Composition {
  readonly deps: Deps;
  /** Closes sessions, queue and store, in this order. Work under way gets `graceMs` to end. */
  close(graceMs: number): Promise<void>;
}

/**
 * Builds the program from its configuration: the only file that knows every room. Brings the store up to date, makes
 * the default company on the first start, checks every plug-in and mapping, and refuses to start on what is wrong.
 */
export async function compose(
  config: Config,
  options: { readonly logger: Logger; readonly workers: boolean },
): Promise<Composition> {
  const { logger } = options;
  const databaseUrl = await databaseUrlOf(config, logger);
  await migrate({ url: databaseUrl, logger });
  const store = openStore({ url: databaseUrl, poolSize: config.poolSize, logger });
  try {
    return await build(config, { ...options, databaseUrl, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function build(
  config: Config,
  given: {
    readonly logger: Logger;
    readonly workers: boolean;
    readonly databaseUrl: string;
    readonly store: Store;
  },
): Promise<Composition> {
  const { logger, store, databaseUrl } = given;
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
  const registry = await loadRegistry(config.root);
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  const clock = systemClock(config.today);
  const queue = await openBullmqQueue({
    databaseUrl,
    redisUrl: config.redisUrl,
    lanes: new Map([...registry.jobs.values()].map((job) => [job.name, job.lane])),
    logger,
  });
  const sessions = createSessions({ store, registry, kek, clock, logger });
  return {
    deps: { home: config.home, store, queue, registry, sessions, mappings, kek, clock, logger },
    close: async (graceMs) => {
      await queue.close(graceMs);
      await sessions.close();
      await store.close();
    },
  };
}
