import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { Sku } from '../canonical/sku.ts';
import { policyApproves } from './approval-policy.ts';
import { drawUpDeal, monthsUp, type DealInputs } from './draw-up-deal.ts';
import { reopenDeal } from './reopen-deal.ts';
import { CommerceSettings } from './settings.ts';

const line = (
  ref: string,
  over: Partial<{
    skuCode: string;
    quantity: string;
    unitPrice: string;
    validFrom: string;
    validTo: string;
    lineNumber: number;
  }> = {},
) =>
  factOf('opportunityLine', 'crm', {
    externalRef: ref,
    opportunityRef: '006',
    skuCode: 'PRO',
    quantity: '25',
    unitPrice: '120.00',
    validFrom: '2026-03-01',
    validTo: '2027-03-01',
    ...over,
  });

function inputs(over: Partial<DealInputs> = {}): DealInputs {
  return {
    dealId: 'deal:crm:006:1',
    opportunity: factOf('opportunity', 'crm', {
      externalRef: '006',
      name: 'ACME',
      accountRef: '001',
      stageName: 'Closed Won',
      isWon: true,
      isClosed: true,
      closeDate: '2026-02-27',
      currency: 'EUR',
    }),
    lines: [
      line('a', { lineNumber: 1 }),
      line('b', { skuCode: 'SVC', quantity: '2', unitPrice: '99.995', lineNumber: 2 }),
    ],
    skus: new Map([
      [
        'PRO',
        Sku.parse({
          externalRef: 'p',
          skuCode: 'PRO',
          name: 'Pro',
          metricCode: 'user_subscription',
        }),
      ],
      ['SVC', Sku.parse({ externalRef: 's', skuCode: 'SVC', name: 'Service' })],
    ]),
    erpCustomer: factOf('organization', 'erp', {
      externalRef: '77',
      legalName: 'ACME',
      kind: 'customer',
      subsidiaryRef: '2',
    }),
    today: '2026-03-02',
    settings: CommerceSettings.parse({}),
    ...over,
  };
}

describe('drawing up a closed-won deal', () => {
  test('gives draft entitlements for licensed lines only, an order with every line and a contract over the term', () => {
    const draft = drawUpDeal(inputs());

    expect(draft.problems).toEqual([]);
    expect(
      draft.entitlements.map((each) => [each.externalRef, each.status, each.plannedQuantity]),
    ).toEqual([['ent:deal:crm:006:1:1', 'draft', '25']]);
    expect(draft.order).toMatchObject({
      erpCustomerRef: '77',
      subsidiaryRef: '2',
      orderDate: '2026-02-27',
    });
    expect(draft.order?.lines.map((each) => [each.skuCode, each.serviceToInclusive])).toEqual([
      ['PRO', '2027-02-28'],
      ['SVC', '2027-02-28'],
    ]);
    expect(draft.contract).toMatchObject({
      startDate: '2026-03-01',
      termMonths: 12,
      status: 'draft',
    });
    expect(draft.total).toEqual({ amount: '3199.99', currency: 'EUR' });
  });

  test('what is missing is a problem that names the record, and nothing is invented', () => {
    const noCustomer = drawUpDeal(inputs({ erpCustomer: null }));
    const unknownSku = drawUpDeal(inputs({ lines: [line('x', { skuCode: 'NEW' })] }));
    const nothing = drawUpDeal(inputs({ lines: [line('z', { quantity: '0' })] }));

    expect(noCustomer).toMatchObject({
      order: null,
      contract: null,
      entitlements: [],
      problems: [{ code: 'no_erp_customer', subject: '001' }],
    });
    expect(unknownSku.problems).toMatchObject([{ code: 'unknown_sku', subject: 'x' }]);
    expect(nothing.problems).toMatchObject([{ code: 'bad_quantity', subject: 'z' }]);
  });

  test('policy approves up to the limit of the deal’s own currency and never without one', () => {
    const settings = CommerceSettings.parse({
      approval: { autoApproveUpTo: [{ amount: '3199.99', currency: 'EUR' }] },
    });

    expect(policyApproves({ amount: '3199.99', currency: 'EUR' }, settings)).toBe(true);
    expect(policyApproves({ amount: '3200.00', currency: 'EUR' }, settings)).toBe(false);
    expect(policyApproves({ amount: '1.00', currency: 'USD' }, settings)).toBe(false);
    expect(policyApproves(null, settings)).toBe(false);
  });

  test('a term in months covers its last day', () => {
    expect([
      monthsUp('2026-03-01', '2027-03-01'),
      monthsUp('2026-03-01', '2026-03-02'),
      monthsUp('2026-01-31', '2026-03-01'),
      monthsUp('2024-02-29', '2025-02-28'),
    ]).toEqual([12, 1, 2, 12]);
  });
});

describe('reopening a deal', () => {
  test('closes the lines that are not billed, reverses their rights and leaves billed ones to a person', () => {
    const draft = drawUpDeal(
      inputs({ lines: [line('a', { lineNumber: 1 }), line('b', { lineNumber: 2 })] }),
    );
    if (draft.order === null) throw new Error('no order');
    const billed = factOf('orderLine', 'erp', {
      externalRef: '9/1',
      orderRef: '9',
      lineNumber: 1,
      skuCode: 'PRO',
      quantity: '25',
      unitPrice: '120',
      quantityBilled: '5',
    });

    const reopened = reopenDeal(draft.order, draft.entitlements, [billed]);

    expect(reopened.order.lines.map((each) => each.closed ?? false)).toEqual([false, true]);
    expect(reopened.entitlements.map((each) => [each.externalRef, each.status])).toEqual([
      ['ent:deal:crm:006:1:2', 'reversed'],
    ]);
    expect(reopened.billedLines).toEqual([1]);
  });
});
