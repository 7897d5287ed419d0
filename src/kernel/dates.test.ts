import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  contains,
  daysBetween,
  daysInMonth,
  endExclusive,
  endInclusive,
  isLocalDate,
  noticeDeadline,
  overlaps,
} from './dates.ts';

const days = fc.integer({ min: 0, max: 60_000 }).map((count) => addDays('1950-01-01', count));

describe('adding months', () => {
  test('G-53: a monthly anchor on 31 January is clamped, and always counted from the anchor', () => {
    expect([1, 2, 3, 4].map((n) => addMonths('2026-01-31', n))).toEqual([
      '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31',
    ]); // prettier-ignore
    expect([1, 2].map((n) => addMonths('2028-01-31', n))).toEqual(['2028-02-29', '2028-03-31']);
  });

  test('G-53: a chain keeps the anchor when it is told the anchor day', () => {
    const february = addMonths('2026-01-31', 1);

    expect(addMonths(february, 1, 31)).toBe('2026-03-31');
    expect(addMonths(february, 1)).toBe('2026-03-28');
  });

  test('G-54: a term from 29 February renews on the 28th, and on the 29th again in a leap year', () => {
    const renewals = [12, 24, 36, 48].map((n) => addMonths('2024-02-29', n));

    expect(renewals).toEqual(['2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
    expect(endInclusive('2025-02-28')).toBe('2025-02-27');
  });

  test('G-58C of the revenue rule: a renewal starts on the day after the inclusive end', () => {
    expect(endExclusive('2025-12-31')).toBe('2026-01-01');
  });

  test('never skips a month, and clamps only to the end of the month', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -600, max: 600 }), (day, months) => {
        const moved = addMonths(day, months);
        const index = (text: string) =>
          Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)) - 1;
        const last = daysInMonth(Number(moved.slice(0, 4)), Number(moved.slice(5, 7)));

        expect(index(moved)).toBe(index(day) + months);
        expect(Number(moved.slice(8))).toBe(Math.min(Number(day.slice(8)), last));
      }),
    );
  });
});

describe('notice', () => {
  test('G-55: sixty days before 31 March 2026 is 30 January, and that day is in time', () => {
    expect(noticeDeadline('2026-04-01', 60)).toBe('2026-01-30');
  });

  test('without notice days the last day of the term is in time', () => {
    expect(noticeDeadline('2026-04-01', 0)).toBe('2026-03-31');
  });
});

describe('half-open periods', () => {
  const term = { from: '2026-01-01', to: '2027-01-01' };

  test('the first day counts, the end does not', () => {
    expect(contains(term, '2026-01-01')).toBe(true);
    expect(contains(term, '2026-12-31')).toBe(true);
    expect(contains(term, '2027-01-01')).toBe(false);
    expect(contains({ from: '2026-01-01' }, '9999-12-31')).toBe(true);
  });

  test('a term and its renewal on the next day share no day', () => {
    expect(overlaps(term, { from: '2027-01-01', to: '2028-01-01' })).toBe(false);
    expect(overlaps(term, { from: '2026-12-31' })).toBe(true);
  });

  test('overlap is symmetric, and is exactly a day that both contain', () => {
    const periods = fc
      .tuple(days, fc.integer({ min: 1, max: 40 }))
      .map(([from, length]) => ({ from, to: addDays(from, length) }));
    fc.assert(
      fc.property(
        periods,
        fc.integer({ min: -45, max: 45 }),
        fc.integer({ min: 1, max: 40 }),
        (left, shift, length) => {
          const from = addDays(left.from, shift);
          const right = { from, to: addDays(from, length) };
          const latestStart = left.from > right.from ? left.from : right.from;

          expect(overlaps(left, right)).toBe(overlaps(right, left));
          expect(overlaps(left, right)).toBe(
            contains(left, latestStart) && contains(right, latestStart),
          );
        },
      ),
    );
  });
});

test('days between is the inverse of adding days, over leap days and centuries', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: -40_000, max: 40_000 }), (day, count) => {
      expect(daysBetween(day, addDays(day, count))).toBe(count);
    }),
  );
});

test('only real days of the calendar are dates', () => {
  expect(isLocalDate('2024-02-29')).toBe(true);
  for (const text of [
    '2026-02-29',
    '2026-2-1',
    '2026-13-01',
    '',
    '2026-01-01T00:00:00Z',
    ' 2026-01-01',
  ]) {
    expect(isLocalDate(text)).toBe(false);
  }
  expect(() => addDays('31.01.2026', 1)).toThrow('Give it as YYYY-MM-DD');
});
