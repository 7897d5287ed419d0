import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { factOf } from '../../test/support/facts.ts';
import type { PurchaseOrder } from '../canonical/purchase-order.ts';
import { Sku } from '../canonical/sku.ts';
import { sumQuantities } from '../kernel/quantity.ts';
import { rightsOfPurchase, type Purchase } from './rights-from-purchases.ts';

const sku = (skuCode: string, more: object = {}): readonly [string, Sku] => [
  skuCode,
  Sku.parse({ externalRef: skuCode, skuCode, name: skuCode, ...more }),
];
const skus = new Map([
  sku('DB', { metricCode: 'named_user' }),
  sku('APP', { metricCode: 'user_subscription' }),
  sku('PACK', { metricCode: 'named_user', rightsPerPack: 10 }),
  sku('LAPTOP'),
]);
const TODAY = '2026-03-02';

interface GivenLine {
  readonly skuCode?: string;
  readonly quantity: string;
  readonly quantityReceived?: string;
  readonly validFrom?: string;
  readonly validTo?: string;
}

function purchase(
  lines: readonly GivenLine[],
  status: PurchaseOrder['status'] = 'received',
): Purchase {
  const order = factOf('purchaseOrder', 'erp', {
    externalRef: '6001', number: 'PO6001', vendorRef: '310', status, orderDate: '2026-01-15', currency: 'USD',
  }); // prettier-ignore
  return {
    order,
    lines: lines.map((line, at) =>
      factOf('purchaseOrderLine', 'erp', {
        externalRef: `6001-${at + 1}`,
        purchaseOrderRef: '6001',
        lineNumber: at + 1,
        skuCode: 'DB',
        unitPrice: '80',
        ...line,
      }),
    ),
  };
}

const deltas = (given: Purchase): readonly (readonly [string, string, string])[] =>
  rightsOfPurchase(given, skus, TODAY).transactions.map((each) => [
    each.entitlementRef,
    each.type,
    each.quantityDelta,
  ]);
const statuses = (given: Purchase): readonly string[] =>
  rightsOfPurchase(given, skus, TODAY).entitlements.map(({ status }) => status);

