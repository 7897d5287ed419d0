import type { Config } from '../config/read-environment.ts';
import { startEmbedded } from '../db/embedded/start-embedded.ts';
import type { Logger } from '../kernel/logger.ts';
import { finishRestore } from './backup-home.ts';

/** Where the store is: the configured one, or the home's embedded one, which is started unless it runs already. */
export async function databaseUrlOf(
  config: Pick<Config, 'databaseUrl' | 'home'>,
  logger: Logger,
): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  const embedded = await startEmbedded({ home: config.home, logger });
  await finishRestore(config.home, embedded);
  return embedded.url;
}
