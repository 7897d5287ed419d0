import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rational } from '../../kernel/rational.ts';
import { baseAmount, ownedOn, renewalBase, termAfter, type AddOn, type Segment } from './renew.ts';

const TERM = { from: '2025-04-01', to: '2027-04-01' };
const segment = (from: string, to: string, quantity: number, price: number, sku = 'PRO'): Segment => ({ sku, from, to, quantity: rational(BigInt(quantity)), unitPrice: rational(BigInt(price)), priceMonths: 12 }); // prettier-ignore
const ramp = [
  segment('2025-04-01', '2026-04-01', 100, 100),
  segment('2026-04-01', '2027-04-01', 150, 95),
];
const addOn = fc.record({
  sku: fc.constantFrom('PRO', 'TEAM', 'DESK'),
  from: fc.constantFrom('2025-06-01', '2026-01-15', '2026-12-01'),
  quantity: fc.integer({ min: 1, max: 50 }).map((each) => rational(BigInt(each))),
  unitPrice: fc.constantFrom(95, 90, 12).map((each) => rational(BigInt(each))),
  priceMonths: fc.constantFrom(1, 12),
}) satisfies fc.Arbitrary<AddOn>;

describe('what a renewal starts from', () => {
  test('the order of add-ons and of the steps of a ramp changes nothing', () => {
    const shuffled = fc
      .array(addOn, { maxLength: 8 })
      .chain((each) =>
        fc.tuple(
          fc.constant(each),
          fc.shuffledSubarray(each, { minLength: each.length }),
          fc.shuffledSubarray(ramp, { minLength: 2 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([inOrder, other, turned]) => {
        for (const rule of ['last_segment', 'first_segment', 'average'] as const)
          expect(renewalBase(turned, other, rule)).toEqual(renewalBase(ramp, inOrder, rule));
      }),
    );
  });

  test('add-ons are in it at their full price, however late they came, and at one price they are one line', () => {
    const late = { sku: 'PRO', from: '2027-03-31', quantity: rational(10n), unitPrice: rational(95n), priceMonths: 12 }; // prettier-ignore

    const base = renewalBase(ramp, [late, { ...late, from: '2025-05-01' }], 'last_segment');

    expect(base).toEqual([{ sku: 'PRO', quantity: rational(170n), unitPrice: rational(95n), priceMonths: 12 }]); // prettier-ignore
    expect(baseAmount(base, 12)).toEqual(rational(16_150n));
  });

  test('G-56: the contract says whether the last step of a ramp counts, the first, or their average by time', () => {
    const amounts = (['last_segment', 'first_segment', 'average'] as const).map((rule) => baseAmount(renewalBase(ramp, [], rule), 12)); // prettier-ignore

    expect(amounts).toEqual([rational(14_250n), rational(10_000n), rational(12_125n)]);
  });

  test('a price for a month is twelve of them a year', () => {
    const monthly = [{ sku: 'PRO', quantity: rational(2n), unitPrice: rational(5n), priceMonths: 1 }]; // prettier-ignore

    expect(baseAmount(monthly, 12)).toEqual(rational(120n));
  });
});

describe('the days of a term', () => {
  test('G-56: a ramp is owned one step at a time, and an add-on from its own day', () => {
    const more = { sku: 'PRO', from: '2026-06-01', quantity: rational(5n), unitPrice: rational(1n), priceMonths: 12 }; // prettier-ignore
    const on = (day: string) => ownedOn(ramp, [more], TERM, day).num;

    expect(['2025-03-31', '2026-03-31', '2026-04-01', '2026-06-01', '2027-04-01'].map(on)).toEqual([0n, 100n, 150n, 155n, 0n]); // prettier-ignore
  });

  test('G-54: renewals are counted from the first day of all, never from a clamped one', () => {
    const plan = { term: { from: '2024-02-29', to: '2025-02-28' }, months: 12, noticeDays: 30 };
    const froms = [1, 2, 3, 4].map((each) => termAfter(plan, each).from);

    expect(froms).toEqual(['2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
    expect(termAfter(plan, 0).noticeDeadline).toBe('2025-01-28');
  });

  test('a term that is no whole number of months renews from its end', () => {
    const plan = { term: { from: '2026-01-15', to: '2026-12-31' }, months: 1, noticeDays: 0 };

    expect([1, 2, 3].map((each) => termAfter(plan, each).to)).toEqual(['2027-01-31', '2027-02-28', '2027-03-31']); // prettier-ignore
  });
});
