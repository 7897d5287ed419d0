import type { ConnectorLimits } from '../../src/sdk/define-connector.ts';

/** A group of 50,000 members is about 10 MB of JSON (reliability case F-72). */
export const LIMITS: ConnectorLimits = {
  concurrency: 4,
  timeoutMs: 60_000,
  maxResponseBytes: 64 * 1024 * 1024,
};
