import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  customerLink,
  dealLines,
  opportunity,
  orderLines,
  salesOrder,
  type LineInput,
} from '../../test/support/deal-facts.ts';
import { factOf } from '../../test/support/facts.ts';
import { findDrift } from './find-drift.ts';
import { snapshotOf, type SnapshotFacts } from './snapshot.ts';

const drift = (facts: Partial<SnapshotFacts>, asOf = '2026-03-02') =>
  findDrift(snapshotOf(asOf, '2026-03-02T09:00:00Z', facts));
const found = (facts: Partial<SnapshotFacts>, asOf?: string) =>
  drift(facts, asOf).map(
    (each) => `${each.kind} ${each.subject.type} ${each.subject.id} ${each.sku ?? '-'}`,
  );
/** One won deal with one order for it. */
const pair = (
  crm: readonly LineInput[],
  erp: readonly LineInput[],
  change: Partial<SnapshotFacts> = {},
) => ({
  opportunities: [opportunity('006A')],
  opportunityLines: dealLines('006A', ...crm),
  orders: [salesOrder('5001', { opportunityRef: '006A' })],
  orderLines: orderLines('5001', erp),
  organizationLinks: [customerLink],
  ...change,
});

describe('a deal and its order that agree', () => {
  test('give no finding, however the lines are sorted or split', () => {
    const lines = [
      { sku: 'A', quantity: '5' },
      { sku: 'B', quantity: '7' },
      { sku: 'SVC', quantity: '1', price: '900' },
    ];

    expect(found(pair(lines, lines.toReversed()))).toEqual([]);
    expect(found(pair([{ quantity: '10' }], [{ quantity: '4' }, { quantity: '6' }]))).toEqual([]);
  });

  test('a ramp of two terms of one part number pairs by its terms', () => {
    const ramp = [
      { quantity: '100', from: '2026-03-01', to: '2027-03-01' },
      { quantity: '150', from: '2027-03-01', to: '2028-03-01' },
    ];

    expect(found(pair(ramp, ramp.toReversed()))).toEqual([]);
    expect(
      found(
        pair(ramp, [
          { ...ramp[0], quantity: '90' },
          { ...ramp[1], quantity: '160' },
        ]),
      ),
    ).toEqual(['quantity_mismatch Opportunity 006A CORE']);
  });

  test('one minor unit of rounding is no difference, two are; yen count whole', () => {
    expect(
      found(
        pair(
          [{ quantity: '3', price: '33.333' }],
          [{ quantity: '3', price: '33.33', amount: '99.99' }],
        ),
      ),
    ).toEqual([]);
    expect(
      found(
        pair(
          [{ quantity: '3', price: '33.34' }],
          [{ quantity: '3', price: '33.333', amount: '100.00' }],
        ),
      ),
    ).toEqual(['price_mismatch Opportunity 006A CORE']);
    const yen = (amount: string) => pair([{ quantity: '1', price: '1000' }], [{ quantity: '1', price: '1000', amount }], {
      opportunities: [opportunity('006A', { currency: 'JPY' })], orders: [salesOrder('5001', { opportunityRef: '006A', currency: 'JPY' })],
    }); // prettier-ignore
    expect(found(yen('1001'))).toEqual([]);
    expect(found(yen('1002'))).toEqual(['price_mismatch Opportunity 006A CORE']);
  });

  test('another system’s name for the part number is no mismatch', () => {
    const skuAliases = [
      factOf('skuAlias', 'erp', { externalRef: 'a', externalSku: 'ERP-CORE', skuCode: 'CORE' }),
    ];

    expect(found(pair([{}], [{ sku: 'ERP-CORE' }], { skuAliases }))).toEqual([]);
  });

  test('for any lines, agreeing sides are silent and findings never name the same thing twice', () => {
    const lines = fc.array(
      fc.record({
        sku: fc.constantFrom('A', 'B', 'C'),
        quantity: fc.integer({ min: 1, max: 50 }).map(String),
        price: fc.integer({ min: 1, max: 900 }).map((cents) => `${cents}.00`),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(lines, lines, (crm, erp) => {
        const both = found(pair(crm, erp));

        expect(found(pair(crm, crm.toReversed()))).toEqual([]);
        expect(new Set(both).size).toBe(both.length);
      }),
    );
  });
});

describe('mismatches', () => {
  test('another item for the same line is one sku_mismatch under the CRM’s part number, and nothing else', () => {
    expect(
      found(
        pair(
          [{ sku: 'A' }, { sku: 'B', quantity: '3' }],
          [{ sku: 'X' }, { sku: 'B', quantity: '3' }],
        ),
      ),
    ).toEqual(['sku_mismatch Opportunity 006A A']);
  });

  test('of two swapped lines of equal quantity each is paired with the nearest amount', () => {
    const findings = drift(
      pair(
        [
          { sku: 'A', price: '10' },
          { sku: 'B', price: '500' },
        ],
        [
          { sku: 'X', price: '499' },
          { sku: 'Y', price: '11' },
        ],
      ),
    );

    expect(findings.map((each) => each.summary)).toEqual([
      'The deal sells A, order SO5001 has Y instead. Correct the order line.',
      'The deal sells B, order SO5001 has X instead. Correct the order line.',
    ]);
  });

  test('a quantity that differs is told with its worth, without a price mismatch beside it', () => {
    const [finding, ...others] = drift(pair([{ quantity: '25' }], [{ quantity: '30' }]));

    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'quantity_mismatch', severity: 'high', subject: { type: 'Opportunity', id: '006A' }, sku: 'CORE',
      amount: '600.00', currency: 'USD', owner: null, status: 'open', dueAt: '2026-03-09',
      evidence: ['fct_crm_opportunityLine_006A/0', 'fct_crm_opportunity_006A', 'fct_erp_orderLine_5001/0', 'fct_erp_order_5001'],
    }); // prettier-ignore
  });

  test('quantity and price may both be wrong: two findings', () => {
    expect(
      found(pair([{ quantity: '25', price: '100' }], [{ quantity: '30', price: '90' }])),
    ).toEqual(['price_mismatch Opportunity 006A CORE', 'quantity_mismatch Opportunity 006A CORE']);
  });

  test('a line that one side lacks has quantity zero there', () => {
    expect(found(pair([{ sku: 'A' }, { sku: 'B', quantity: '2' }], [{ sku: 'A' }]))).toEqual([
      'quantity_mismatch Opportunity 006A B',
    ]);
    expect(found(pair([{ sku: 'A' }], [{ sku: 'A' }, { sku: 'C', quantity: '2' }]))).toEqual([
      'quantity_mismatch Opportunity 006A C',
    ]);
  });

  test('a closed line stands for what was billed', () => {
    expect(found(pair([{}], [{ closed: true, billed: '10' }]))).toEqual([]);
    expect(found(pair([{}], [{ closed: true, billed: '4' }]))).toEqual([
      'quantity_mismatch Opportunity 006A CORE',
    ]);
    expect(found(pair([{}], [{ closed: true }]))).toEqual([
      'quantity_mismatch Opportunity 006A CORE',
    ]);
  });

  test('two currencies are a price mismatch without an amount', () => {
    const [finding] = drift(
      pair([{}], [{}], {
        orders: [salesOrder('5001', { opportunityRef: '006A', currency: 'EUR' })],
      }),
    );

    expect(finding).toMatchObject({ kind: 'price_mismatch', amount: null, currency: null });
  });

  test('a deal that is not won is not compared', () => {
    const open = {
      opportunities: [
        opportunity('006A', { isWon: false, isClosed: false, stageName: 'Negotiation/Review' }),
      ],
    };

    expect(found(pair([{ quantity: '1' }], [{ quantity: '2' }], open))).toEqual([]);
  });

  test('two orders of one deal are compared as one', () => {
    const facts = pair([{ quantity: '10' }], [{ quantity: '4' }]);

    expect(
      found({
        ...facts,
        orders: [...facts.orders, salesOrder('5002', { opportunityRef: '006A' })],
        orderLines: [...facts.orderLines, ...orderLines('5002', [{ quantity: '6' }])],
      }),
    ).toEqual([]);
  });
});

