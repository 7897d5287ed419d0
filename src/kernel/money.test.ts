import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addMoney,
  differsByMoreThanOneMinorUnit,
  exponentOf,
  lineAmount,
  money,
  moneyOf,
  subtractMoney,
} from './money.ts';
import { add, parseDecimal, rational, toFixed } from './rational.ts';

const cents = fc
  .bigInt({ min: -(10n ** 16n), max: 10n ** 16n })
  .map((units) => toFixed(rational(units, 100n), 2));

describe('currencies', () => {
  test('an amount has the places of its currency: yen none, euro two, dinar three', () => {
    expect(money('1200', 'JPY')).toEqual({ amount: '1200', currency: 'JPY' });
    expect(money('1200', 'EUR')).toEqual({ amount: '1200.00', currency: 'EUR' });
    expect(money('1.2', 'KWD')).toEqual({ amount: '1.200', currency: 'KWD' });
    expect(exponentOf('CLF')).toBe(4);
  });

  test('a code that does not exist is refused', () => {
    expect(() => money('1', 'EURO')).toThrow('not an ISO 4217 currency code');
    expect(() => money('1', 'usd')).toThrow('not an ISO 4217 currency code');
  });

  test('amounts of two currencies are never combined', () => {
    expect(() => addMoney(money('1', 'EUR'), money('1', 'USD'))).toThrow(
      'without an exchange rate',
    );
  });
});

describe('line amounts', () => {
  test('G-51: the line is rounded once, never per seat: 25 seats × 65.0958904110 are 1,627.40, not 1,627.50', () => {
    expect(lineAmount('25', '65.0958904110', 'USD').amount).toBe('1627.40');
    expect(moneyOf(rational(3000n * 198n, 365n), 'USD').amount).toBe('1627.40');
  });

  test('a price of ten decimals loses nothing before the one rounding', () => {
    expect(lineAmount('1000000', '0.0000000005', 'USD').amount).toBe('0.00');
    expect(lineAmount('10000000', '0.0000000005', 'USD').amount).toBe('0.01');
    expect(lineAmount('3', '333.4', 'JPY').amount).toBe('1000');
  });
});

test('sums of amounts are exact in any order', () => {
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1, maxLength: 20 }), (amounts) => {
      const forward = amounts.reduce(
        (sum, each) => addMoney(sum, money(each, 'EUR')),
        money('0', 'EUR'),
      );
      const backward = amounts
        .toReversed()
        .reduce((sum, each) => addMoney(sum, money(each, 'EUR')), money('0', 'EUR'));
      const exact = amounts.map(parseDecimal).reduce(add);

      expect(forward).toEqual(backward);
      expect(forward.amount).toBe(toFixed(exact, 2));
    }),
  );
});

test('subtraction undoes addition', () => {
  fc.assert(
    fc.property(cents, cents, (left, right) => {
      const sum = addMoney(money(left, 'EUR'), money(right, 'EUR'));

      expect(subtractMoney(sum, money(right, 'EUR'))).toEqual(money(left, 'EUR'));
    }),
  );
});

test('one minor unit is tolerated, two are not, by the exponent of the currency', () => {
  expect(differsByMoreThanOneMinorUnit(money('10.00', 'EUR'), money('10.01', 'EUR'))).toBe(false);
  expect(differsByMoreThanOneMinorUnit(money('10.02', 'EUR'), money('10.00', 'EUR'))).toBe(true);
  expect(differsByMoreThanOneMinorUnit(money('1000', 'JPY'), money('1001', 'JPY'))).toBe(false);
  expect(differsByMoreThanOneMinorUnit(money('1000', 'JPY'), money('998', 'JPY'))).toBe(true);
});
