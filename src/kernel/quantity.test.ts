import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addQuantity,
  ceilQuantity,
  compareQuantity,
  excess,
  minQuantity,
  quantity,
  scaleQuantity,
  subtractQuantity,
  sumQuantities,
} from './quantity.ts';
import { add, compare, parseDecimal, rational, subtract, toPlain } from './rational.ts';

const quantities = fc
  .bigInt({ min: -(10n ** 19n), max: 10n ** 19n })
  .map((millionths) => toPlain(rational(millionths, 1_000_000n), 6));

test('a quantity has one spelling, so equal quantities are equal texts', () => {
  expect(['25.000000', '025', '25'].map(quantity)).toEqual(['25', '25', '25']);
  expect(quantity('-0')).toBe('0');
});

test('more than six places cannot be kept and are refused, not rounded', () => {
  expect(() => quantity('0.0000001')).toThrow('more than 6 decimal places');
  expect(quantity('0.0000010')).toBe('0.000001');
});

test('addition is exact and undone by subtraction', () => {
  fc.assert(
    fc.property(quantities, quantities, (left, right) => {
      expect(subtractQuantity(addQuantity(left, right), right)).toBe(quantity(left));
      expect(sumQuantities([left, right])).toBe(addQuantity(right, left));
    }),
  );
  expect(sumQuantities([])).toBe('0');
});

test('sums, differences and comparisons are those of exact fractions, whole numbers and others together', () => {
  const some = fc.oneof(fc.nat().map(String), quantities);
  fc.assert(
    fc.property(fc.array(some, { maxLength: 30 }), some, (many, other) => {
      const exact = many.map(parseDecimal).reduce(add, rational(0n));
      const sum = sumQuantities(many);

      expect(sum).toBe(toPlain(exact, 6));
      expect(subtractQuantity(sum, other)).toBe(toPlain(subtract(exact, parseDecimal(other)), 6));
      expect(compareQuantity(sum, other)).toBe(compare(exact, parseDecimal(other)));
    }),
  );
});

describe('surplus and shortfall', () => {
  test('of two quantities exactly one exceeds the other, unless they are equal', () => {
    fc.assert(
      fc.property(quantities, quantities, (left, right) => {
        const surplus = excess(left, right);
        const shortfall = excess(right, left);

        expect(subtractQuantity(surplus, shortfall)).toBe(subtractQuantity(left, right));
        expect(surplus === '0' || shortfall === '0').toBe(true);
        expect(compareQuantity(minQuantity(left, right), left)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

test('packs times rights per pack is exact, and whole packs are rounded up', () => {
  expect(scaleQuantity('2.5', 4)).toBe('10');
  expect(ceilQuantity('7', 2)).toBe('4');
  expect(ceilQuantity('8', 2)).toBe('4');
  expect(ceilQuantity('0', 5)).toBe('0');
  expect(ceilQuantity('0.1', 1)).toBe('1');
});