describe('missing orders', () => {
  const erpSpeaks = { orders: [salesOrder('1', { accountRef: '999' })] };

  test('a deal won seven days ago without an order is missing in the ERP, six days ago not yet', () => {
    const facts = {
      ...erpSpeaks,
      opportunities: [opportunity('006A', { closeDate: '2026-02-23' })],
      opportunityLines: dealLines('006A', {}),
    };

    expect(found(facts, '2026-03-02')).toEqual(['missing_in_erp Opportunity 006A -']);
    expect(found(facts, '2026-03-01')).toEqual([]);
  });

  test('a cancelled order is none', () => {
    const facts = pair([{}], [{}], {
      orders: [salesOrder('5001', { opportunityRef: '006A', status: 'cancelled' })],
    });

    expect(found(facts)).toEqual(['missing_in_erp Opportunity 006A -']);
  });

  test('without any ERP order nothing is missing there, and a deal that sells nothing needs none', () => {
    expect(found({ opportunities: [opportunity('006A')] })).toEqual([]);
    expect(
      found({ ...erpSpeaks, opportunities: [opportunity('006A', { amount: '0.00' })] }),
    ).toEqual([]);
  });

  test('an order that the customer and the purchase order number identify is the deal’s order', () => {
    const facts = pair([{}], [{}], {
      opportunities: [opportunity('006A', { purchaseOrderNumber: 'PO-7' })],
      orders: [salesOrder('5001', { purchaseOrderNumber: 'PO-7' })],
    });

    expect(found(facts)).toEqual([]);
    expect(found({ ...facts, organizationLinks: [] })).toEqual([
      'missing_in_erp Opportunity 006A -',
    ]);
  });
});

