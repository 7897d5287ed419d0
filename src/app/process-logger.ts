import type { Config } from '../config/read-environment.ts';
import { createLogger, type ProcessLogger } from '../telemetry/logger.ts';
import { createRedactor } from '../telemetry/redaction.ts';

/** The logger of a server process: JSON lines on stderr, with the secrets of the configuration masked wherever they stand. */
export function createProcessLogger(config: Config): ProcessLogger {
  const secrets = [config.databaseUrl, config.redisUrl, config.key].filter(
    (secret) => secret !== undefined,
  );
  return createLogger({
    level: config.logLevel,
    redactor: createRedactor(secrets),
    fields: { role: config.role },
  });
}
