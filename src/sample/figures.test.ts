import { describe, expect, test } from '@jest/globals';
import { changedPrice, termPrice, totalOf, vendorNumber } from './figures.ts';

describe('figures', () => {
  test('a term price is the list price for the months less the discount, at the exponent of the currency', () => {
    expect(termPrice('240.00', 7, 15, 'USD')).toBe('119.00');
    expect(termPrice('91.20', 5, 5, 'EUR')).toBe('36.10');
    expect(termPrice('14400', 7, 5, 'JPY')).toBe('7980');
  });

  test('a changed price is rounded once, half away from zero', () => {
    expect(changedPrice('0.50', 5, 'USD')).toBe('0.53');
    expect(changedPrice('105', 10, 'JPY')).toBe('116');
  });

  test('a total sums amounts that are rounded a line each', () => {
    const lines = [
      { quantity: '3', unitPrice: '83.3333' },
      { quantity: '3', unitPrice: '83.3333' },
    ];

    expect(totalOf(lines, 'USD')).toEqual({ amount: '500.00', currency: 'USD' });
  });

  test('a figure that a JSON number cannot carry is refused', () => {
    expect(vendorNumber('0.10')).toBe(0.1);
    expect(() => vendorNumber('12345678901234.56')).toThrow('more digits');
  });
});
