import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '../../kernel/dates.ts';
import { add, compare, divide, multiply, rational, subtract, type Rational } from '../../kernel/rational.ts'; // prettier-ignore
import { alignLine, averageTerms, blendLine, remainingValue, type CotermLine } from './coterm.ts';
import { ADDITIVE_METHODS, prorate } from './prorate.ts';

const ON = '2026-03-02';
const zero = rational(0n);
const sum = (values: readonly Rational[]): Rational => values.reduce(add, zero);
const days = (most: number) => fc.integer({ min: 1, max: most });

const line = fc
  .record({
    before: days(900),
    left: days(900),
    cents: fc.integer({ min: 1, max: 100_000_000 }),
    priceMonths: fc.constantFrom(1, 12, 36),
    state: fc.constantFrom('held' as const, 'new' as const),
  })
  .map(
    ({ before, left, cents, priceMonths, state }, ): CotermLine & { readonly to: string } => ({
      id: 'line',
      state,
      from: state === 'new' ? ON : addDays(ON, -before),
      to: addDays(ON, left),
      value: rational(BigInt(cents), 100n),
      priceMonths,
    }),
  ); // prettier-ignore
const lines = fc.array(line, { minLength: 1, maxLength: 8 });
const rules = fc.constantFrom(...ADDITIVE_METHODS).map((method) => ({ method, anchor: '2024-01-15' })); // prettier-ignore

describe('co-termination conserves value', () => {
  test('by price: what is left of all lines and what is due are what they are worth up to the common end', () => {
    fc.assert(
      fc.property(lines, days(900), rules, (held, ahead, rule) => {
        const to = addDays(ON, ahead);

        const before = sum(held.map((each) => remainingValue(each, ON, rule)));
        const due = sum(held.map((each) => alignLine(each, to, rule).amount));

        const after = held.map((each) => multiply(each.value, prorate({ from: ON, to }, rule, each.priceMonths).factor)); // prettier-ignore
        expect(add(before, due)).toEqual(sum(after));
      }),
    );
  });

  test('by date: the average holds what the lines hold, and the cut takes less than a day', () => {
    fc.assert(
      fc.property(lines, (held) => {
        const averaged = held.map(({ value, to }, at) => ({
          value,
          left: rational(BigInt(at + Number(to.slice(8)))),
        }));

        const { exact, cut, to } = averageTerms(averaged, ON, 'days');

        const worth = sum(averaged.map(({ value, left }) => multiply(value, left)));
        expect(multiply(exact, sum(averaged.map(({ value }) => value)))).toEqual(worth);
        expect([compare(cut, zero) >= 0, compare(cut, rational(1n)) < 0]).toEqual([true, true]);
        expect(rational(BigInt(Math.round((Date.parse(to) - Date.parse(ON)) / 86_400_000)))).toEqual(subtract(exact, cut)); // prettier-ignore
      }),
    );
  });

  test('by blending: one price for the new term comes to the rest and the extension at their own', () => {
    fc.assert(
      fc.property(line, days(900), days(100_000_000), rules, (held, longer, cents, rule) => {
        const old = { ...held, state: 'held' as const };
        const to = addDays(old.to, longer);
        const newValue = rational(BigInt(cents), 100n);

        const { credit, charge, value } = blendLine(old, newValue, { on: ON, to, rule });

        const term = prorate({ from: ON, to }, rule, old.priceMonths).factor;
        fc.pre(term.num !== 0n);
        expect(multiply(value, term)).toEqual(charge);
        expect(credit).toEqual(remainingValue(old, ON, rule));
        const extension = prorate({ from: old.to, to }, rule, old.priceMonths).factor;
        expect(subtract(charge, credit)).toEqual(multiply(newValue, extension));
        expect(divide(charge, term)).toEqual(value);
      }),
    );
  });
});

describe('aligning one line', () => {
  const held: CotermLine = {
    id: 'a',
    state: 'held',
    from: '2025-04-01',
    to: '2026-04-01',
    value: rational(12_000n),
    priceMonths: 12,
  };
  const rule = { method: 'day' } as const;

  test('a longer term is charged from the old end, a shorter one credited to it, and the same one left alone', () => {
    const by = (to: string) => alignLine(held, to, rule);

    expect(by('2026-06-01')).toMatchObject({ action: 'extend', charged: { from: '2026-04-01', to: '2026-06-01' } }); // prettier-ignore
    expect(by('2026-03-15')).toMatchObject({ action: 'credit', charged: { from: '2026-03-15', to: '2026-04-01' }, amount: rational(-12_000n * 17n, 365n) }); // prettier-ignore
    expect(by('2026-04-01')).toMatchObject({ action: 'keep', amount: zero });
  });

  test('G-51: a new line is charged from its first day, whatever its own end', () => {
    const added = { ...held, state: 'new' as const, from: '2025-09-15', value: rational(3_000n) };

    expect(alignLine(added, '2026-04-01', rule).amount).toEqual(rational(3_000n * 198n, 365n));
  });

  test('G-52: months on average are cut to days of the month that they end in', () => {
    const lines = [
      { value: rational(2n), left: rational(1n) },
      { value: rational(1n), left: rational(2n) },
    ];

    expect(averageTerms(lines, '2026-01-15', 'months')).toMatchObject({ exact: rational(4n, 3n), to: '2026-02-24' }); // prettier-ignore
  });
});
