import { describe, expect, test } from '@jest/globals';
import { driftOf, ownPool, ownRights } from '../../test/support/drift.ts';
import { factOf } from '../../test/support/facts.ts';
import { lateAmendment } from './detectors/late-amendment.ts';
import { priceLeakage } from './detectors/price-leakage.ts';
import { scatteredPurchases } from './detectors/scattered-purchases.ts';
import { termGap } from './detectors/term-gap.ts';
import { tierInversion, tierProximity } from './detectors/tier-price.ts';
import { upliftBreach } from './detectors/uplift-breach.ts';

const { skus } = ownPool('FIG', 'user_subscription', '10');
const seat = (validFrom: string) =>
  factOf('seatAssignment', 'directory', {
    externalRef: 'u1/FIG', posture: 'licensee', skuCode: 'FIG', userAccountRef: 'u1', validFrom,
  }); // prettier-ignore
const rights = (...terms: readonly ReturnType<typeof ownRights>[]) => ({
  skus,
  entitlements: terms.map(({ entitlement }) => entitlement),
  transactions: terms.map(({ transaction }) => transaction),
});

describe('use between two terms', () => {
  const first = ownRights('FIG', '10', { id: 'a', from: '2025-01-01', to: '2025-12-01' });
  const next = (from: string) => ownRights('FIG', '10', { id: 'b', from });
  const gaps = (from: string, seatFrom: string) =>
    driftOf(termGap, { ...rights(first, next(from)), seats: [seat(seatFrom)] });

  test('is found on days for which nobody bought a right', () => {
    const [gap] = gaps('2026-01-10', '2025-11-15');

    expect(gap?.summary).toContain('from 2025-12-01 to 2026-01-10');
  });

  test('is none without a gap, without use in it, or where terms overlap', () => {
    expect(gaps('2025-12-01', '2025-11-15')).toEqual([]);
    expect(gaps('2025-11-01', '2025-06-01')).toEqual([]);
    expect(gaps('2026-01-10', '2026-01-10')).toEqual([]);
  });
});

describe('late amendments', () => {
  const grant = (id: string, validFrom: string, recordedFrom: string) => ({
    ...factOf('entitlementTransaction', 'trueup', {
      externalRef: id, entitlementRef: 'a', type: 'add_on', quantityDelta: '5', reason: 'order', validFrom,
    }), // prettier-ignore
    recordedFrom,
  });
  const { entitlement } = ownRights('FIG', '10', { id: 'a' });
  const late = (validFrom: string) =>
    driftOf(lateAmendment, {
      skus,
      entitlements: [entitlement],
      transactions: [
        grant('first', '2020-01-01', '2025-06-01T00:00:00.000Z'),
        grant('second', validFrom, '2026-02-01T00:00:00.000Z'),
      ],
    }).map(({ subject }) => subject.id);

  test('became known more than thirty days after the day from which they hold', () => {
    expect(late('2026-01-02')).toEqual([]);
    expect(late('2026-01-01')).toEqual(['second']);
  });
});

describe('price leakage', () => {
  const order = factOf('order', 'erp', {
    externalRef: 'so1', kind: 'sales', posture: 'licensor', number: 'SO1', orderDate: '2026-01-01', status: 'activated', currency: 'EUR',
  }); // prettier-ignore
  const orderLine = factOf('orderLine', 'erp', {
    externalRef: 'so1/1', orderRef: 'so1', lineNumber: 1, skuCode: 'FIG', quantity: '10', unitPrice: '12.00',
  }); // prettier-ignore
  const leaks = (unitPrice: string, change: { kind?: 'credit'; currency?: string } = {}) =>
    driftOf(priceLeakage, {
      orders: [order],
      orderLines: [orderLine],
      invoices: [
        factOf('invoice', 'erp', {
          externalRef: 'inv1', number: 'INV1', orderRef: 'so1', invoiceDate: '2026-02-01', currency: 'EUR', ...change,
        }),
      ],
      invoiceLines: [
        factOf('invoiceLine', 'erp', {
          externalRef: 'inv1/1', invoiceRef: 'inv1', lineNumber: 1, skuCode: 'FIG', quantity: '10', unitPrice,
        }),
      ],
    }); // prettier-ignore

  test('is an invoice at another price than its order, with the difference', () => {
    expect(leaks('11.00')[0]).toMatchObject({
      subject: { type: 'InvoiceLine', id: 'inv1/1' },
      amount: '10.00',
      currency: 'EUR',
      owner: 'finance',
    });
  });

  test('is none by one minor unit, in another currency, or on a credit', () => {
    expect(leaks('12.00')).toEqual([]);
    expect(leaks('12.001')).toEqual([]);
    expect(leaks('11.00', { currency: 'USD' })).toEqual([]);
    expect(leaks('11.00', { kind: 'credit' })).toEqual([]);
  });
});

