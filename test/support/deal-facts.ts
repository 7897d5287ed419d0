import { factOf } from './facts.ts';

/** One line as both systems write it. */
export interface LineInput {
  readonly sku?: string;
  readonly quantity?: string;
  readonly price?: string;
  readonly amount?: string;
  readonly from?: string;
  readonly to?: string;
  readonly closed?: boolean;
  readonly billed?: string;
}

/** A deal of account 001A, won on 1 February 2026 unless changed. */
export const opportunity = (
  id: string,
  change: Partial<Parameters<typeof factOf<'opportunity'>>[2]> = {},
) =>
  factOf('opportunity', 'crm', {
    externalRef: id,
    name: id,
    accountRef: '001A',
    stageName: 'Closed Won',
    isWon: true,
    isClosed: true,
    closeDate: '2026-02-01',
    amount: '1200.00',
    currency: 'USD',
    ...change,
  });

/** The lines of a deal. */
export const dealLines = (opportunityRef: string, ...lines: readonly LineInput[]) =>
  lines.map(
    (
      { sku = 'CORE', quantity = '10', price = '120.00', from = '2026-03-01', to = '2027-03-01' },
      at,
    ) =>
      factOf('opportunityLine', 'crm', {
        externalRef: `${opportunityRef}/${at}`,
        opportunityRef,
        lineNumber: at,
        skuCode: sku,
        quantity,
        unitPrice: price,
        validFrom: from,
        validTo: to,
      }),
  );

/** An ERP sales order of customer 301. */
export const salesOrder = (
  id: string,
  change: Partial<Parameters<typeof factOf<'order'>>[2]> = {},
) =>
  factOf('order', 'erp', {
    externalRef: id,
    number: `SO${id}`,
    kind: 'sales',
    posture: 'licensor',
    accountRef: '301',
    status: 'activated',
    orderDate: '2026-02-02',
    currency: 'USD',
    ...change,
  });

/** The lines of an order, of the ERP unless another connection is named. */
export const orderLines = (orderRef: string, lines: readonly LineInput[], connection = 'erp') =>
  lines.map((line, at) =>
    factOf('orderLine', connection, {
      externalRef: `${orderRef}/${at}`,
      orderRef,
      lineNumber: at,
      skuCode: line.sku ?? 'CORE',
      quantity: line.quantity ?? '10',
      unitPrice: line.price ?? '120.00',
      ...(line.amount === undefined ? {} : { amount: line.amount }),
      closed: line.closed ?? false,
      quantityBilled: line.billed ?? '0',
      validFrom: line.from ?? '2026-03-01',
      validTo: line.to ?? '2027-03-01',
    }),
  );

/** Customer 301 of the ERP is account 001A of the CRM. */
export const customerLink = {
  customerConnection: 'erp',
  customerRef: '301',
  accountConnection: 'crm',
  accountRef: '001A',
  method: 'foreignRef',
  confidence: 1,
  evidence: ['fct_erp_organization_301'],
} as const;
