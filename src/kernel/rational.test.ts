import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  add,
  compare,
  divide,
  multiply,
  parseDecimal,
  rational,
  subtract,
  toFixed,
  toPlain,
} from './rational.ts';

const fractions = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.bigInt({ min: 1n, max: 10n ** 20n }),
  )
  .map(([num, den]) => rational(num, den));

describe('exact fractions', () => {
  test('addition and multiplication commute, associate and distribute', () => {
    fc.assert(
      fc.property(fractions, fractions, fractions, (a, b, c) => {
        expect(add(a, b)).toEqual(add(b, a));
        expect(multiply(a, b)).toEqual(multiply(b, a));
        expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
      }),
    );
  });

  test('subtraction undoes addition and division undoes multiplication', () => {
    fc.assert(
      fc.property(fractions, fractions, (a, b) => {
        expect(subtract(add(a, b), b)).toEqual(a);
        fc.pre(b.num !== 0n);
        expect(divide(multiply(a, b), b)).toEqual(a);
      }),
    );
  });

  test('there is one spelling of each value, with a positive denominator', () => {
    expect(rational(6n, -8n)).toEqual({ num: -3n, den: 4n });
    expect(rational(0n, -5n)).toEqual({ num: 0n, den: 1n });
  });

  test('order agrees with subtraction', () => {
    fc.assert(
      fc.property(fractions, fractions, (a, b) => {
        expect(Math.sign(compare(a, b))).toBe(
          Math.sign(Number(subtract(a, b).num > 0n) - Number(subtract(a, b).num < 0n)),
        );
      }),
    );
  });

  test('a zero divisor is refused', () => {
    expect(() => rational(1n, 0n)).toThrow('divided by zero');
    expect(() => divide(rational(1n), rational(0n))).toThrow('divided by zero');
  });
});

describe('decimals', () => {
  test('a half is rounded away from zero, on both sides', () => {
    expect(toFixed(parseDecimal('2.5'), 0)).toBe('3');
    expect(toFixed(parseDecimal('-2.5'), 0)).toBe('-3');
    expect(toFixed(parseDecimal('1.005'), 2)).toBe('1.01');
    expect(toFixed(parseDecimal('-0.004'), 2)).toBe('0.00');
  });

  test('rounding moves a value by at most half a unit', () => {
    fc.assert(
      fc.property(fractions, fc.integer({ min: 0, max: 10 }), (value, scale) => {
        const moved = subtract(parseDecimal(toFixed(value, scale)), value);
        const size = moved.num < 0n ? rational(-moved.num, moved.den) : moved;

        expect(compare(size, rational(1n, 2n * 10n ** BigInt(scale)))).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('what was written is what is read, digit for digit, beyond any float', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (digits) => {
        expect(toFixed(parseDecimal(digits.toString()), 0)).toBe(digits.toString());
      }),
    );
    expect(toPlain(parseDecimal('9007199254740993.10'), 6)).toBe('9007199254740993.1');
  });

  test('a plain decimal drops zeros after the point only', () => {
    expect(toPlain(parseDecimal('100'), 6)).toBe('100');
    expect(toPlain(parseDecimal('2.500'), 6)).toBe('2.5');
    expect(toPlain(rational(1n, 3n), 0)).toBe('0');
  });

  test.each(['1e3', '1,000.00', ' 1', '', '.5', '5.', '+1', '0x10', 'NaN', '１'])(
    '"%s" is no figure',
    (text) => {
      expect(() => parseDecimal(text)).toThrow('is not a decimal number');
    },
  );
});
