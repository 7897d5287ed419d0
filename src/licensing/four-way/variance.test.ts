import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../../test/support/facts.ts';
import {
  core,
  customerSeat,
  entitlement,
  grant,
  metrics,
  sku,
} from '../../../test/support/licensing-facts.ts';
import type { Fact } from '../../ledger/fact.ts';
import { computePositions } from '../position.ts';
import { snapshotOf, type SnapshotFacts } from '../snapshot.ts';
import { varianceOf } from './variance.ts';

const AS_OF = '2026-03-02';

const rows = (facts: Partial<SnapshotFacts>) => {
  const snapshot = snapshotOf(AS_OF, `${AS_OF}T09:00:00.000Z`, { ...core, ...facts });
  return varianceOf(snapshot, computePositions(snapshot, metrics));
};
const differences = (facts: Partial<SnapshotFacts>) =>
  rows(facts).flatMap((row) =>
    row.differences.map((each) => `${each.left}/${each.right} ${each.class} ${each.cause} ${each.quantity ?? ''}`.trim()),
  ); // prettier-ignore

interface Paper {
  readonly quantity?: string;
  readonly unitPrice?: string;
  readonly to?: string;
  readonly accountRef?: string;
  readonly skuCode?: string;
}

/** An order of one line for a year, by what it is. */
const paper = (
  kind: 'crm' | 'sales' | 'purchase' | 'opening_balance',
  {
    quantity = '10',
    unitPrice = '120',
    to = '2027-01-01',
    accountRef = '001A',
    skuCode = 'CORE',
  }: Paper = {},
): { order: Fact<'order'>; line: Fact<'orderLine'> } => {
  const connection = kind === 'crm' ? 'crm' : 'erp';
  const posture = kind === 'crm' || kind === 'sales' ? 'licensor' : 'licensee';
  return {
    order: factOf('order', connection, {
      externalRef: kind, number: kind, kind, posture, accountRef, orderDate: '2026-01-01', status: 'activated', currency: 'EUR',
    }),
    line: factOf('orderLine', connection, {
      externalRef: `${kind}/1`, orderRef: kind, lineNumber: 1, skuCode, quantity, unitPrice, validFrom: '2026-01-01', validTo: to,
    }),
  }; // prettier-ignore
};
const papers = (...given: readonly ReturnType<typeof paper>[]) => ({
  orders: given.map(({ order }) => order),
  orderLines: given.map(({ line }) => line),
});
const billed = (
  quantity: string,
  change: { kind?: 'credit'; creditOf?: string; orderRef?: string; id?: string } = {},
) => {
  const { id = 'inv', orderRef = 'sales', ...rest } = change;
  return {
    invoice: factOf('invoice', 'erp', {
      externalRef: id, number: id, invoiceDate: '2026-01-05', currency: 'EUR', ...(rest.kind === 'credit' ? {} : { orderRef }), ...rest,
    }),
    line: factOf('invoiceLine', 'erp', {
      externalRef: `${id}/1`, invoiceRef: id, lineNumber: 1, skuCode: 'CORE', quantity, unitPrice: '120',
    }),
  }; // prettier-ignore
};
const bills = (...given: readonly ReturnType<typeof billed>[]) => ({
  invoices: given.map(({ invoice }) => invoice),
  invoiceLines: given.map(({ line }) => line),
});
const rights = (quantity: string) => ({
  entitlements: [entitlement('e1', { unitPrice: '120', currency: 'EUR' })],
  transactions: [grant('e1', quantity, '2026-01-01')],
});
const seats = (count: number) => Array.from({ length: count }, (_, at) => customerSeat(`u${at}`));
const used = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    factOf('usageObservation', 'product', {
      externalRef: `use${at}`, posture: 'licensor', subjectType: 'account', subjectRef: `u${at}`, skuCode: 'CORE', customerRef: '001A', kind: 'active', observedAt: '2026-03-01T10:00:00Z',
    }),
  ); // prettier-ignore

