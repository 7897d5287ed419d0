import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EntitlementTransaction } from '../canonical/entitlement-transaction.ts';
import { Entitlement } from '../canonical/entitlement.ts';
import { addDays, daysBetween } from '../kernel/dates.ts';
import { latenessOf, rightsInPlace } from './late-deal.ts';

const TODAY = '2026-03-02';
const entitlement = (over: Partial<Entitlement> = {}): Entitlement =>
  Entitlement.parse({
    externalRef: 'ent:erp:7',
    posture: 'licensor',
    skuCode: 'PRO',
    ownerRef: '001A',
    status: 'active',
    orderConnection: 'erp',
    orderRef: '7',
    ...over,
  });
/** What the late deal sells: PRO for account 001A from January 2026 for a year. */
const draft = entitlement({
  externalRef: 'ent:deal:late:1',
  dealRef: 'deal:late',
  status: 'draft',
  plannedFrom: '2026-01-01',
  plannedTo: '2027-01-01',
});
const grant = (from: string, to?: string, quantityDelta = '25'): EntitlementTransaction =>
  EntitlementTransaction.parse({
    externalRef: `${from}:${quantityDelta}`,
    entitlementRef: 'ent:erp:7',
    type: 'grant',
    quantityDelta,
    reason: 'test',
    validFrom: from,
    ...(to === undefined ? {} : { validTo: to }),
  });
const inPlace = (
  transactions: readonly EntitlementTransaction[],
  held: Partial<Entitlement> = {},
  today = TODAY,
) => rightsInPlace([draft], { entitlements: [entitlement(held)], transactions }, today);

describe('F-45: how late a won deal is', () => {
  test('is counted from the earlier of the win and the close date to its first plan', () => {
    const late = { since: '2026-01-10', days: 51 };

    expect(latenessOf({ wonOn: '2026-01-10', closeDate: '2026-02-28', plannedOn: TODAY }, 30)).toEqual(late);
    expect(latenessOf({ wonOn: '2026-02-28', closeDate: '2026-01-10', plannedOn: TODAY }, 30)).toEqual(late);
    expect(latenessOf({ wonOn: TODAY, closeDate: '2026-12-31', plannedOn: TODAY }, 30)).toBeNull();
  }); // prettier-ignore

  test('for any day and limit it is late on the day of the limit and on none before', () => {
    const day = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1970-01-01', days));
    const limit = fc.integer({ min: 1, max: 730 });
    fc.assert(
      fc.property(day, limit, fc.nat(800), (wonOn, lateAfterDays, more) => {
        const at = (days: number) =>
          latenessOf(
            { wonOn, closeDate: addDays(wonOn, more), plannedOn: addDays(wonOn, days) },
            lateAfterDays,
          );

        expect(at(lateAfterDays - 1)).toBeNull();
        expect(at(lateAfterDays)).toEqual({ since: wonOn, days: lateAfterDays });
        expect(at(lateAfterDays + more)?.days).toBe(lateAfterDays + more);
      }),
    );
  });
});

describe('F-45: rights that stand for a late deal', () => {
  test('are those of the same customer and part number that cover its term', () => {
    const [right, ...others] = inPlace([grant('2026-01-01', '2027-01-01')]);

    expect(others).toEqual([]);
    expect(right).toEqual({
      entitlementRef: 'ent:erp:7',
      skuCode: 'PRO',
      quantity: '25',
      from: '2026-01-01',
      to: '2027-01-01',
      orderConnection: 'erp',
      orderRef: '7',
    });
  });

  test.each([
    ['follow its term', [grant('2027-01-01', '2028-01-01')]],
    ['started after it and last longer', [grant('2026-02-15', '2027-02-15')]],
    ['have no end', [grant('2020-01-01')]],
    ['have no end, beside some that have', [grant('2025-01-01', '2026-01-01'), grant('2026-01-01')]],
  ])('are those that %s', (_, transactions) => {
    expect(inPlace(transactions)).toHaveLength(1);
  }); // prettier-ignore

  test.each<[string, readonly EntitlementTransaction[], Partial<Entitlement>]>([
    ['end before its term does', [grant('2025-01-01', '2026-12-31')], {}],
    ['were taken back', [grant('2026-01-01', '2027-01-01'), grant('2026-01-01', '2027-01-01', '-25')], {}],
    ['are reversed', [grant('2026-01-01', '2027-01-01')], { status: 'reversed' }],
    ['come from the deal itself', [grant('2026-01-01', '2027-01-01')], { dealRef: 'deal:late' }],
    ['are of another customer', [grant('2026-01-01', '2027-01-01')], { ownerRef: '001B' }],
    ['are of another part number', [grant('2026-01-01', '2027-01-01')], { skuCode: 'TEAM' }],
    ['we bought ourselves', [grant('2026-01-01', '2027-01-01')], { posture: 'licensee' }],
    ['have no order that left approval', [], { status: 'draft' }],
  ])('are none that %s', (_, transactions, held) => {
    expect(inPlace(transactions, held)).toEqual([]);
  }); // prettier-ignore

  test('are none that are over, on the day after their last', () => {
    const transactions = [grant('2026-01-01', '2027-01-01')];

    expect(inPlace(transactions, {}, '2026-12-31')).toHaveLength(1);
    expect(inPlace(transactions, {}, '2027-01-01')).toEqual([]);
  });

  test('for any two terms are exactly those that last to the end of the deal, as far as they are not over', () => {
    const offset = fc.integer({ min: -400, max: 800 });
    fc.assert(
      fc.property(offset, fc.integer({ min: 1, max: 800 }), (start, length) => {
        const from = addDays('2026-01-01', start);
        const to = addDays(from, length);
        const lasts = daysBetween('2027-01-01', to) >= 0;

        expect(inPlace([grant(from, to)])).toHaveLength(lasts ? 1 : 0);
      }),
    );
  });
});
