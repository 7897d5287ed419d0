import type { TwinReply } from '../../../src/sdk/twin-kit/exchange.ts';
import type { TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import type { Personality } from './personality.ts';
import { ERROR_SCHEMA, reply } from './scim-error.ts';

type Headers = Readonly<Record<string, string>>;

/** How many requests a directory takes in a minute of its clock, and what it says about that. */
export interface RateWindow {
  /** Counts a request; the answer 429 once there were too many in this minute. */
  refuse(): TwinReply | undefined;
  /** What every answer tells. */
  headers(): Headers;
  /** When to come back, in the vendor's own way. */
  tooMany(): Headers;
}

const SHOWN_LIMIT = 600;
const MINUTE_MS = 60_000;

/** A window without a limit still counts, for the headers of those that send them. */
export function createRateWindow(
  core: TwinCore,
  { rateHeaders }: Personality,
  limit: number | undefined,
): RateWindow {
  let minute = -1;
  let used = 0;
  const now = (): number => core.clock.now().getTime();
  const ends = (): number => (Math.floor(now() / MINUTE_MS) + 1) * MINUTE_MS;
  const headers = (): Headers =>
    rateHeaders
      ? {
          'x-rate-limit-limit': String(limit ?? SHOWN_LIMIT),
          'x-rate-limit-remaining': String(Math.max(0, (limit ?? SHOWN_LIMIT) - used)),
          'x-rate-limit-reset': String(ends() / 1000),
          date: new Date(now()).toUTCString(),
        }
      : {};
  const tooMany = (): Headers =>
    rateHeaders ? {} : { 'retry-after': String(Math.ceil((ends() - now()) / 1000)) };
  return {
    headers,
    tooMany,
    refuse: () => {
      const current = Math.floor(now() / MINUTE_MS);
      used = current === minute ? used + 1 : 1;
      minute = current;
      if (limit === undefined || used <= limit) return undefined;
      const body = { schemas: [ERROR_SCHEMA], status: '429', detail: 'Too many requests.' };
      return reply(429, body, tooMany());
    },
  };
}
