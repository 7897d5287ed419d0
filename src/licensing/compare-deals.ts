import { money, type Money } from '../kernel/money.ts';
import { compareQuantity, type Quantity } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import type { Catalogue } from './catalogue.ts';
import type { Deal } from './deals.ts';
import type { FindingDraft } from './detectors/detector.ts';
import type { DriftWorld } from './drift-world.ts';
import { pairLines, type ComparableLine, type Pairing } from './pair-lines.ts';

/** A won deal beside its ERP orders, line by line: CRM on the left, ERP on the right. */
export interface ComparedDeal {
  readonly deal: Deal;
  readonly pairing: Pairing;
}

/** Every won deal that the ERP has an order for, compared. Lines of no quantity take no part. */
export function compareDeals({ deals, catalogue }: DriftWorld): readonly ComparedDeal[] {
  return deals.won
    .filter((deal) => deal.orders.length > 0)
    .map((deal) => {
      const left = deal.lines.map((line) => crmLine(line, deal, catalogue)).filter(hasQuantity);
      const right = deal.orderLines
        .map((line) => erpLine(line, deal, catalogue))
        .filter(hasQuantity);
      return { deal, pairing: pairLines(left, right) };
    });
}

/** The draft of a finding about one part number of a deal. */
export function dealFinding(
  { deal }: ComparedDeal,
  about: Pick<FindingDraft, 'sku' | 'money' | 'summary'> & {
    readonly lines: readonly ComparableLine[];
  },
): FindingDraft {
  const { opportunity, orders } = deal;
  return {
    subject: { type: 'Opportunity', id: opportunity.externalRef },
    connection: opportunity.connection,
    sku: about.sku,
    money: about.money,
    evidence: [
      opportunity.factId,
      ...about.lines.flatMap((each) => each.factIds),
      ...orders.map((each) => each.factId),
    ],
    summary: about.summary,
  };
}

/** Numbers of the orders of a deal, for a summary. */
export function orderNumbers({ deal }: ComparedDeal): string {
  return deal.orders.map((order) => order.body.number).join(', ');
}

function hasQuantity(line: ComparableLine): boolean {
  return compareQuantity(line.quantity, '0') !== 0;
}

function crmLine(
  { factId, connection, body }: Fact<'opportunityLine'>,
  deal: Deal,
  catalogue: Catalogue,
): ComparableLine {
  const currency = body.currency ?? deal.opportunity.body.currency ?? orderCurrency(deal);
  return {
    skuCode: catalogue.resolve(connection, body.skuCode),
    quantity: body.quantity,
    unitPrice: body.unitPrice,
    currency: currency ?? null,
    amount: null,
    validFrom: body.validFrom ?? null,
    validTo: body.validTo ?? null,
    factIds: [factId],
  };
}

function erpLine(line: Fact<'orderLine'>, deal: Deal, catalogue: Catalogue): ComparableLine {
  const { factId, connection, body } = line;
  const order = deal.orders.find(
    (each) => each.connection === connection && each.externalRef === body.orderRef,
  );
  const currency = body.currency ?? order?.body.currency ?? deal.opportunity.body.currency;
  return {
    skuCode: catalogue.resolve(connection, body.skuCode),
    quantity: standingQuantity(body),
    unitPrice: body.unitPrice,
    currency: currency ?? null,
    amount: statedAmount(body, currency),
    validFrom: body.validFrom ?? null,
    validTo: body.validTo ?? null,
    factIds: [factId],
  };
}

function orderCurrency(deal: Deal): string | undefined {
  return deal.orders.find((each) => each.body.currency !== undefined)?.body.currency;
}

/** A closed line stands for what was billed before it was closed. */
function standingQuantity(body: Fact<'orderLine'>['body']): Quantity {
  return body.closed ? body.quantityBilled : body.quantity;
}

/** The stated amount speaks for the whole line, so it is used only where the whole line stands. */
function statedAmount(body: Fact<'orderLine'>['body'], currency: string | undefined): Money | null {
  const whole = compareQuantity(standingQuantity(body), body.quantity) === 0;
  return body.amount === undefined || currency === undefined || !whole
    ? null
    : money(body.amount, currency);
}
