import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allowanceOf, DEFAULT_BUDGET, nextDay, readable } from './call-allowance.ts';

const now = new Date('2026-03-02T15:30:00Z');
const midnight = new Date('2026-03-03T00:00:00Z');
const budgetOf = (dailyCalls: number | null, reservePercent = 10) => ({
  ...DEFAULT_BUDGET,
  dailyCalls,
  reservePercent,
});
const vendorAt = (used: number, limit: number, seenAt = now) => ({ used, limit, seenAt });

describe('F-24: the reserve of closed-won deals', () => {
  test('is a tenth by default, rounded up', () => {
    expect(readable(1000, DEFAULT_BUDGET.reservePercent)).toBe(900);
    expect(readable(15, DEFAULT_BUDGET.reservePercent)).toBe(13);
  });

  test('is left alone by reading, which goes on at midnight UTC', () => {
    const spent = allowanceOf({ budget: budgetOf(100), used: 90, vendor: null, now }, 'read');

    expect(spent).toEqual({ calls: 0, spent: 'budget', retryAt: midnight });
  });

  test('is there for a closed-won deal, and ends with the budget', () => {
    const some = allowanceOf({ budget: budgetOf(100), used: 90, vendor: null, now }, 'closed-won');
    const none = allowanceOf({ budget: budgetOf(100), used: 100, vendor: null, now }, 'closed-won');

    expect(some.calls).toBeGreaterThan(0);
    expect(none).toEqual({ calls: 0, spent: 'budget', retryAt: midnight });
  });

  test('is kept of the vendor’s own limit too, without a budget of ours', () => {
    const state = { budget: budgetOf(null), used: 3, vendor: vendorAt(13_500, 15_000), now };

    expect(allowanceOf(state, 'read')).toMatchObject({ calls: 0, spent: 'vendor' });
    expect(allowanceOf(state, 'closed-won').calls).toBeGreaterThan(0);
  });

  test('a figure of the vendor’s counts for a quarter of an hour: its day moves with the clock', () => {
    const seenAt = new Date(now.getTime() - 15 * 60_000);
    const state = {
      budget: budgetOf(null),
      used: 3,
      vendor: vendorAt(15_000, 15_000, seenAt),
      now,
    };

    expect(allowanceOf(state, 'read').calls).toBeGreaterThan(0);
  });
});

test('the day ends at the next midnight UTC, also at midnight itself', () => {
  expect(nextDay(now)).toEqual(midnight);
  expect(nextDay(midnight)).toEqual(new Date('2026-03-04T00:00:00Z'));
});

test('blocks taken one after the other use the budget up exactly, and reading leaves the reserve', () => {
  const purposes = fc.array(fc.constantFrom('read' as const, 'closed-won' as const), { maxLength: 60 });
  const settings = [fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 90 })] as const;
  fc.assert(
    fc.property(...settings, purposes, (daily, reserve, mixed) => {
      const budget = budgetOf(daily, reserve);
      const taken = { read: 0, 'closed-won': 0 };
      // Whoever asks, and in which order: in the end closed-won calls take what is left.
      for (const purpose of [...mixed, ...Array.from({ length: 300 }, () => 'closed-won' as const)]) {
        const used = taken.read + taken['closed-won'];
        taken[purpose] += allowanceOf({ budget, used, vendor: null, now }, purpose).calls;
      }
      expect(taken.read).toBeLessThanOrEqual(readable(daily, reserve));
      expect(taken.read + taken['closed-won']).toBe(daily);
    }),
  );
}); // prettier-ignore

test('near the end a process takes one call at a time, so that none lies idle elsewhere', () => {
  const { calls } = allowanceOf({ budget: budgetOf(100, 0), used: 85, vendor: null, now }, 'read');

  expect(calls).toBe(1);
});