describe('four sides of one part number of one customer', () => {
  test('that agree show no difference, and every figure', () => {
    const agreed = {
      ...papers(paper('crm'), paper('sales')),
      ...bills(billed('10')),
      ...rights('10'),
      seats: seats(10),
      usage: used(10),
    };

    expect(rows(agreed)).toMatchObject([
      { ownerRef: '001A', skuCode: 'CORE', contract: '10', order: '10', invoice: '10', owned: '10', seats: '10', used: '10', differences: [] },
    ]); // prettier-ignore
  });

  test('each pair that differs is named with class, cause and quantity', () => {
    const facts = {
      ...papers(paper('crm'), paper('sales', { quantity: '12' })),
      ...bills(billed('9')),
      ...rights('12'),
      seats: seats(14),
      usage: used(5),
    };

    expect(differences(facts)).toEqual([
      'contract/order qty ordered_otherwise 2',
      'order/invoice qty not_billed -3',
      'owned/seats qty more_assigned_than_owned 2',
      'seats/used qty seats_not_used -9',
    ]);
  });

  test('money is the difference at the price of the rights', () => {
    const facts = { ...papers(paper('crm'), paper('sales', { quantity: '12' })), ...rights('12') };
    const [row] = rows(facts);

    expect(row?.differences[0]?.money).toEqual({ amount: '240.00', currency: 'EUR' });
  });

  test('of equal quantity may differ in price and in term', () => {
    expect(
      differences({
        ...papers(paper('crm'), paper('sales', { unitPrice: '110', to: '2026-07-01' })),
      }).slice(0, 2),
    ).toEqual(['contract/order price ordered_otherwise', 'contract/order term ordered_otherwise']);
  });

  test('what one side lacks is missing there', () => {
    const other = paper('sales', { accountRef: '001B' });

    expect(differences(papers(paper('crm'), other))).toEqual([
      'contract/order missing_right not_ordered -10',
      'contract/order missing_left ordered_without_contract 10',
    ]);
  });

  test('a source that never speaks is unknown, and differs from nothing', () => {
    const [row] = rows({ ...papers(paper('sales')), ...rights('10') });

    expect(row).toMatchObject({ contract: null, invoice: null, seats: null, used: null });
    expect(row?.differences).toEqual([]);
  });

  test('a credit takes back from what its invoice billed', () => {
    const credit = billed('4', { id: 'credit', kind: 'credit', creditOf: 'inv' });
    const facts = { ...papers(paper('sales')), ...bills(billed('10'), credit) };

    expect(rows(facts)[0]?.invoice).toBe('6');
  });

  test('counts what is in force on the day, and packs by their rights', () => {
    const ended = paper('crm', { to: '2026-03-02' });
    const packs = {
      ...papers(paper('crm', { skuCode: 'PACK' })),
      skus: [sku('PACK', 'named_user', 5)],
    };

    expect(rows(papers(ended))).toEqual([]);
    expect(rows(packs)[0]?.contract).toBe('50');
  });

  test('a won deal counts as contract until an order of the CRM stands for it', () => {
    const deal = {
      opportunities: [
        factOf('opportunity', 'crm', {
          externalRef: '006A', name: 'Deal', accountRef: '001A', stageName: 'Closed Won', isWon: true, isClosed: true, closeDate: '2026-01-01', currency: 'EUR',
        }),
      ],
      opportunityLines: [
        factOf('opportunityLine', 'crm', {
          externalRef: '00kA', opportunityRef: '006A', skuCode: 'CORE', quantity: '10', unitPrice: '120', validFrom: '2026-01-01', validTo: '2027-01-01',
        }),
      ],
    }; // prettier-ignore
    const crm = paper('crm');
    const standing = {
      ...crm,
      order: factOf('order', 'crm', { ...crm.order.body, opportunityRef: '006A' }),
    };

    expect(rows(deal)[0]?.contract).toBe('10');
    expect(rows({ ...deal, ...papers(standing) })[0]?.contract).toBe('10');
    expect(rows({ ...deal, ...papers(crm) })[0]?.contract).toBe('20');
  });

  test('an ERP customer is the CRM account that it is linked to', () => {
    const link = {
      customerConnection: 'erp', customerRef: 'cust-9', accountConnection: 'crm', accountRef: '001A', method: 'foreignRef', confidence: 1, evidence: [],
    } as const; // prettier-ignore
    const facts = papers(paper('crm'), paper('sales', { accountRef: 'cust-9' }));

    expect(rows({ ...facts, organizationLinks: [link] })).toHaveLength(1);
    expect(rows(facts)).toHaveLength(2);
  });

  test('our own: paper contract, purchase order, vendor bill', () => {
    const bought = papers(paper('opening_balance'), paper('purchase', { quantity: '8' }));

    expect(rows(bought)).toMatchObject([
      { posture: 'licensee', ownerRef: 'own', contract: '10', order: '8', invoice: null },
    ]);
  });
});
