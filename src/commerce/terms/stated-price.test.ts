import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compare, parseDecimal, rational, toPlain } from '../../kernel/rational.ts';
import { priceOf, tierInversion, type PriceModel, type StatedPrice } from './stated-price.ts';

const figure = parseDecimal;
const tier = (upTo: string | null, unit: string, flat = '0') => ({
  upTo: upTo === null ? null : figure(upTo),
  unitAmount: figure(unit),
  flatAmount: figure(flat),
});
const stated = (model: PriceModel, over: Partial<StatedPrice> = {}): StatedPrice => ({
  model,
  tiers: [tier('100', '10', '500'), tier('200', '9', '900'), tier(null, '8', '1600')],
  freeUnits: rational(0n),
  packageSize: rational(1n),
  baseAmount: rational(0n),
  includedUnits: rational(0n),
  cap: null,
  ...over,
});
const cost = (price: StatedPrice, units: string) => toPlain(priceOf(price, figure(units)).amount, 4); // prettier-ignore

describe('the price of a quantity', () => {
  test('a block has one price for all of its quantities, a flat price one for any', () => {
    expect([cost(stated('block'), '1'), cost(stated('block'), '100'), cost(stated('block'), '100.5')]).toEqual(['500', '500', '900']); // prettier-ignore
    expect(cost(stated('flat'), '7000')).toBe('500');
  });

  test('free units are taken off before anything else', () => {
    const tiers = [tier('100', '10'), tier(null, '9')];

    expect(cost(stated('volume', { tiers, freeUnits: figure('10') }), '110')).toBe('1000');
    expect(cost(stated('graduated', { tiers, freeUnits: figure('200') }), '110')).toBe('0');
  });

  test('a cap bounds the whole, and of overage what is beyond the base', () => {
    const single = [tier(null, '0.5')];
    const overage = stated('overage', { tiers: single, baseAmount: figure('59.99'), includedUnits: figure('500'), cap: figure('40') }); // prettier-ignore

    expect(cost(stated('per_unit', { tiers: single, cap: figure('40') }), '620')).toBe('40');
    expect(cost(overage, '620')).toBe('99.99');
  });

  test('graduated prices never fall, and are never above volume prices of falling tiers turned round', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (units) => {
        const tiers = [tier('100', '10'), tier('200', '9'), tier(null, '8')];
        const [graduated, volume] = [stated('graduated', { tiers }), stated('volume', { tiers })];
        const at = (price: StatedPrice, quantity: number) => priceOf(price, rational(BigInt(quantity))).amount; // prettier-ignore

        expect(compare(at(graduated, units + 1), at(graduated, units))).toBeGreaterThan(0);
        expect(compare(at(graduated, units), at(volume, units))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('tier inversion', () => {
  const tiers = [tier('100', '10'), tier('200', '9'), tier(null, '4')];

  test('G-43: it names the first quantity of the tier that costs least, not only of the next one', () => {
    const found = tierInversion(stated('volume', { tiers }), figure('150'), rational(1n));

    expect(found === null ? null : [found.quantity, found.amount, found.saving].map((each) => toPlain(each, 2))).toEqual(['201', '804', '546']); // prettier-ignore
  });

  test('it is what a search over every quantity finds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 260 }), (units) => {
        const price = stated('volume', { tiers });
        const here = priceOf(price, rational(BigInt(units))).amount;
        const above = Array.from({ length: 400 }, (_, at) => rational(BigInt(units + at + 1)));
        const cheapest = above.map((each) => priceOf(price, each).amount).reduce((best, each) => compare(each, best) < 0 ? each : best); // prettier-ignore

        const found = tierInversion(price, rational(BigInt(units)), rational(1n));

        expect(found?.amount ?? null).toEqual(compare(cheapest, here) < 0 ? cheapest : null);
      }),
    );
  });

  test('of two higher tiers that cost less it names the cheaper one, not the last', () => {
    const falling = [tier('100', '10'), tier('200', '4'), tier(null, '2.4')];
    const found = tierInversion(stated('volume', { tiers: falling }), figure('50'), rational(1n));

    expect(found === null ? null : toPlain(found.quantity, 0)).toBe('101');
  });

  test('graduated prices have none', () => {
    expect(tierInversion(stated('graduated', { tiers }), figure('100'), rational(1n))).toBeNull();
  });
});
