import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factOf } from '../../test/support/facts.ts';
import {
  KNOWN_AT,
  core,
  customerSeat,
  entitlement,
  grant,
  lineOf,
  linesOf,
  metrics,
  ownSeat,
  seats,
  sku,
} from '../../test/support/licensing-facts.ts';
import { linkAccounts } from '../ledger/identity/link-accounts.ts';
import { computePositions } from './position.ts';
import { snapshotOf } from './snapshot.ts';

describe('demand', () => {
  const fig = [sku('FIG', 'user_subscription', 1, 'paper')];
  const paper = {
    skus: fig,
    entitlements: [
      entitlement('p1', { posture: 'licensee', ownerRef: 'Meridian', skuCode: 'FIG' }),
    ],
    transactions: [grant('p1', '10', '2026-01-01')],
  };
  const login = (id: string, kind: 'human' | 'service' = 'human', number?: string) =>
    factOf('userAccount', 'directory', {
      externalRef: id,
      userName: id,
      active: true,
      kind,
      ...(number === undefined ? {} : { employeeNumber: number }),
    });
  const spells = ['7', '8'].map((number) =>
    factOf('employmentSpell', 'hr', {
      externalRef: number,
      employeeNumber: number,
      validFrom: '2024-01-01',
    }),
  );

  test('G-01: two logins of one person need one right, a service login none', () => {
    const accounts = [
      login('ann', 'human', '7'),
      login('ann2', 'human', '7'),
      login('bob', 'human', '8'),
      login('svc', 'service'),
    ];
    const line = lineOf('2026-03-02', {
      ...paper, accounts, spells, links: linkAccounts({ accounts, spells }).links,
      seats: ['ann', 'ann2', 'bob', 'svc'].map((user) => ownSeat(user)),
    }); // prettier-ignore

    expect(line).toMatchObject({
      ownerRef: 'own',
      rightsRequired: '2',
      excludedQuantity: '1',
      surplus: '8',
      confidence: 'high',
    });
  });

  test('an unlinked login counts as a person of its own and lowers the confidence', () => {
    const accounts = [login('ann', 'human', '7'), login('who')];
    const line = lineOf('2026-03-02', {
      ...paper, accounts, spells, links: linkAccounts({ accounts, spells }).links, seats: [ownSeat('ann'), ownSeat('who')],
    }); // prettier-ignore

    expect(line).toMatchObject({
      rightsRequired: '2',
      confidence: 'medium',
      warnings: ['unlinked_subjects: 1', 'no_price'],
    });
  });

  test('a link that is not reliable does not merge two logins', () => {
    const accounts = [login('ann', 'human', '7'), login('ann2', 'human', '7')];
    const links = linkAccounts({ accounts, spells }).links.map((link) => ({
      ...link,
      confidence: 0.79,
    }));

    expect(
      lineOf('2026-03-02', { ...paper, accounts, links, seats: [ownSeat('ann'), ownSeat('ann2')] })
        .rightsRequired,
    ).toBe('2');
  });

  test('a seat counts from its first day to the day before its end', () => {
    const seat = factOf('seatAssignment', 'directory', {
      externalRef: 's', posture: 'licensee', skuCode: 'FIG', userAccountRef: 'ann', validFrom: '2026-02-01', validTo: '2026-03-01',
    }); // prettier-ignore
    const required = (day: string) => lineOf(day, { ...paper, seats: [seat] }).rightsRequired;

    expect(['2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01'].map(required)).toEqual([
      '0',
      '1',
      '1',
      '0',
    ]);
  });

  test('another system’s name for a part number counts in the same pool', () => {
    const alias = factOf('skuAlias', 'directory', {
      externalRef: 'a',
      externalSku: 'figment-pro',
      skuCode: 'FIG',
    });
    const line = lineOf('2026-03-02', {
      ...paper,
      skuAliases: [alias],
      seats: [ownSeat('ann', 'figment-pro')],
    });

    expect(line).toMatchObject({ skuCode: 'FIG', rightsRequired: '1', surplus: '9' });
  });

  test('use that is observed without a seat is shown as excluded, not required', () => {
    const use = factOf('usageObservation', 'directory', {
      externalRef: 'o', posture: 'licensee', subjectType: 'account', subjectRef: 'ghost', skuCode: 'FIG', kind: 'active', observedAt: '2026-02-20T10:00:00Z',
    }); // prettier-ignore

    expect(lineOf('2026-03-02', { ...paper, usage: [use] })).toMatchObject({
      rightsRequired: '0',
      excludedQuantity: '1',
    });
  });
});

