import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { entitlement, grant, linesOf, ownSeat, sku } from '../../test/support/licensing-facts.ts';
import type { SnapshotFacts } from './snapshot.ts';

const DAY = '2026-03-02';
type Terms = Partial<Parameters<typeof factOf<'seatCount'>>[2]>;
const count = (terms: Terms, connection = 'graph', externalRef = 'c') =>
  factOf('seatCount', connection, { externalRef, posture: 'licensee', skuCode: 'FIG', ...terms });
const publisher = { authority: 'publisher' } as const;
const fig = { skus: [sku('FIG', 'user_subscription')] };
const paper = (rights: string, agreement?: string) => ({
  entitlements: [entitlement('p1', { posture: 'licensee', ownerRef: 'own', skuCode: 'FIG', ...(agreement === undefined ? {} : { agreementRef: agreement }) })],
  transactions: [grant('p1', rights, '2026-01-01')],
}); // prettier-ignore
const lineOf = (facts: Partial<SnapshotFacts>) => linesOf(DAY, { ...fig, ...facts })[0];

describe('what is owned', () => {
  test('is no observer’s word, only the publisher’s own, and that only where no contract is known', () => {
    const noted = lineOf({ seatCounts: [count({ provided: '40', assigned: '27' })] });
    const watched = lineOf({
      seatCounts: [count({ authority: 'observer', provided: '40', assigned: '27' })],
    });
    const provided = lineOf({
      seatCounts: [count({ ...publisher, provided: '40', assigned: '27' })],
    });
    const agreed = lineOf({
      ...paper('30'),
      seatCounts: [count({ ...publisher, provided: '40', assigned: '27' })],
    });

    for (const line of [noted, watched])
      expect(line).toMatchObject({ rightsOwned: null, status: 'indeterminate' });
    expect(provided).toMatchObject({
      rightsOwned: '40',
      rightsRequired: '27',
      surplus: '13',
      confidence: 'medium',
    });
    expect(provided?.warnings).toContain('owned_by_publisher_count');
    expect(agreed).toMatchObject({ rightsOwned: '30', surplus: '3' });
    expect(agreed?.warnings).toContain('publisher_provides: 40');
  });

  test('is nothing any more from the day after the last one of the seats', () => {
    const until = (expiresOn: string) =>
      lineOf({ seatCounts: [count({ ...publisher, provided: '40', assigned: '1', expiresOn })] });

    expect(until(DAY)).toMatchObject({ rightsOwned: '40' });
    expect(until('2026-03-01')).toMatchObject({ rightsOwned: '0', shortfall: '1' });
  });

  test('adds up over the publisher’s counts, and what is suspended or bought for the whole company is no seat', () => {
    const counts = [
      count({ ...publisher, provided: '40', suspended: '5', assigned: '10' }),
      count({ ...publisher, provided: '2', assigned: '3' }, 'graph', 'second'),
      count({ ...publisher, provided: '500', assigned: '9', subject: 'company' }, 'graph', 'third'),
    ];

    expect(lineOf({ seatCounts: counts })).toMatchObject({
      rightsOwned: '42',
      rightsRequired: '13',
      warnings: [
        'counted_by_vendor',
        'counts_may_overlap: 2',
        'owned_by_publisher_count',
        'no_price',
      ],
    });
  });
});

test('the publisher’s grace counts as far as it goes beyond the contract, and never beside the agreement’s own', () => {
  const grace = (facts: Partial<SnapshotFacts>) =>
    lineOf({
      ...facts,
      seatCounts: [count({ ...publisher, provided: '100', inGrace: '25', assigned: '140' })],
    });
  const ended = {
    entitlements: paper('20', 'A').entitlements,
    transactions: [grant('p1', '100', '2026-01-01'), grant('p1', '20', '2025-03-01', '2026-02-20')],
    agreements: [
      factOf('agreement', 'erp', {
        externalRef: 'A',
        number: 'A',
        posture: 'licensee',
        graceDays: 30,
      }),
    ],
  };

  expect(grace(paper('100'))).toMatchObject({
    graceRights: '25',
    shortfall: '15',
    status: 'non_compliant',
  });
  expect(grace(paper('110'))).toMatchObject({ graceRights: '15', shortfall: '15' });
  expect(grace(paper('130'))).toMatchObject({ graceRights: '0', shortfall: '10' });
  expect(grace(ended)).toMatchObject({ rightsOwned: '100', graceRights: '25' });
});

describe('what is used', () => {
  test('is what the seats say where their holders are known; a vendor that counts otherwise is told', () => {
    const known = {
      ...paper('9'),
      seats: ['a', 'b', 'c'].map((user) => ownSeat(user, 'FIG', 'graph')),
    };
    const same = lineOf({ ...known, seatCounts: [count({ assigned: '3' })] });
    const other = lineOf({ ...known, seatCounts: [count({ assigned: '4' })] });
    const elsewhere = lineOf({ ...known, seatCounts: [count({ assigned: '4' }, 'okta')] });

    expect([same, other, elsewhere].map((line) => line?.rightsRequired)).toEqual(['3', '3', '3']);
    expect(other?.warnings).toContain('vendor_counts: 4 assigned, 3 known');
    for (const line of [same, elsewhere])
      expect(line?.warnings.join()).not.toContain('vendor_counts');
  });

  test('is unknown where only what may be used is counted, and nothing at all is a count of nobody', () => {
    const silent = lineOf({ seatCounts: [count({ ...publisher, provided: '40' })] });

    expect(silent).toMatchObject({
      status: 'indeterminate',
      warnings: expect.arrayContaining(['no_demand_source']),
    });
    expect(
      linesOf(DAY, { ...fig, seatCounts: [count({ ...publisher, provided: '0', assigned: '0' })] }),
    ).toEqual([]);
  });

  test('of a part number that nobody knows is no figure', () => {
    expect(
      linesOf(DAY, { seatCounts: [count({ ...publisher, provided: '5', assigned: '5' })] }),
    ).toMatchObject([
      {
        status: 'indeterminate',
        warnings: expect.arrayContaining(['unmapped_sku']),
        shortfall: null,
      },
    ]);
  });
});
