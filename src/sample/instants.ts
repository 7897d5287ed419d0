import { addDays, type LocalDate } from '../kernel/dates.ts';
import type { Prng } from './prng.ts';

/** The day on which the sample company lives. Everything recorded in its systems happened before it began. */
export const TODAY: LocalDate = '2026-03-02';

/** An instant of whole seconds, `2026-02-20T10:11:12Z`. */
export type InstantText = string;

export function epochSeconds(instant: InstantText): number {
  return Date.parse(instant) / 1000;
}

export function instantAt(seconds: number): InstantText {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** A moment within office hours (UTC) of a day. */
export function officeInstant(prng: Prng, date: LocalDate): InstantText {
  return instantAt(epochSeconds(`${date}T07:00:00Z`) + prng.int(0, 11 * 3600));
}

/** The earlier of a date and the day before today: nothing is recorded ahead of time. */
export function notAfterYesterday(date: LocalDate): LocalDate {
  const yesterday = addDays(TODAY, -1);
  return date < yesterday ? date : yesterday;
}

/** The spelling of an instant in Salesforce's REST answers. */
export function salesforceStamp(instant: InstantText): string {
  return instant.replace('Z', '.000+0000');
}

/** `count` rising instants, the first at `from` and the last at `to`. */
export function instantsBetween(
  prng: Prng,
  from: InstantText,
  to: InstantText,
  count: number,
): InstantText[] {
  const start = epochSeconds(from);
  const span = epochSeconds(to) - start;
  return Array.from({ length: count }, (_, at) => {
    if (at === 0) return from;
    if (at === count - 1) return to;
    return instantAt(start + Math.floor((span * (at + prng.next() * 0.8 - 0.4)) / (count - 1)));
  });
}