describe('pools', () => {
  test('G-60: a surplus of one pool never covers the shortfall of another', () => {
    const lines = linesOf('2026-03-02', {
      ...core,
      entitlements: [entitlement('eu', { ownerRef: 'EU' }), entitlement('us', { ownerRef: 'US' })],
      transactions: [grant('eu', '100', '2026-01-01'), grant('us', '50', '2026-01-01')],
      seats: [...seats(80, 'EU'), ...seats(60, 'US')],
    });

    expect(lines.map((line) => [line.ownerRef, line.surplus, line.shortfall, line.status])).toEqual(
      [
        ['EU', '20', '0', 'compliant'],
        ['US', '0', '10', 'non_compliant'],
      ],
    );
  });

  test('rights that we sold and rights that we bought of one part number are two pools', () => {
    const lines = linesOf('2026-03-02', {
      ...core,
      entitlements: [
        entitlement('sold'),
        entitlement('bought', { posture: 'licensee', ownerRef: 'us' }),
      ],
      transactions: [grant('sold', '5', '2026-01-01'), grant('bought', '7', '2026-01-01')],
      seats: [customerSeat('u'), ownSeat('me', 'CORE')],
    });

    expect(lines.map((line) => [line.posture, line.rightsOwned])).toEqual([
      ['licensee', '7'],
      ['licensor', '5'],
    ]);
  });

  test('ended rights without use give no line, drafts do', () => {
    expect(
      linesOf('2026-03-02', {
        ...core,
        entitlements: [entitlement('e1')],
        transactions: [grant('e1', '5', '2024-01-01', '2025-01-01')],
      }),
    ).toEqual([]);
    expect(
      linesOf('2026-03-02', { ...core, entitlements: [entitlement('e1', { status: 'draft' })] }),
    ).toHaveLength(1);
  });

  test('the line of a pool has the same id on every day', () => {
    const facts = {
      ...core,
      entitlements: [entitlement('e1')],
      transactions: [grant('e1', '5', '2024-01-01')],
    };

    expect(lineOf('2025-01-01', facts).id).toBe(lineOf('2026-01-01', facts).id);
  });
});

describe('money', () => {
  const priced = {
    ...core,
    entitlements: [
      entitlement('a', { unitPrice: '100', currency: 'USD' }),
      entitlement('b', { unitPrice: '125', currency: 'USD' }),
    ],
    transactions: [grant('a', '60', '2026-01-01'), grant('b', '40', '2026-01-01')],
  };

  test('G-66: the price of a right is the average weighted by quantity', () => {
    expect(lineOf('2026-03-02', { ...priced, seats: seats(107) })).toMatchObject({
      trueUpUnitPrice: '110', trueUpPriceBasis: 'weighted_average', shortfall: '7', trueUpCost: '770.00', overLicensedAmount: '0.00',
    }); // prettier-ignore
    expect(lineOf('2026-03-02', { ...priced, seats: seats(88) })).toMatchObject({
      surplus: '12',
      overLicensedAmount: '1320.00',
      trueUpCost: '0.00',
    });
  });

  test('two currencies give no price, and say so', () => {
    const mixed = {
      ...priced,
      entitlements: [
        entitlement('a', { unitPrice: '100', currency: 'USD' }),
        entitlement('b', { unitPrice: '125', currency: 'EUR' }),
      ],
    };

    expect(lineOf('2026-03-02', { ...mixed, seats: seats(107) })).toMatchObject({
      trueUpCost: null,
      currency: null,
      warnings: ['mixed_currencies'],
    });
  });

  test('a price that nobody stated is never invented', () => {
    const line = lineOf('2026-03-02', {
      ...core,
      entitlements: [entitlement('a')],
      transactions: [grant('a', '1', '2026-01-01')],
      seats: seats(3),
    });

    expect(line).toMatchObject({ trueUpUnitPrice: null, trueUpCost: null, warnings: ['no_price'] });
  });
});