describe('missing deals', () => {
  const facts = (change: Parameters<typeof salesOrder>[1]) => ({
    opportunities: [opportunity('006B', { isWon: false, isClosed: false })],
    orders: [salesOrder('5001', change)],
    orderLines: orderLines('5001', [{ amount: '1200.00' }, { amount: '300.00' }]),
    organizationLinks: [customerLink],
  });

  test('an order of a known customer without a deal is missing in the CRM, with its total', () => {
    expect(found(facts({}))).toEqual(['missing_in_crm Order 5001 -']);
    expect(drift(facts({}))[0]).toMatchObject({
      amount: '1500.00',
      currency: 'USD',
      severity: 'medium',
      dueAt: '2026-04-01',
    });
  });

  test('a deal id that the CRM does not know counts for nothing, one that is open does', () => {
    expect(found(facts({ opportunityRef: 'gone' }))).toEqual(['missing_in_crm Order 5001 -']);
    expect(found(facts({ opportunityRef: '006B' }))).toEqual([]);
  });

  test('a customer that the CRM does not know, a cancelled order and a purchase are none', () => {
    expect(found({ ...facts({}), organizationLinks: [] })).toEqual([]);
    expect(found(facts({ status: 'cancelled' }))).toEqual([]);
    expect(found(facts({ kind: 'purchase', posture: 'licensee' }))).toEqual([]);
  });
});

describe('overlapping terms', () => {
  const crmOrder = (id: string, contract: string | undefined, status: 'activated' | 'draft' = 'activated') =>
    factOf('order', 'crm', {
      externalRef: id, number: id, kind: 'crm', posture: 'licensor', accountRef: '001A', status, orderDate: '2025-01-01', currency: 'USD',
      ...(contract === undefined ? {} : { agreementRef: contract }),
    }); // prettier-ignore
  const sold = (
    ...items: readonly {
      order: string;
      contract?: string;
      from: string;
      to: string;
      sku?: string;
      status?: 'draft';
    }[]
  ) => ({
    orders: items.map((each) => crmOrder(each.order, each.contract, each.status)),
    orderLines: items.flatMap((each) => orderLines(each.order, [each], 'crm')),
  });
  const year2025 = { order: 'o1', contract: '800A', from: '2025-01-01', to: '2026-01-01' };

  test('two contracts of one customer for one part number and the same days: the later one is named', () => {
    expect(
      found(
        sold({ order: 'o2', contract: '800B', from: '2025-12-31', to: '2026-12-31' }, year2025),
      ),
    ).toEqual(['overlapping_terms Contract 800B CORE']);
  });

  test('a renewal from the next day, another part number, a draft and an order without contract are none', () => {
    expect(
      found(
        sold(year2025, { order: 'o2', contract: '800B', from: '2026-01-01', to: '2027-01-01' }),
      ),
    ).toEqual([]);
    expect(
      found(sold(year2025, { ...year2025, order: 'o2', contract: '800B', sku: 'OTHER' })),
    ).toEqual([]);
    expect(
      found(sold(year2025, { ...year2025, order: 'o2', contract: '800B', status: 'draft' })),
    ).toEqual([]);
    expect(found(sold(year2025, { order: 'o2', from: '2025-06-01', to: '2026-01-01' }))).toEqual(
      [],
    );
  });

  test('an add-on under the same contract is none, and does not make its contract the later one', () => {
    const addOn = { order: 'o3', contract: '800A', from: '2025-07-01', to: '2026-01-01' };

    expect(found(sold(year2025, addOn))).toEqual([]);
    expect(
      found(
        sold(year2025, addOn, {
          order: 'o2',
          contract: '800B',
          from: '2025-03-01',
          to: '2026-03-01',
        }),
      ),
    ).toEqual(['overlapping_terms Contract 800B CORE']);
  });

  test('the older contract stays the older one when it sells the part number later', () => {
    const agreements = [
      factOf('agreement', 'crm', {
        externalRef: '800A',
        number: '1',
        posture: 'licensor',
        validFrom: '2025-01-01',
      }),
      factOf('agreement', 'crm', {
        externalRef: '800B',
        number: '2',
        posture: 'licensor',
        validFrom: '2025-03-01',
      }),
    ];
    const facts = sold(
      { order: 'o1', contract: '800A', from: '2025-07-01', to: '2026-01-01' },
      { order: 'o2', contract: '800B', from: '2025-03-01', to: '2026-03-01' },
    );

    expect(found({ ...facts, agreements })).toEqual(['overlapping_terms Contract 800B CORE']);
    expect(found(facts)).toEqual(['overlapping_terms Contract 800A CORE']);
  });
});

test('a finding keeps its identity over days, severities and evidence; its order does not depend on the input', () => {
  const facts = pair(
    [
      { sku: 'A', quantity: '1' },
      { sku: 'B', quantity: '2' },
    ],
    [
      { sku: 'A', quantity: '3' },
      { sku: 'B', quantity: '4' },
    ],
  );
  const reversed = {
    ...facts,
    opportunityLines: facts.opportunityLines.toReversed(),
    orderLines: facts.orderLines.toReversed(),
  };

  expect(drift(facts, '2026-04-01').map((each) => each.id)).toEqual(
    drift(facts).map((each) => each.id),
  );
  expect(drift(reversed)).toEqual(drift(facts));
});
