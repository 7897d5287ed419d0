import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, addMonths } from '../../kernel/dates.ts';
import { add, compare, toFixed } from '../../kernel/rational.ts';
import { cutAtGrid, monthsAndDays } from './months.ts';
import { ADDITIVE_METHODS, prorate, PRORATION_METHODS } from './prorate.ts';

const days = fc.integer({ min: 0, max: 2500 });
const start = days.map((each) => addDays('2023-06-01', each));
const methods = fc.constantFrom(...ADDITIVE_METHODS);

describe('cutting a price to a term', () => {
  test('a term and its complement give the whole, by every method that does not round', () => {
    fc.assert(
      fc.property(start, days, days, start, methods, (from, first, second, anchor, method) => {
        const rule = { method, anchor };
        const middle = addDays(from, first + 1);
        const to = addDays(middle, second + 1);

        const parts = add(prorate({ from, to: middle }, rule, 12).factor, prorate({ from: middle, to }, rule, 12).factor); // prettier-ignore

        expect(parts).toEqual(prorate({ from, to }, rule, 12).factor);
      }),
    );
  });

  test('whole years from any day are as many prices, by every method that counts months or contract years', () => {
    const counting = PRORATION_METHODS.filter((each) => each !== 'day' && each !== 'actual_360');
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 5 }), (from, years) => {
        // The 31st has no strict counterpart in a year of 360 days, and the 29th of February none in most years.
        fc.pre(Number(from.slice(8)) <= 28);
        const to = addMonths(from, years * 12);

        expect(counting.map((method) => prorate({ from, to }, { method, anchor: from }, 12).factor)).toEqual(counting.map(() => ({ num: BigInt(years), den: 1n }))); // prettier-ignore
      }),
    );
  });

  test('a begun month is never charged less than its days', () => {
    fc.assert(
      fc.property(start, days, (from, length) => {
        const term = { from, to: addDays(from, length + 1) };
        const [up, exact] = (['month_up', 'calendar_period'] as const).map((method) => prorate(term, { method }, 12).factor); // prettier-ignore

        expect(up !== undefined && exact !== undefined && compare(up, exact) >= 0).toBe(true);
      }),
    );
  });

  test('G-51: six months and 17 days are counted from the first day', () => {
    expect(monthsAndDays({ from: '2025-09-15', to: '2026-04-01' })).toEqual({ months: 6, days: 17 }); // prettier-ignore
  });

  test('G-53: the borders of months from the 31st come back to the 31st', () => {
    const pieces = cutAtGrid({ from: '2026-01-31', to: '2026-05-31' }, '2026-01-31', 1);

    expect(pieces.map(({ of }) => of)).toEqual([28, 31, 30, 31]);
  });

  test('a leap day costs a 366th of its own contract year, and a 365th by plain days', () => {
    const leap = { from: '2024-02-29', to: '2024-03-01' };
    const by = (method: 'day' | 'day_leap') => prorate(leap, { method, anchor: '2024-01-01' }, 12).words; // prettier-ignore

    expect([by('day'), by('day_leap')]).toEqual(['1/365 of a year', '1/366 of a year']);
  });

  test('G-46: where parts of a period are not allowed a begun one is charged whole', () => {
    const term = { from: '2025-03-28', to: '2026-02-05' };
    const rule = { method: 'calendar_period', anchor: '2025-03-05' } as const;

    const [allowed, refused] = [true, false].map((each) => prorate(term, { ...rule, partialPeriodsAllowed: each }, 1)); // prettier-ignore

    expect(allowed?.words).toBe('8/31 + 10 periods');
    expect(refused === undefined ? '' : toFixed(refused.factor, 0)).toBe('11');
  });
});
