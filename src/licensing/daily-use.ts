import { addDays, contains, type LocalDate } from '../kernel/dates.ts';
import type { Pool } from './pools.ts';

const DAY_MS = 86_400_000;

/** Use of a pool, one figure a day, oldest first; the last day is the one before the day reconciled, which is not over. */
export interface DailyUse {
  readonly last: LocalDate;
  readonly values: readonly number[];
}

/** A seat that somebody holds or held. */
export interface HeldSeat {
  readonly subjectId: string;
  readonly from: LocalDate | undefined;
  readonly to: LocalDate | undefined;
}

/**
 * How much of a pool was used on each of the days before `asOf`: the sum of what was metered, the peak of what was checked
 * out, else the seats in force. Null where a source tells nothing that has a day: seats without dates say nothing of days.
 */
export function dailyUse(
  pool: Pool,
  seats: readonly HeldSeat[],
  asOf: LocalDate,
  days: number,
): DailyUse | null {
  const dates = Array.from({ length: days }, (_, at) => addDays(asOf, at - days));
  const last = addDays(asOf, -1);
  const { readings, sessions } = pool.holdings;
  if (readings.length > 0) return { last, values: dates.map((date) => metered(pool, date)) };
  if (sessions.length > 0) return { last, values: dates.map((date) => peak(pool, date)) };
  return seatsOn(seats, asOf) === null
    ? null
    : { last, values: dates.map((date) => seatsOn(seats, date) ?? 0) };
}

function spanOf(date: LocalDate): { readonly from: number; readonly to: number } {
  const from = Date.parse(`${date}T00:00:00.000Z`);
  return { from, to: from + DAY_MS };
}

function metered({ holdings }: Pool, date: LocalDate): number {
  const { from, to } = spanOf(date);
  return holdings.readings
    .filter((reading) => reading.from >= from && reading.from < to)
    .reduce((sum, reading) => sum + Number(reading.quantity), 0);
}

/** The most that was held at once: what opens a day, then every check-out of it. */
function peak({ holdings }: Pool, date: LocalDate): number {
  const { from, to } = spanOf(date);
  const held = holdings.sessions.filter((each) => each.from < to && each.to > from);
  const steps = [from, ...held.map((each) => each.from).filter((at) => at > from)];
  return Math.max(
    0,
    ...steps.map((at) =>
      held
        .filter((each) => each.from <= at && each.to > at)
        .reduce((sum, each) => sum + Number(each.quantity), 0),
    ),
  );
}

/** Logins, or the persons behind them, with a seat in force on a day; null where no seat has a date. */
export function seatsOn(seats: readonly HeldSeat[], date: LocalDate): number | null {
  if (!seats.some(({ from, to }) => from !== undefined || to !== undefined)) return null;
  const inForce = seats.filter(({ from, to }) => contains({ from: from ?? date, to }, date));
  return new Set(inForce.map(({ subjectId }) => subjectId)).size;
}
