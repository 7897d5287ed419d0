import { addDays, type LocalDate } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';

const HOUR_MS = 3_600_000;
/** No zone of the earth is further from UTC than this. */
const FURTHEST_MS = 15 * HOUR_MS;

/** How far from midnight in UTC a day last began in a zone: tried first, and checked, for it seldom changes. */
const lately = new Map<string, number>();
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
    return format;
  } catch (error) {
    throw new ValidationError(`"${timeZone}" is not a time zone such as Europe/Berlin.`, {
      cause: error,
    });
  }
}

/** The calendar day that an instant falls on in a time zone. Throws ValidationError for a zone that there is not. */
export function dayIn(timeZone: string, instant: number): LocalDate {
  const parts = formatOf(timeZone).formatToParts(instant);
  const value = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${value('year').padStart(4, '0')}-${value('month')}-${value('day')}`;
}

/**
 * The first instant of a calendar day in a time zone, in UTC: what a contract that ends "at the end of 31 March" means in
 * the place that it names. Found by halving on the calendar day itself, so that days without a midnight (a clock that
 * jumps from 24:00 to 1:00) begin when they begin. Throws ValidationError for a zone that there is not.
 */
export function startOfDay(date: LocalDate, timeZone: string): Date {
  const middle = Date.parse(`${addDays(date, 0)}T00:00:00Z`);
  const guess = middle + (lately.get(timeZone) ?? 0);
  if (dayIn(timeZone, guess) === date && dayIn(timeZone, guess - 1) < date) return new Date(guess);
  let [before, within] = [middle - FURTHEST_MS, middle + FURTHEST_MS];
  while (within - before > 1) {
    const between = Math.floor((before + within) / 2);
    if (dayIn(timeZone, between) < date) before = between;
    else within = between;
  }
  lately.set(timeZone, within - middle);
  return new Date(within);
}