describe('rights from purchases', () => {
  test('what was received gives rights, not what was ordered', () => {
    const rights = rightsOfPurchase(purchase([{ quantity: '10', quantityReceived: '6' }]), skus, TODAY); // prettier-ignore

    expect(rights.entitlements).toEqual([
      {
        externalRef: 'ent:erp:purchase:6001-1', posture: 'licensee', skuCode: 'DB', ownerRef: 'own', orderConnection: 'erp',
        orderRef: '6001', orderLineRef: '6001-1', status: 'active', unlimited: false, plannedQuantity: '10',
        plannedFrom: '2026-01-15', unitPrice: '80', currency: 'USD',
      },
    ]); // prettier-ignore
    expect(rights.transactions).toEqual([
      {
        externalRef: 'ent:erp:purchase:6001-1:grant', entitlementRef: 'ent:erp:purchase:6001-1', type: 'grant', quantityDelta: '6',
        orderLineRef: '6001-1', validFrom: '2026-01-15', reason: 'received 6 of 10 of purchase order PO6001, line 1',
      },
    ]); // prettier-ignore
  });

  test('nothing received is a draft without rights, and reversed once its order is closed', () => {
    const lines = [{ quantity: '10' }];

    expect([statuses(purchase(lines, 'approved')), deltas(purchase(lines, 'approved'))]).toEqual([['draft'], []]); // prettier-ignore
    expect([statuses(purchase(lines, 'closed')), deltas(purchase(lines, 'closed'))]).toEqual([['reversed'], []]); // prettier-ignore
  });

  test.each(['draft', 'pending_approval', 'cancelled'] as const)(
    'an order that is %s gives no rights, whatever its lines say',
    (status) => {
      expect(deltas(purchase([{ quantity: '10', quantityReceived: '10' }], status))).toEqual([]);
    },
  );

  test('a closed order keeps the rights of what was received', () => {
    const given = purchase([{ quantity: '10', quantityReceived: '4' }], 'closed');

    expect(deltas(given)).toEqual([['ent:erp:purchase:6001-1', 'grant', '4']]);
    expect(statuses(given)).toEqual(['active']);
  });

  test('rights count from the service start and end with the service', () => {
    const given = purchase([
      { quantity: '5', quantityReceived: '5', validFrom: '2026-04-01', validTo: '2027-04-01' },
    ]);

    const { entitlements, transactions } = rightsOfPurchase(given, skus, TODAY);

    expect(entitlements[0]).toMatchObject({ status: 'draft', plannedTo: '2027-04-01' });
    expect(transactions[0]).toMatchObject({ validFrom: '2026-04-01', validTo: '2027-04-01' });
  });

  test('packs count as the rights in them, and what has no metric gives none', () => {
    const given = purchase([
      { skuCode: 'PACK', quantity: '3', quantityReceived: '2.5' },
      { skuCode: 'LAPTOP', quantity: '3', quantityReceived: '3' },
      { skuCode: 'UNKNOWN', quantity: '3', quantityReceived: '3' },
    ]);

    expect(deltas(given)).toEqual([['ent:erp:purchase:6001-1', 'grant', '25']]);
  });

  test('a return takes from the lines of its SKU in their order, by transactions of its own', () => {
    const given = purchase([
      { quantity: '3', quantityReceived: '3' },
      { skuCode: 'APP', quantity: '9', quantityReceived: '9' },
      { quantity: '-5', quantityReceived: '-5' },
      { quantity: '4', quantityReceived: '4' },
    ]);

    expect(deltas(given)).toEqual([
      ['ent:erp:purchase:6001-1', 'grant', '3'],
      ['ent:erp:purchase:6001-1', 'true_down', '-3'],
      ['ent:erp:purchase:6001-2', 'grant', '9'],
      ['ent:erp:purchase:6001-4', 'grant', '4'],
      ['ent:erp:purchase:6001-4', 'true_down', '-2'],
    ]);
  });

  test('two returns never take the same right twice', () => {
    const given = purchase([
      { quantity: '3', quantityReceived: '3' },
      { quantity: '-2', quantityReceived: '-2' },
      { quantity: '-2', quantityReceived: '-2' },
    ]);

    expect(deltas(given)).toEqual([
      ['ent:erp:purchase:6001-1', 'grant', '3'],
      ['ent:erp:purchase:6001-1', 'true_down', '-2'],
      ['ent:erp:purchase:6001-1', 'true_down', '-1'],
      ['ent:erp:purchase:6001-3', 'true_down', '-1'],
    ]);
  });

  test('a return that is ordered but has not gone back yet takes nothing', () => {
    const given = purchase([{ quantity: '3', quantityReceived: '3' }, { quantity: '-2' }]);

    expect(deltas(given)).toEqual([['ent:erp:purchase:6001-1', 'grant', '3']]);
  });

  test('a return that its order does not cover reduces what we own, by itself', () => {
    const given = purchase([{ quantity: '-2', quantityReceived: '2' }]);

    expect(deltas(given)).toEqual([['ent:erp:purchase:6001-1', 'true_down', '-2']]);
  });

  test('rights are what was received less what was given back, for any order', () => {
    const line = fc.record({
      skuCode: fc.constantFrom('DB', 'APP'),
      sign: fc.constantFrom('', '-'),
      quantity: fc.integer({ min: 1, max: 50 }),
      part: fc.integer({ min: 0, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const received = lines.map(({ sign, part, quantity }) => `${part === 0 ? '' : sign}${Math.min(part, quantity)}`); // prettier-ignore
        const given = purchase(
          lines.map(({ skuCode, sign, quantity }, at) => ({
            skuCode,
            quantity: `${sign}${quantity}`,
            quantityReceived: received[at] ?? '0',
          })),
        );

        const { transactions } = rightsOfPurchase(given, skus, TODAY);

        const refs = transactions.map(({ externalRef }) => externalRef);
        expect(sumQuantities(transactions.map(({ quantityDelta }) => quantityDelta))).toBe(sumQuantities(received)); // prettier-ignore
        expect(new Set(refs).size).toBe(refs.length);
      }),
    );
  });
});