describe('uplift', () => {
  const agreement = factOf('agreement', 'contracts', {
    externalRef: 'ag1', number: 'AG1', posture: 'licensee', upliftPolicyRef: 'cap5',
  }); // prettier-ignore
  const policy = factOf('upliftPolicy', 'contracts', {
    externalRef: 'cap5', index: 'cpi', floorPct: '3', capPct: '5',
  }); // prettier-ignore
  const priced = (id: string, from: string, to: string, unitPrice: string) =>
    ownRights('FIG', '10', { id, from, to }, { unitPrice, currency: 'EUR', agreementRef: 'ag1' });
  const breaches = (price: string, from = '2026-01-01') =>
    driftOf(upliftBreach, {
      ...rights(
        priced('a', '2025-01-01', '2026-01-01', '100'),
        priced('b', from, '2027-01-01', price),
      ),
      agreements: [agreement],
      upliftPolicies: [policy],
    });

  test('beyond the cap of the agreement is told with what was applied', () => {
    expect(breaches('105')).toEqual([]);
    expect(breaches('105.01')[0]?.summary).toContain('rose by 5.01 %');
  });

  test('is measured between a term and the one that follows it, not beside it', () => {
    expect(breaches('300', '2025-06-01')).toEqual([]);
  });
});

describe('price tiers', () => {
  const tiers = (quantity: string, second: string, upTo = '100') => ({
    ...ownPool('FIG', 'user_subscription', quantity),
    priceSchedules: [
      factOf('priceSchedule', 'contracts', {
        externalRef: 'p1',
        skuCode: 'FIG',
        currency: 'USD',
        model: 'volume',
      }),
    ],
    priceTiers: [
      factOf('priceTier', 'contracts', {
        externalRef: 'p1/1', scheduleRef: 'p1', tierNumber: 1, upTo, unitAmount: '10',
      }),
      factOf('priceTier', 'contracts', {
        externalRef: 'p1/2', scheduleRef: 'p1', tierNumber: 2, unitAmount: second,
      }),
    ],
  }); // prettier-ignore

  test('G-43: a hundred rights cost more than a hundred and one: 1,000 against 909', () => {
    expect(driftOf(tierInversion, tiers('100', '9'))[0]).toMatchObject({
      amount: '91.00',
      currency: 'USD',
    });
    expect(driftOf(tierInversion, tiers('90', '9'))).toEqual([]);
    expect(driftOf(tierInversion, tiers('101', '9'))).toEqual([]);
    expect(driftOf(tierInversion, tiers('90', '9', '99'))).toEqual([]);
  });

  test('within five percent of the next tier is near it, where it is not cheaper already', () => {
    expect(driftOf(tierProximity, tiers('96', '9.99'))).toHaveLength(1);
    expect(driftOf(tierProximity, tiers('95', '9.99'))).toEqual([]);
    expect(driftOf(tierProximity, tiers('95', '9.99', '99'))).toHaveLength(1);
    expect(driftOf(tierProximity, tiers('100', '9'))).toEqual([]);
  });
});

describe('scattered purchases', () => {
  const purchase = (id: string, unitPrice: string, orderDate = '2025-09-01') => ({
    order: factOf('order', 'erp', {
      externalRef: id, kind: 'purchase', posture: 'licensee', number: id, orderDate, status: 'activated', currency: 'EUR',
    }),
    line: factOf('orderLine', 'erp', {
      externalRef: `${id}/1`, orderRef: id, lineNumber: 1, skuCode: 'FIG', quantity: '10', unitPrice,
    }),
  }); // prettier-ignore
  const found = (...purchases: readonly ReturnType<typeof purchase>[]) =>
    driftOf(scatteredPurchases, {
      orders: purchases.map(({ order }) => order),
      orderLines: purchases.map(({ line }) => line),
    });

  test('of one part number within a year are worth one agreement at the best price', () => {
    const three = [purchase('a', '12'), purchase('b', '10'), purchase('c', '11.50')];

    expect(found(...three)[0]).toMatchObject({ amount: '35.00', currency: 'EUR' });
  });

  test('are fewer than three, at one price, or long ago: nothing to propose', () => {
    expect(found(purchase('a', '12'), purchase('b', '10'))).toEqual([]);
    expect(found(purchase('a', '10'), purchase('b', '10'), purchase('c', '10'))).toEqual([]);
    expect(
      found(purchase('a', '12', '2024-01-01'), purchase('b', '10'), purchase('c', '11')),
    ).toEqual([]);
  });
});
