import { writeFile } from 'node:fs/promises';
import { createProcessLogger } from '../../app/process-logger.ts';
import { startApi } from '../../app/start-api.ts';
import { startWorker } from '../../app/start-worker.ts';
import type { Config } from '../../config/read-environment.ts';
import { untilStopped } from '../until-stopped.ts';
import { readAdminKey, writeAdminKey } from './admin-key.ts';

const GRACE_MS = 25_000;

/** Serves the API until it is asked to stop, and does the work as well where the role is `all`. */
export async function runApi(config: Config, addressFile: string | undefined): Promise<void> {
  const logger = createProcessLogger(config);
  const known = await readAdminKey(config.home, config.tenantId);
  const isHome = addressFile !== undefined;
  const api = await startApi(config, { logger, freshKey: isHome && known === null });
  if (api.firstAdmin !== null)
    await writeAdminKey(config.home, config.tenantId, api.firstAdmin.text);
  const alongside =
    config.role === 'all'
      ? await startWorker(config, { logger, metrics: api.metrics, pacing: api.pacing })
      : null;
  if (addressFile !== undefined) await writeFile(addressFile, api.url, { mode: 0o600 });
  logger.info('The API is ready', { url: api.url });
  await untilStopped();
  await Promise.all([api.stop(GRACE_MS), alongside?.stop(GRACE_MS)]);
  await logger.end();
}

/** Does the work until it is asked to stop. */
export async function runWorker(config: Config, addressFile: string | undefined): Promise<void> {
  const logger = createProcessLogger(config);
  const running = await startWorker(config, { logger });
  if (addressFile !== undefined && running.url !== null)
    await writeFile(addressFile, running.url, { mode: 0o600 });
  await untilStopped();
  await running.stop(GRACE_MS);
  await logger.end();
}
