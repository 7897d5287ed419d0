import { ValidationError } from './errors.ts';

/** A calendar date without time or zone, as `YYYY-MM-DD`. Such strings sort in time order. */
export type LocalDate = string;

/** A half-open period `[from, to)` of local dates; no `to` means open-ended. */
export interface Period {
  readonly from: LocalDate;
  readonly to?: LocalDate | undefined;
}

const PATTERN = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const ZERO = 48;

function twoDigitsAt(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/**
 * True if the text is a real day of the proleptic Gregorian calendar (2026-02-29 is not).
 * Counts rather than parses: every date of every fact passes here.
 */
export function isLocalDate(text: string): boolean {
  if (!PATTERN.test(text)) return false;
  const month = twoDigitsAt(text, 5);
  const day = twoDigitsAt(text, 8);
  if (month === 2 && day === 29) return isLeapYear(Number(text.slice(0, 4)));
  return day >= 1 && day <= (DAYS_IN_MONTH[month - 1] ?? 0);
}

function utc(date: LocalDate): number {
  if (!isLocalDate(date))
    throw new ValidationError(`"${date}" is not a date. Give it as YYYY-MM-DD.`);
  return Date.parse(`${date}T00:00:00Z`);
}

function fromUtc(ms: number): LocalDate {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The date `days` later (earlier when negative). */
export function addDays(date: LocalDate, days: number): LocalDate {
  return fromUtc(utc(date) + days * DAY_MS);
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return Math.round((utc(to) - utc(from)) / DAY_MS);
}

/** The number of days in a month; `month` is 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * The date `months` after `date`, on the anchor's day of month, clamped to the month's end.
 * Always add from the first date of a series, or pass its day as `anchorDay`: 31 January, then 28 February,
 * then 31 March (golden cases G-53, G-54; design rule c.9).
 */
export function addMonths(date: LocalDate, months: number, anchorDay?: number): LocalDate {
  const start = new Date(utc(date));
  const index = start.getUTCFullYear() * 12 + start.getUTCMonth() + months;
  const year = Math.floor(index / 12);
  const month = index - year * 12 + 1;
  const day = Math.min(anchorDay ?? start.getUTCDate(), daysInMonth(year, month));
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** The first date after an inclusive end date: contract systems give inclusive ends, we store half-open. */
export function endExclusive(endInclusive: LocalDate): LocalDate {
  const next = isLocalDate(endInclusive) ? Number(endInclusive.slice(8)) + 1 : 0;
  const month = Number(endInclusive.slice(5, 7));
  // The two common ends, inside a month and at the end of one that is not December, need no calendar arithmetic.
  if (next > 1 && next <= 28) return `${endInclusive.slice(0, 8)}${twoDigits(next)}`;
  if (next - 1 === 31 && month < 12) return `${endInclusive.slice(0, 5)}${twoDigits(month + 1)}-01`;
  return addDays(endInclusive, 1);
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** The last day inside a half-open period, as the vendors' screens show it. */
export function endInclusive(to: LocalDate): LocalDate {
  return addDays(to, -1);
}

/** True if `date` lies in `[from, to)`. */
export function contains(period: Period, date: LocalDate): boolean {
  return period.from <= date && (period.to === undefined || date < period.to);
}

/** True if two half-open periods share at least one day. */
export function overlaps(left: Period, right: Period): boolean {
  const leftStartsInTime = right.to === undefined || left.from < right.to;
  const rightStartsInTime = left.to === undefined || right.from < left.to;
  return leftStartsInTime && rightStartsInTime;
}

/**
 * The last day on which notice is in time: the inclusive end of the term minus the notice days (G-55).
 * `termTo` is exclusive.
 */
export function noticeDeadline(termTo: LocalDate, noticeDays: number): LocalDate {
  return addDays(endInclusive(termTo), -noticeDays);
}
