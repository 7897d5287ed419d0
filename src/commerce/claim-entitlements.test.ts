import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { claimEntitlements } from './claim-entitlements.ts';
import type { RightsOrder } from './rights-from-orders.ts';

function orderOf(
  id: string,
  names: readonly (string | undefined)[],
  dealId: string | null = null,
): RightsOrder {
  const order = factOf('order', 'erp', {
    externalRef: id,
    number: `SO${id}`,
    kind: 'sales',
    posture: 'licensor',
    status: 'activated',
    orderDate: '2026-02-20',
  });
  const lines = names.map((entitlementRef, at) =>
    factOf('orderLine', 'erp', {
      externalRef: `${id}/${at + 1}`, orderRef: id, lineNumber: at + 1, skuCode: 'PRO', quantity: '25',
      unitPrice: '120', ...(entitlementRef === undefined ? {} : { entitlementRef }),
    }),
  ); // prettier-ignore
  return { order, lines, ownerRef: '001A', dealId };
}

const refs = (orders: readonly RightsOrder[]) =>
  claimEntitlements(orders).map(({ lines }) => lines.map(({ body }) => body.entitlementRef));

describe('which line stands for an entitlement', () => {
  test('of a copied order and the one that we wrote, the one that we wrote', () => {
    const copy = orderOf('9', ['ent:deal:1']);
    const ours = orderOf('10', ['ent:deal:1'], 'deal');

    expect(refs([copy, ours])).toEqual([['ent:erp:9/1'], ['ent:deal:1']]);
  });

  test('of two orders that we did not write, the older one by its number, not by its text', () => {
    const later = orderOf('1000', ['ent:deal:1']);
    const earlier = orderOf('999', ['ent:deal:1']);

    expect(refs([later, earlier])).toEqual([['ent:erp:1000/1'], ['ent:deal:1']]);
  });

  test('of two lines of one order, the first', () => {
    expect(refs([orderOf('10', ['ent:deal:1', 'ent:deal:1'], 'deal')])).toEqual([
      ['ent:deal:1', 'ent:erp:10/2'],
    ]);
  });

  test('a line without a name has its own entitlement, which no other line can take', () => {
    expect(refs([orderOf('8', ['ent:erp:9/1']), orderOf('9', [undefined])])).toEqual([
      ['ent:erp:8/1'],
      ['ent:erp:9/1'],
    ]);
  });
});
