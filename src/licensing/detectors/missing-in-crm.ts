import { addMoney, lineAmount, money, type Money } from '../../kernel/money.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { Detector } from './detector.ts';

function totalOf(order: Fact<'order'>, lines: readonly Fact<'orderLine'>[]): Money | null {
  const { currency } = order.body;
  if (currency === undefined || lines.length === 0) return null;
  return lines
    .map(({ body }) =>
      body.amount === undefined
        ? lineAmount(body.quantity, body.unitPrice, currency)
        : money(body.amount, currency),
    )
    .reduce(addMoney);
}

/** A standing ERP order of a customer that the CRM knows, without a deal: sold past the CRM, or linked to nothing. */
export const missingInCrm: Detector = {
  kind: 'missing_in_crm',
  version: 1,
  severity: 'medium',
  detect({ snapshot, deals }) {
    if (snapshot.opportunities.length === 0) return [];
    const linked = new Map(
      snapshot.organizationLinks.map((link) => [
        byAccount(link.customerConnection, link.customerRef),
        link,
      ]),
    );
    return deals.unclaimedOrders.flatMap((order) => {
      const link = linked.get(byAccount(order.connection, order.body.accountRef ?? ''));
      if (link === undefined) return [];
      const lines = deals.linesOfOrder.get(byAccount(order.connection, order.externalRef)) ?? [];
      return {
        subject: { type: 'Order', id: order.externalRef },
        connection: order.connection,
        sku: null,
        money: totalOf(order, lines),
        evidence: [order.factId, ...link.evidence, ...lines.map((each) => each.factId)],
        summary: `Order ${order.body.number} of CRM account ${link.accountRef} belongs to no opportunity. Link it to its deal, or record the deal.`,
      };
    });
  },
};
