import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { Sku } from '../canonical/sku.ts';
import { sumQuantities } from '../kernel/quantity.ts';
import { rightsOf, rightsOfGone, type RightsOrder } from './rights-from-orders.ts';

const skus = new Map([
  [
    'PRO',
    Sku.parse({ externalRef: 'p', skuCode: 'PRO', name: 'Pro', metricCode: 'user_subscription' }),
  ],
  [
    'PACK',
    Sku.parse({
      externalRef: 'k',
      skuCode: 'PACK',
      name: 'Pack of 10',
      metricCode: 'named_user',
      rightsPerPack: 10,
    }),
  ],
  ['SVC', Sku.parse({ externalRef: 's', skuCode: 'SVC', name: 'Service' })],
]);
const TODAY = '2026-03-02';

function source(
  status: 'pending_approval' | 'activated' | 'billed' | 'cancelled',
  line: {
    skuCode?: string;
    quantity?: string;
    closed?: boolean;
    quantityBilled?: string;
    validFrom?: string;
  } = {},
  dealId: string | null = null,
): RightsOrder {
  const order = factOf('order', 'erp', {
    externalRef: '900',
    number: 'SO900',
    kind: 'sales',
    posture: 'licensor',
    accountRef: '50',
    status,
    orderDate: '2026-02-20',
    currency: 'EUR',
  });
  const orderLine = factOf('orderLine', 'erp', {
    externalRef: '900/1', orderRef: '900', lineNumber: 1, skuCode: 'PRO', quantity: '25', unitPrice: '120',
    validFrom: '2026-03-01', validTo: '2027-03-01', ...line,
  }); // prettier-ignore
  return { order, lines: [orderLine], ownerRef: '001A', dealId };
}

const owned = (rights: ReturnType<typeof rightsOf>) =>
  sumQuantities(rights.transactions.map((each) => each.quantityDelta));

describe('rights from orders (contract §9)', () => {
  test('an order that waits for approval gives a draft and no rights', () => {
    const rights = rightsOf(source('pending_approval'), skus, TODAY);

    expect(rights.entitlements.map((each) => [each.status, each.plannedQuantity])).toEqual([
      ['draft', '25'],
    ]);
    expect(rights.transactions).toEqual([]);
  });

  test('an approved order gives rights for its service period', () => {
    const rights = rightsOf(source('activated'), skus, TODAY);

    expect(rights.entitlements[0]?.status).toBe('active');
    expect(rights.transactions).toMatchObject([
      { type: 'grant', quantityDelta: '25', validFrom: '2026-03-01', validTo: '2027-03-01' },
    ]);
  });

  test('before its service start an approved order is still a draft, and its rights count from that day', () => {
    const rights = rightsOf(source('activated', { validFrom: '2026-04-01' }), skus, TODAY);

    expect(rights.entitlements[0]?.status).toBe('draft');
    expect(rights.transactions[0]?.validFrom).toBe('2026-04-01');
  });

  test('a deal born in the ERP gives the same rights as one that came from the CRM', () => {
    const born = rightsOf(source('activated'), skus, TODAY);
    const won = rightsOf(source('activated', {}, 'deal:crm:006:1'), skus, TODAY);

    expect(
      born.transactions.map(({ quantityDelta, validFrom, validTo }) => [
        quantityDelta,
        validFrom,
        validTo,
      ]),
    ).toEqual(
      won.transactions.map(({ quantityDelta, validFrom, validTo }) => [
        quantityDelta,
        validFrom,
        validTo,
      ]),
    );
    expect(won.entitlements[0]?.externalRef).toBe('ent:deal:crm:006:1:1');
  });

  test('a closed line that was not billed is reversed by a second transaction', () => {
    const rights = rightsOf(source('activated', { closed: true }), skus, TODAY);

    expect(rights.entitlements[0]?.status).toBe('reversed');
    expect(rights.transactions.map((each) => each.quantityDelta)).toEqual(['25', '-25']);
    expect(rights.transactions[1]?.reversesRef).toBe(rights.transactions[0]?.externalRef);
  });

  test('the ERP closes fully billed lines too: those keep their rights', () => {
    expect(
      owned(rightsOf(source('billed', { closed: true, quantityBilled: '25' }), skus, TODAY)),
    ).toBe('25');
    expect(
      owned(rightsOf(source('activated', { closed: true, quantityBilled: '10' }), skus, TODAY)),
    ).toBe('10');
  });

  test('packs count as the rights that they hold, and services give none', () => {
    expect(
      owned(rightsOf(source('activated', { skuCode: 'PACK', quantity: '3' }), skus, TODAY)),
    ).toBe('30');
    expect(rightsOf(source('activated', { skuCode: 'SVC' }), skus, TODAY).entitlements).toEqual([]);
  });

  test('rights of a line that is gone are taken back by a second transaction, once', () => {
    const given = rightsOf(
      source('activated', { closed: true, quantityBilled: '10' }),
      skus,
      TODAY,
    );
    const [entitlement] = given.entitlements;
    if (entitlement === undefined) throw new Error('The order gave no entitlement.');

    const gone = rightsOfGone(entitlement, given.transactions);

    expect(gone.entitlements.map((each) => each.status)).toEqual(['reversed']);
    expect(gone.transactions.map((each) => each.quantityDelta)).toEqual(['25', '-25']);
    expect(rightsOfGone(entitlement, gone.transactions)).toEqual(gone);
  });
});
