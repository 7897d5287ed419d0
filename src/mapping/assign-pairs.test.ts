import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignPairs } from './assign-pairs.ts';

/** The greatest sum, by trying everything. */
function best(
  weights: readonly (readonly number[])[],
  row = 0,
  used: ReadonlySet<number> = new Set(),
): number {
  if (row >= weights.length) return 0;
  const without = best(weights, row + 1, used);
  return (weights[row] ?? []).reduce((most, weight, column) => {
    if (weight <= 0 || used.has(column)) return most;
    return Math.max(most, weight + best(weights, row + 1, new Set([...used, column])));
  }, without);
}

const matrix = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 5 }))
  .chain(([rows, columns]) =>
    fc.array(
      fc.array(fc.integer({ min: -3, max: 20 }), { minLength: columns, maxLength: columns }),
      {
        minLength: rows,
        maxLength: rows,
      },
    ),
  );

test('the assignment has the greatest sum that one-to-one pairs can have', () => {
  fc.assert(
    fc.property(matrix, (weights) => {
      const assigned = assignPairs(weights);

      const columns = assigned.filter((column) => column !== null);
      const sum = assigned.reduce<number>(
        (total, column, row) => total + (column === null ? 0 : (weights[row]?.[column] ?? 0)),
        0,
      );
      expect(new Set(columns).size).toBe(columns.length);
      expect(sum).toBe(best(weights));
    }),
    { numRuns: 500 },
  );
});

test('a row without a fitting column stays alone rather than taking a bad one', () => {
  expect(
    assignPairs([
      [0, 0],
      [900, -5],
    ]),
  ).toEqual([null, 0]);
  expect(assignPairs([[], []])).toEqual([null, null]);
});

test('the sum counts, not who comes first', () => {
  expect(
    assignPairs([
      [95, 90],
      [94, 10],
    ]),
  ).toEqual([1, 0]);
});
