import type { Config } from '../config/read-environment.ts';
import { startServer } from '../http/server.ts';
import type { ProcessLogger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Pacing } from './pacing.ts';
import { compose } from './compose.ts';
import { bootstrapTenant, type FirstAdmin } from './flows/bootstrap-tenant.ts';
import { version } from './version.ts';

/** A running API. */
export interface RunningApi {
  /** The address as a client on this machine reaches it. */
  readonly url: string;
  /** The first administrator and key of the company, when this start made them. The key is nowhere else. */
  readonly firstAdmin: FirstAdmin | null;
  /** The figures that it serves. */
  readonly metrics: Metrics;
  readonly pacing: Pacing | undefined;
  /** Takes no new requests, lets running ones end within `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts the API on the configured host and port, and on the first start makes the company's first administrator.
 * With `freshKey` that administrator gets one more key, for a home whose key file was lost.
 * Throws a ConfigError for what keeps it from starting.
 */
export async function startApi(
  config: Config,
  options: { readonly logger: ProcessLogger; readonly freshKey?: boolean },
): Promise<RunningApi> {
  const { logger } = options;
  const composition = await compose(config, { logger, workers: false });
  const { deps, metrics } = composition;
  try {
    const firstAdmin = await bootstrapTenant(deps, {
      id: config.tenantId,
      name: config.tenantId,
      admin: { name: 'Administrator' },
      actor: 'system:first-start',
      freshKey: options.freshKey ?? false,
    });
    const server = await startServer({ ...deps, metrics, version: version() }, config);
    logger.info('API is ready', { url: server.url });
    return {
      url: server.url,
      firstAdmin,
      metrics,
      pacing: deps.pacing,
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
