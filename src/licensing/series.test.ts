import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { daysLeft, lastOutlier, median, slope, slowRise } from './series.ts';

describe('a day that stands out', () => {
  test('is judged by the modified z-score: 75 after some 50 scores 16.86', () => {
    const found = lastOutlier([50, 51, 49, 50, 52, 50, 75], 3.5);

    expect(found).toMatchObject({ median: 50, mad: 1, isOutlier: true });
    expect(found?.score).toBeCloseTo(16.8625, 4);
  });

  test('is judged by its distance where most days are equal', () => {
    expect(lastOutlier([20, 20, 20, 20, 23], 3.5)?.isOutlier).toBe(false);
    expect(lastOutlier([20, 20, 20, 20, 24], 3.5)?.isOutlier).toBe(true);
    expect(lastOutlier([100, 100, 100, 100, 110], 3.5)?.isOutlier).toBe(false);
  });

  test('is not judged by three days', () => {
    expect(lastOutlier([1, 1, 99], 3.5)).toBeNull();
  });
});

test('the rise is the least squares slope: 2.107 a day leaves 12.8 days for 27 rights', () => {
  const use = [160, 162, 165, 166, 169, 170, 173];

  expect(slope(use)).toBeCloseTo(2.107, 3);
  expect(daysLeft(200 - 173, use)).toBeCloseTo(12.8, 1);
  expect(daysLeft(27, use.toReversed())).toBeNull();
});

test('a slow rise adds up where no single day stands out; noise around a level does not', () => {
  const level = [50, 52, 48, 51, 49, 50, 52, 48, 51, 49, 50, 52, 48, 50];
  const rising = level.map((value, day) => (day < 7 ? value : value + 4));

  expect(slowRise(level, 0.5)).toBeLessThan(5);
  expect(slowRise(rising, 0.5)).toBeGreaterThan(5);
  expect(slowRise(level.slice(0, 13), 0.5)).toBeNull();
});

test('one day that stands out makes no slow rise, wherever it lies; two weeks that rise do', () => {
  const level = [50, 52, 48, 51, 49, 50, 52, 48, 51, 49, 50, 52, 48, 50];
  const spiked = (day: number): number[] => level.with(day, 500);

  expect(slowRise(spiked(13), 0.5)).toBeLessThan(5);
  expect(slowRise(spiked(8), 0.5)).toBeLessThan(5);
  expect(slowRise([...level, ...level.map((value, day) => value + day)], 0.5)).toBeGreaterThan(5);
});

test('the median lies between the least and the greatest value, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);

      expect(middle).toBe(median(values.toReversed()));
      expect(middle).toBeGreaterThanOrEqual(Math.min(...values));
      expect(middle).toBeLessThanOrEqual(Math.max(...values));
    }),
  );
});
