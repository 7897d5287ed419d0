import { createRequire } from 'node:module';
import type { Config } from '../config/read-environment.ts';
import { listTenants } from '../db/tenants.ts';
import { countIntents } from '../delivery/intents.ts';
import { startServer } from '../http/server.ts';
import { countOpenQuarantine } from '../intake/quarantine.ts';
import type { Logger } from '../kernel/logger.ts';
import { listStuck } from '../queue/outbox.ts';
import { createMetrics, type GaugeSources } from '../telemetry/metrics.ts';
import { compose } from './compose.ts';
import type { Deps } from './deps.ts';
import { bootstrapTenant, type FirstAdmin } from './flows/bootstrap-tenant.ts';

/** A running API. */
export interface RunningApi {
  /** The address as a client on this machine reaches it. */
  readonly url: string;
  /** The first administrator and key of the company, when this start made them. The key is nowhere else. */
  readonly firstAdmin: FirstAdmin | null;
  /** Takes no new requests, lets running ones end within `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/** States in which an intent waits for nothing any more. */
const SETTLED = new Set(['APPLIED', 'SUPERSEDED']);

/**
 * Starts the API on the configured host and port, and on the first start makes the company's first administrator.
 * With `freshKey` that administrator gets one more key, for a home whose key file was lost.
 * Throws a ConfigError for what keeps it from starting.
 */
export async function startApi(
  config: Config,
  options: { readonly logger: Logger; readonly freshKey?: boolean },
): Promise<RunningApi> {
  const { logger } = options;
  const composition = await compose(config, { logger, workers: false });
  const { deps } = composition;
  try {
    const firstAdmin = await bootstrapTenant(deps, {
      id: config.tenantId,
      name: config.tenantId,
      admin: { name: 'Administrator' },
      actor: 'system:first-start',
      freshKey: options.freshKey ?? false,
    });
    const metrics = createMetrics(gaugesOf(deps), logger);
    const server = await startServer({ ...deps, metrics, version: version() }, config);
    logger.info('API is ready', { url: server.url });
    return {
      url: server.url,
      firstAdmin,
      stop: async (graceMs) => {
        await server.close(graceMs);
        await composition.close(graceMs);
      },
    };
  } catch (error) {
    await composition.close(0);
    throw error;
  }
}

/** The version of this program, from its package. */
export function version(): string {
  const found: unknown = createRequire(import.meta.url)('../../package.json');
  const isPackage = typeof found === 'object' && found !== null && 'version' in found;
  return isPackage ? String(found.version) : 'unknown';
}

/** Figures over all companies together; no company can be told from them. */
function gaugesOf(deps: Deps): GaugeSources {
  return {
    queueDepth: async () => ({ ...(await deps.queue.depth()) }),
    openIntents: async () => {
      const sums = new Map<string, number>();
      for (const { id } of await listTenants(deps.store)) {
        const counts = await deps.store.readTenant(id, countIntents);
        for (const [state, count] of Object.entries(counts)) {
          if (!SETTLED.has(state)) sums.set(state, (sums.get(state) ?? 0) + count);
        }
      }
      return Object.fromEntries(sums);
    },
    openErrors: async () => {
      let sum = 0;
      for (const { id } of await listTenants(deps.store)) {
        sum += await deps.store.readTenant(
          id,
          async (tx) => (await countOpenQuarantine(tx)) + (await listStuck(tx)).length,
        );
      }
      return sum;
    },
  };
}
