import { addDays, contains, daysBetween, daysInMonth, type LocalDate } from './dates.ts';
import { InternalError, ValidationError } from './errors.ts';

/** How years are cut into twelve periods and four quarters. */
export interface FiscalCalendar {
  readonly kind: 'gregorian_months' | '445' | '454' | '544';
  /** The month (1 to 12) that closes the year, or near whose end a week calendar's year closes. */
  readonly yearEndMonth: number;
  /** The weekday that closes a week calendar's year, 0 = Sunday. */
  readonly yearEndWeekday: number;
  /** `last_dow_of_month`: its last such weekday. `dow_nearest_eom`: the one nearest the month's last day. */
  readonly yearEndRule: 'last_dow_of_month' | 'dow_nearest_eom';
  /** Whether a year is named after the calendar year in which it starts or ends. */
  readonly yearNaming: 'start' | 'end';
  /** Which period takes the 53rd week, so that every day lies in one. */
  readonly week53Placement: 'last_period' | 'penultimate';
}

/** A half-open stretch of days of a fiscal year. */
export interface FiscalPeriod {
  readonly year: number;
  /** 1 to 4. */
  readonly quarter: number;
  /** 1 to 12. */
  readonly period: number;
  readonly from: LocalDate;
  readonly to: LocalDate;
}

export interface FiscalYear {
  readonly year: number;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly periods: readonly FiscalPeriod[];
}

const WEEKS = { '445': [4, 4, 5], '454': [4, 5, 4], '544': [5, 4, 4] } as const;

function isoDate(year: number, month: number, day: number): LocalDate {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function weekdayOf(date: LocalDate): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** The last day of the fiscal year that closes in, or nearest, the closing month of `endYear`. */
function lastDay(calendar: FiscalCalendar, endYear: number): LocalDate {
  const month = calendar.yearEndMonth;
  const monthEnd = isoDate(endYear, month, daysInMonth(endYear, month));
  if (calendar.kind === 'gregorian_months') return monthEnd;
  const back = (weekdayOf(monthEnd) - calendar.yearEndWeekday + 7) % 7;
  const forward = calendar.yearEndRule === 'dow_nearest_eom' && back > 3;
  return addDays(monthEnd, forward ? 7 - back : -back);
}

function periodStarts(calendar: FiscalCalendar, endYear: number, from: LocalDate): LocalDate[] {
  if (calendar.kind === 'gregorian_months') {
    return Array.from({ length: 12 }, (_, at) => {
      const index = (endYear - 1) * 12 + calendar.yearEndMonth + at;
      return isoDate(Math.floor(index / 12), (index % 12) + 1, 1);
    });
  }
  const pattern = WEEKS[calendar.kind];
  const starts = [from];
  for (let at = 0; at < 11; at += 1) {
    const weeks = pattern[at % 3] ?? 0;
    starts.push(addDays(starts[at] ?? from, weeks * 7));
  }
  return starts;
}

/** Moves the start of the last period when the 53rd week belongs to the one before it. */
function placeWeek53(
  calendar: FiscalCalendar,
  starts: readonly LocalDate[],
  yearDays: number,
): readonly LocalDate[] {
  const extraInPenultimate =
    calendar.kind !== 'gregorian_months' &&
    yearDays === 371 &&
    calendar.week53Placement === 'penultimate';
  return extraInPenultimate
    ? starts.map((start, at) => (at === 11 ? addDays(start, 7) : start))
    : starts;
}

function yearEnding(calendar: FiscalCalendar, endYear: number): FiscalYear {
  const from = addDays(lastDay(calendar, endYear - 1), 1);
  const to = addDays(lastDay(calendar, endYear), 1);
  const endsInDecember = calendar.yearEndMonth === 12;
  const year = calendar.yearNaming === 'end' || endsInDecember ? endYear : endYear - 1;
  const starts = placeWeek53(
    calendar,
    periodStarts(calendar, endYear, from),
    daysBetween(from, to),
  );
  const periods = starts.map((start, at) => ({
    year,
    quarter: Math.floor(at / 3) + 1,
    period: at + 1,
    from: start,
    to: starts[at + 1] ?? to,
  }));
  return { year, from, to, periods };
}

/**
 * The fiscal year that holds a day. A 53-week year gives its extra week to the period that the calendar names, so
 * that every day lies in exactly one period (G-58).
 * Throws ValidationError for a calendar whose month or weekday does not exist, or for a text that is no date.
 */
export function fiscalYearOf(calendar: FiscalCalendar, date: LocalDate): FiscalYear {
  const { yearEndMonth, yearEndWeekday } = calendar;
  if (!Number.isInteger(yearEndMonth) || yearEndMonth < 1 || yearEndMonth > 12) {
    throw new ValidationError(`Month ${yearEndMonth} cannot close a fiscal year. Give 1 to 12.`);
  }
  if (!Number.isInteger(yearEndWeekday) || yearEndWeekday < 0 || yearEndWeekday > 6) {
    throw new ValidationError(`Weekday ${yearEndWeekday} does not exist. Give 0 (Sunday) to 6.`);
  }
  const calendarYear = Number(addDays(date, 0).slice(0, 4));
  for (const endYear of [calendarYear - 1, calendarYear, calendarYear + 1]) {
    const year = yearEnding(calendar, endYear);
    if (contains(year, date)) return year;
  }
  throw new InternalError(`No fiscal year holds ${date}.`);
}

/** The fiscal period that holds a day. Throws as {@link fiscalYearOf}. */
export function fiscalPeriodOf(calendar: FiscalCalendar, date: LocalDate): FiscalPeriod {
  const period = fiscalYearOf(calendar, date).periods.find((each) => contains(each, date));
  if (period === undefined) throw new InternalError(`No fiscal period holds ${date}.`);
  return period;
}