describe('the gate', () => {
  test('G-07: what we own without a known contract is unknown, never inferred from use', () => {
    const line = lineOf('2026-03-02', {
      skus: [sku('FIG', 'user_subscription')],
      seats: [ownSeat('ann')],
    });

    expect(line).toMatchObject({
      rightsOwned: null,
      shortfall: null,
      rightsRequired: '1',
      status: 'indeterminate',
      warnings: ['no_contract_known'],
    });
  });

  test('a customer who uses what it never bought is short', () => {
    expect(lineOf('2026-03-02', { ...core, seats: seats(3) })).toMatchObject({
      rightsOwned: '0',
      shortfall: '3',
      status: 'non_compliant',
    });
  });

  test.each([
    ['unmapped_sku', []],
    ['missing_metric', [sku('CORE')]],
    ['metric_not_installed: token', [sku('CORE', 'token')]],
  ])('%s makes the position indeterminate', (warning, skus) => {
    const line = lineOf('2026-03-02', {
      skus,
      entitlements: [entitlement('e1')],
      transactions: [grant('e1', '5', '2026-01-01')],
      seats: seats(3),
    });

    expect(line).toMatchObject({
      status: 'indeterminate',
      shortfall: null,
      surplus: null,
      confidence: 'low',
    });
    expect(line.warnings[0]).toBe(warning);
  });

  test('silence is not compliance: a part number that no source reports is indeterminate', () => {
    const facts = {
      ...core,
      entitlements: [entitlement('e1')],
      transactions: [grant('e1', '5', '2026-01-01')],
    };

    expect(lineOf('2026-03-02', facts)).toMatchObject({
      status: 'indeterminate',
      warnings: ['no_demand_source'],
    });
    const withOthers = linesOf('2026-03-02', { ...facts, seats: seats(1, '001B') }).find(
      (line) => line.ownerRef === '001A',
    );
    expect(withOthers).toMatchObject({
      status: 'compliant',
      confidence: 'low',
      warnings: ['no_use_reported', 'no_price'],
    });
  });

  test('a second source without a metric does not unmake the first; two metrics are told', () => {
    const facts = {
      entitlements: [entitlement('e1')],
      transactions: [grant('e1', '5', '2026-01-01')],
      seats: seats(5),
    };

    expect(
      lineOf('2026-03-02', {
        ...facts,
        skus: [sku('CORE', undefined, 1, 'aaa-erp'), sku('CORE', 'named_user')],
      }),
    ).toMatchObject({ metricCode: 'named_user', warnings: [] });
    expect(
      lineOf('2026-03-02', {
        ...facts,
        skus: [sku('CORE', 'named_user'), sku('CORE', 'user_subscription', 1, 'erp')],
      }).warnings,
    ).toEqual(['metric_conflict']);
  });
});

test('L5: the order in which facts arrive changes nothing', () => {
  const facts = {
    skus: [sku('CORE', 'named_user'), sku('FIG', 'user_subscription')],
    entitlements: [entitlement('e1'), entitlement('e2', { ownerRef: '001B' }), entitlement('e3')],
    transactions: [
      grant('e1', '3', '2026-01-01'),
      grant('e2', '4', '2026-01-01'),
      grant('e3', '5', '2026-01-01'),
    ],
    seats: [...seats(4), ...seats(3, '001B'), ownSeat('ann')],
  };
  const straight = computePositions(snapshotOf('2026-03-02', KNOWN_AT, facts), metrics);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(facts.entitlements, { minLength: 3 }),
      fc.shuffledSubarray(facts.transactions, { minLength: 3 }),
      fc.shuffledSubarray(facts.seats, { minLength: 8 }),
      (entitlements, transactions, shuffledSeats) => {
        const shuffled = {
          skus: facts.skus.toReversed(),
          entitlements,
          transactions,
          seats: shuffledSeats,
        };

        expect(computePositions(snapshotOf('2026-03-02', KNOWN_AT, shuffled), metrics)).toEqual(
          straight,
        );
      },
    ),
  );
});
