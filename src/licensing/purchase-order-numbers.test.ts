import { describe, expect, test } from '@jest/globals';
import {
  customerLink,
  dealLines,
  opportunity,
  orderLines,
  salesOrder,
} from '../../test/support/deal-facts.ts';
import { factOf } from '../../test/support/facts.ts';
import { findDrift } from './find-drift.ts';
import { snapshotOf, type SnapshotFacts } from './snapshot.ts';

const found = (facts: Partial<SnapshotFacts>) =>
  findDrift(snapshotOf('2026-03-02', '2026-03-02T09:00:00Z', facts)).map(
    (each) => `${each.kind} ${each.subject.type} ${each.subject.id} ${each.sku ?? '-'}`,
  );

/** Won deals of one customer with these numbers, an ERP order with another, and perhaps an order of the CRM. */
const numbered = (crm: readonly string[], erp: string, crmOrder?: string) =>
  found({
    opportunities: crm.map((number, at) =>
      opportunity(`006${at}`, number === '' ? {} : { purchaseOrderNumber: number }),
    ),
    opportunityLines: crm.flatMap((_number, at) => dealLines(`006${at}`, {})),
    orders: [
      salesOrder('5001', { purchaseOrderNumber: erp }),
      ...(crmOrder === undefined
        ? []
        : [
            factOf('order', 'crm', {
              externalRef: '801', number: '801', kind: 'crm', posture: 'licensor', accountRef: '001A', opportunityRef: '0060',
              status: 'activated', orderDate: '2026-02-01', purchaseOrderNumber: crmOrder,
            }),
          ]),
    ],
    orderLines: orderLines('5001', [{}]),
    organizationLinks: [customerLink],
  }); // prettier-ignore

describe('a purchase order number', () => {
  test('blanks around a purchase order number and small letters in it are no difference, all else is', () => {
    expect(numbered(['PO-7'], ' po-7 ')).toEqual([]);
    expect(numbered(['PO-7'], 'PO 7')).toContain('missing_in_crm Order 5001 -');
  });

  test('a number that stands on the CRM’s own order of the deal counts as the deal’s', () => {
    expect(numbered([''], 'PO-7', 'po-7')).toEqual([]);
    expect(numbered([''], 'PO-7', 'PO-8')).toContain('missing_in_crm Order 5001 -');
  });

  test('a number that two deals of one customer carry claims nothing', () => {
    expect(numbered(['PO-7', 'PO-7'], 'PO-7')).toContain('missing_in_crm Order 5001 -');
  });
});
