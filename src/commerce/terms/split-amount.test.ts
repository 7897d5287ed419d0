import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ValidationError } from '../../kernel/errors.ts';
import { addMoney, exponentOf, money } from '../../kernel/money.ts';
import { parseDecimal, rational } from '../../kernel/rational.ts';
import { splitAmount } from './split-amount.ts';

const whole = (value: number) => rational(BigInt(value));
const currencies = fc.constantFrom('USD', 'JPY', 'KWD');
const weights = fc.array(fc.integer({ min: 0, max: 400 }).map(whole), { minLength: 1, maxLength: 40 }); // prettier-ignore

describe('sharing an amount out', () => {
  test('the shares are the whole, at the minor unit, and none turns its sign', () => {
    fc.assert(
      fc.property(
        currencies,
        fc.integer({ min: -10_000_000, max: 10_000_000 }),
        weights,
        fc.constantFrom('first' as const, 'last' as const),
        (currency, minor, parts, remainder) => {
          fc.pre(parts.some(({ num }) => num > 0n));
          const unit = 10n ** BigInt(exponentOf(currency));
          const total = money((Number(minor) / Number(unit)).toFixed(exponentOf(currency)), currency); // prettier-ignore

          const shares = splitAmount(total, parts, remainder);

          expect(shares.reduce(addMoney)).toEqual(total);
          const sign = parseDecimal(total.amount).num < 0n ? -1n : 1n;
          expect(shares.every(({ amount }) => parseDecimal(amount).num * sign >= 0n)).toBe(true);
          expect(shares.every(({ amount }) => (amount.split('.')[1] ?? '').length === exponentOf(currency))).toBe(true); // prettier-ignore
        },
      ),
    );
  });

  test('G-49: what is left is in the last share or in the first', () => {
    const twelve = Array.from({ length: 12 }, () => whole(1));
    const amounts = (where: 'first' | 'last') => splitAmount(money('100', 'USD'), twelve, where).map(({ amount }) => amount); // prettier-ignore

    expect(amounts('last')).toEqual([...Array.from({ length: 11 }, () => '8.33'), '8.37']);
    expect(amounts('first')[0]).toBe('8.37');
  });

  test('a share without weight gets nothing, not even what is left', () => {
    const shares = splitAmount(
      money('10', 'JPY'),
      [whole(0), whole(1), whole(2), whole(0)],
      'last',
    );

    expect(shares.map(({ amount }) => amount)).toEqual(['0', '3', '7', '0']);
  });

  test('of an amount smaller than its parts the one that takes the rest has all of it, and none is negative', () => {
    const twelve = Array.from({ length: 12 }, () => whole(1));
    const amounts = splitAmount(money('0.07', 'USD'), twelve, 'last').map(({ amount }) => amount);

    expect(amounts).toEqual([...Array.from({ length: 11 }, () => '0.00'), '0.07']);
  });

  test('weights that say nothing are refused', () => {
    expect(() => splitAmount(money('10', 'USD'), [whole(0)], 'last')).toThrow(ValidationError);
    expect(() => splitAmount(money('10', 'USD'), [whole(2), whole(-1)], 'last')).toThrow(ValidationError); // prettier-ignore
  });
});
