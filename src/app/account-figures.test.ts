import { describe, expect, test } from '@jest/globals';
import type { PositionLine } from '../canonical/position-line.ts';
import { grant, entitlement, linesOf, seats, sku } from '../../test/support/licensing-facts.ts';
import { accountFigures, usedByAccount } from './account-figures.ts';

/** A line of CORE with rights and seats, at a price of 10.00 EUR a right unless told otherwise. */
function line(
  owned: number,
  used: number,
  price: string | null = '10.00',
  currency = 'EUR',
): PositionLine {
  // prettier-ignore
  const rights = entitlement('e', price === null ? {} : { unitPrice: price, currency });
  const [found] = linesOf('2026-03-02', {
    skus: [sku('CORE', 'named_user')],
    entitlements: owned === 0 ? [] : [rights],
    transactions: owned === 0 ? [] : [grant('e', String(owned), '2025-01-01')],
    seats: seats(used),
  });
  if (found === undefined) throw new Error('There is no line.');
  return found;
}

describe('what an account shows', () => {
  test('utilisation is a share of what is owned, and none where nothing is', () => {
    expect(accountFigures([line(8, 6), line(1, 1)], null, 90).utilisation).toBe('77.78');
    expect(accountFigures([line(0, 2)], null, 90).utilisation).toBeNull();
  });

  test('the true-up is the sum of all shortfalls, and unknown where one has no price or another currency', () => {
    expect(accountFigures([line(4, 6), line(9, 1), line(1, 2)], null, 90).trueUp).toEqual({ amount: '30.00', currency: 'EUR' }); // prettier-ignore
    expect(accountFigures([line(4, 6), line(1, 2, null)], null, 90).trueUp).toBeNull();
    expect(accountFigures([line(4, 6), line(1, 2, '9.00', 'USD')], null, 90).trueUp).toBeNull();
    expect(accountFigures([line(4, 4)], null, 90).trueUp).toBeNull();
  });

  test.each([
    ['use beyond the rights of one product, whatever is left of another', [line(4, 5), line(50, 1)], '5', 'over_rights'], // prettier-ignore
    ['one product at the soft limit', [line(10, 9), line(50, 1)], '9', 'near_limit'],
    ['use that grew by a tenth of the rights', [line(20, 10)], '8', 'growing'],
    ['use that grew by less', [line(20, 10)], '9', 'none'],
    ['use that shrank', [line(20, 10)], '19', 'none'],
    [
      'use as before, of what nobody knows to be owned',
      [{ ...line(4, 2), rightsOwned: null }],
      '2',
      'none',
    ],
    ['use that nobody looked at before', [line(20, 10)], null, 'none'],
  ] as const)('the signal of %s', (_, lines, before, signal) => {
    expect(accountFigures(lines, before, 90).expansionSignal).toBe(signal);
  });

  test('change is against what the account used then, over its products', () => {
    const then = usedByAccount([line(4, 3), line(4, 2), { ...line(4, 4), posture: 'licensee' }]);

    expect(then.get('001A')).toBe('5');
    expect(accountFigures([line(9, 3)], '5', 90).useChange).toBe('-2');
  });
});
