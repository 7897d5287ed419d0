import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysBetween } from './dates.ts';
import { fiscalPeriodOf, fiscalYearOf, type FiscalCalendar } from './fiscal-calendar.ts';

const SATURDAY = 6;
const weeks: FiscalCalendar = {
  kind: '445',
  yearEndMonth: 12,
  yearEndWeekday: SATURDAY,
  yearEndRule: 'dow_nearest_eom',
  yearNaming: 'end',
  week53Placement: 'last_period',
};
const meridian: FiscalCalendar = { ...weeks, yearEndMonth: 1 };
const fromFebruary: FiscalCalendar = { ...weeks, kind: 'gregorian_months', yearEndMonth: 1 };

describe('Gregorian fiscal years', () => {
  test('G-58: the last day of a year that starts on 1 February lies in Q4 of the year it ends', () => {
    const period = fiscalPeriodOf(fromFebruary, '2026-01-31');

    expect(period).toEqual({
      year: 2026, quarter: 4, period: 12, from: '2026-01-01', to: '2026-02-01',
    }); // prettier-ignore
  });

  test('the next day opens the first quarter of the next year', () => {
    expect(fiscalPeriodOf(fromFebruary, '2026-02-01')).toMatchObject({
      year: 2027,
      quarter: 1,
      period: 1,
    });
    expect(fiscalPeriodOf({ ...fromFebruary, yearNaming: 'start' }, '2026-02-01').year).toBe(2026);
  });
});

describe('week calendars', () => {
  test('G-58: a 4-4-5 year closing on the Saturday nearest 31 December runs from 4 January 2026 to 2 January 2027', () => {
    const year = fiscalYearOf(weeks, '2026-04-04');

    expect(year).toMatchObject({ year: 2026, from: '2026-01-04', to: '2027-01-03' });
  });

  test('G-58: 4 April 2026 closes P3 of Q1 (five weeks from 1 March), 5 April opens P4 of Q2', () => {
    expect(fiscalPeriodOf(weeks, '2026-04-04')).toEqual({
      year: 2026, quarter: 1, period: 3, from: '2026-03-01', to: '2026-04-05',
    }); // prettier-ignore
    expect(fiscalPeriodOf(weeks, '2026-04-05')).toMatchObject({
      quarter: 2,
      period: 4,
      from: '2026-04-05',
    });
  });

  test('the year of the sample company closes on the Saturday nearest 31 January', () => {
    expect(fiscalPeriodOf(meridian, '2026-01-31')).toMatchObject({ year: 2026, period: 12 });
    expect(fiscalPeriodOf(meridian, '2026-03-02')).toMatchObject({
      year: 2027,
      quarter: 1,
      period: 2,
      from: '2026-03-01',
    });
  });

  test('the 53rd week lies in the last period, or in the one before when the calendar says so', () => {
    // The retail year 2017 (NRF) has 53 weeks: it closes on Saturday 3 February 2018.
    const last = fiscalYearOf(meridian, '2018-02-03');
    const before = fiscalYearOf({ ...meridian, week53Placement: 'penultimate' }, '2018-02-03');

    expect(daysBetween(last.from, last.to)).toBe(53 * 7);
    expect(last.periods.at(-1)).toMatchObject({ from: '2017-12-24', to: '2018-02-04' });
    expect(before.periods.at(-1)).toMatchObject({ from: '2017-12-31', to: '2018-02-04' });
    expect(before.periods.at(-2)).toMatchObject({ from: '2017-11-26', to: '2017-12-31' });
  });

  test('the last Saturday of the month is never after the month', () => {
    const year = fiscalYearOf({ ...weeks, yearEndRule: 'last_dow_of_month' }, '2026-12-26');

    expect(year.to).toBe('2026-12-27');
  });
});

const calendars = fc.record({
  kind: fc.constantFrom('gregorian_months', '445', '454', '544'),
  yearEndMonth: fc.integer({ min: 1, max: 12 }),
  yearEndWeekday: fc.integer({ min: 0, max: 6 }),
  yearEndRule: fc.constantFrom('last_dow_of_month', 'dow_nearest_eom'),
  yearNaming: fc.constantFrom('start', 'end'),
  week53Placement: fc.constantFrom('last_period', 'penultimate'),
}) satisfies fc.Arbitrary<FiscalCalendar>;
const days = fc.integer({ min: 0, max: 60_000 }).map((count) => addDays('1950-01-01', count));

test('for any calendar and day, twelve periods tile the year without gap or overlap and hold the day', () => {
  fc.assert(
    fc.property(calendars, days, (calendar, day) => {
      const year = fiscalYearOf(calendar, day);
      const period = fiscalPeriodOf(calendar, day);

      expect(year.periods).toHaveLength(12);
      expect(year.periods[0]?.from).toBe(year.from);
      expect(year.periods.at(-1)?.to).toBe(year.to);
      for (const [at, each] of year.periods.entries()) {
        expect(each.from < each.to).toBe(true);
        expect(each.to).toBe(year.periods[at + 1]?.from ?? year.to);
      }
      expect(period.from <= day && day < period.to).toBe(true);
      expect(fiscalYearOf(calendar, year.to).year).toBe(year.year + 1);
      const lengths = calendar.kind === 'gregorian_months' ? [365, 366] : [364, 371];
      expect(lengths).toContain(daysBetween(year.from, year.to));
    }),
  );
});

test('a calendar with an impossible month or weekday is refused with what to give', () => {
  expect(() => fiscalYearOf({ ...weeks, yearEndMonth: 13 }, '2026-01-01')).toThrow('Give 1 to 12');
  expect(() => fiscalYearOf({ ...weeks, yearEndWeekday: 7 }, '2026-01-01')).toThrow(
    '0 (Sunday) to 6',
  );
  expect(() => fiscalYearOf(weeks, '2026-02-30')).toThrow('not a date');
});
