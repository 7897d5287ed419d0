import { isLocalDate, type LocalDate } from './dates.ts';
import { ConfigError } from './errors.ts';

/** Time as a port. `today` is the business date; `now` is for measuring and logging, never for leases. */
export interface Clock {
  now(): Date;
  today(): LocalDate;
}

/**
 * The clock of a running process. `today` (from `TRUEUP_TODAY`) pins the business date, as the sample
 * company needs; instants keep running. The business date is otherwise the UTC date.
 */
export function systemClock(today?: string): Clock {
  if (today !== undefined && !isLocalDate(today)) {
    throw new ConfigError(
      `TRUEUP_TODAY is "${today}", which is not a date. Give it as YYYY-MM-DD.`,
    );
  }
  return {
    now: () => new Date(),
    today: () => today ?? new Date().toISOString().slice(0, 10),
  };
}

/** A clock that stands still, for tests: `today` is the UTC date of the instant. */
export function fixedClock(instant: string): Clock {
  const now = new Date(instant);
  return { now: () => new Date(now), today: () => now.toISOString().slice(0, 10) };
}
