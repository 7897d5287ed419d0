import type { LogFields, Logger } from '../kernel/logger.ts';

const EVERY_MS = 30_000;
/** Distinct messages remembered; messages are static, so more of them would be a defect of a caller. */
const MOST_MESSAGES = 200;

interface Seen {
  readonly since: number;
  suppressed: number;
}

/**
 * A logger that lets each message through once per interval (30 s), level by level, and then says how many it
 * kept back. For what can fail in a hot loop: a worker without its backend once wrote 3 million lines in 32 s.
 */
export function limitRepeats(
  logger: Logger,
  everyMs: number = EVERY_MS,
  now: () => number = () => performance.now(),
): Logger {
  return limited(logger, everyMs, now, new Map());
}

function limited(
  logger: Logger,
  everyMs: number,
  now: () => number,
  seen: Map<string, Seen>,
): Logger {
  const pass =
    (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: LogFields) => {
      const key = `${level} ${message}`;
      const last = seen.get(key);
      if (last !== undefined && now() - last.since < everyMs) {
        last.suppressed += 1;
        return;
      }
      if (seen.size >= MOST_MESSAGES) seen.clear();
      seen.set(key, { since: now(), suppressed: 0 });
      const kept = last?.suppressed ?? 0;
      logger[level](message, kept > 0 ? { ...fields, suppressed: kept } : fields);
    };
  return {
    debug: pass('debug'),
    info: pass('info'),
    warn: pass('warn'),
    error: pass('error'),
    child: (fields) => limited(logger.child(fields), everyMs, now, seen),
  };
}
