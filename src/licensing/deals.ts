import type { Fact } from '../ledger/fact.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource, groupBy } from './sort.ts';

/** A won deal of the CRM with what the ERP made of it. */
export interface Deal {
  readonly opportunity: Fact<'opportunity'>;
  readonly lines: readonly Fact<'opportunityLine'>[];
  readonly orders: readonly Fact<'order'>[];
  readonly orderLines: readonly Fact<'orderLine'>[];
}

export interface Deals {
  readonly won: readonly Deal[];
  /** ERP sales orders that no opportunity of the CRM accounts for. */
  readonly unclaimedOrders: readonly Fact<'order'>[];
  /** The lines of each order, by connection and id. */
  readonly linesOfOrder: ReadonlyMap<string, readonly Fact<'orderLine'>[]>;
  /** True if the ERP has told us of any sales order: without one nothing can be missing there. */
  readonly erpSpeaks: boolean;
}

/** True for a sales order that stands: what was cancelled is no order. */
function isStanding({ body }: Fact<'order'>): boolean {
  return body.kind === 'sales' && body.posture === 'licensor' && body.status !== 'cancelled';
}

/**
 * Brings CRM deals and ERP sales orders together: an order belongs to the opportunity that it names, else to the one
 * opportunity of the same customer with the same purchase order number. Two such opportunities claim no order.
 */
export function dealsOf(snapshot: Snapshot): Deals {
  const sales = snapshot.orders.filter((order) => order.body.kind === 'sales');
  const opportunities = snapshot.opportunities.toSorted(bySource);
  const findOpportunity = opportunityFinder(snapshot, opportunities);
  const ordersOf = new Map<string, Fact<'order'>[]>();
  const unclaimedOrders: Fact<'order'>[] = [];
  for (const order of sales.filter(isStanding).toSorted(bySource)) {
    const opportunity = findOpportunity(order);
    if (opportunity === null) unclaimedOrders.push(order);
    else ordersOf.set(opportunity.factId, [...(ordersOf.get(opportunity.factId) ?? []), order]);
  }
  const lines = groupBy(snapshot.opportunityLines.toSorted(bySource), (each) =>
    byAccount(each.connection, each.body.opportunityRef),
  );
  const linesOfOrder = groupBy(snapshot.orderLines.toSorted(bySource), (each) =>
    byAccount(each.connection, each.body.orderRef),
  );
  const won = opportunities
    .filter(({ body }) => body.isWon && body.isClosed)
    .map((opportunity) => {
      const orders = ordersOf.get(opportunity.factId) ?? [];
      return {
        opportunity,
        lines: lines.get(byAccount(opportunity.connection, opportunity.externalRef)) ?? [],
        orders,
        orderLines: orders.flatMap(
          (each) => linesOfOrder.get(byAccount(each.connection, each.externalRef)) ?? [],
        ),
      };
    });
  return { won, unclaimedOrders, linesOfOrder, erpSpeaks: sales.length > 0 };
}

/** A customer's number as people type it: without blanks around it, in capitals. Nothing else is guessed. */
function spelledAlike(number: string | undefined): string {
  return (number ?? '').trim().toUpperCase();
}

/** The purchase order numbers of an opportunity: its own, and those of the CRM's orders that name it. */
function purchaseOrderNumbers({
  orders,
}: Snapshot): (opportunity: Fact<'opportunity'>) => readonly string[] {
  const inCrm = groupBy(
    orders.filter(({ body }) => body.kind === 'crm' && body.opportunityRef !== undefined),
    (order) => byAccount(order.connection, order.body.opportunityRef ?? ''),
  );
  return ({ connection, externalRef, body }) => {
    const own = inCrm.get(byAccount(connection, externalRef)) ?? [];
    const all = [body, ...own.map((order) => order.body)].map(({ purchaseOrderNumber }) =>
      spelledAlike(purchaseOrderNumber),
    );
    return [...new Set(all)].filter((number) => number !== '');
  };
}

function opportunityFinder(
  snapshot: Snapshot,
  opportunities: readonly Fact<'opportunity'>[],
): (order: Fact<'order'>) => Fact<'opportunity'> | null {
  const byId = new Map(opportunities.toReversed().map((each) => [each.externalRef, each]));
  const crmAccount = new Map(
    snapshot.organizationLinks.map((link) => [
      byAccount(link.customerConnection, link.customerRef),
      link,
    ]),
  );
  const numbersOf = purchaseOrderNumbers(snapshot);
  const numbered = opportunities.flatMap((each) =>
    numbersOf(each).map((number) => ({ each, number })),
  );
  const byPurchaseOrder = groupBy(numbered, ({ each, number }) =>
    JSON.stringify([each.connection, each.body.accountRef, number]),
  );
  return (order) => {
    const named = byId.get(order.body.opportunityRef ?? '');
    if (named !== undefined) return named;
    const link = crmAccount.get(byAccount(order.connection, order.body.accountRef ?? ''));
    const number = spelledAlike(order.body.purchaseOrderNumber);
    if (link === undefined || number === '') return null;
    const [only, ...others] =
      byPurchaseOrder.get(JSON.stringify([link.accountConnection, link.accountRef, number])) ?? [];
    return only !== undefined && others.length === 0 ? only.each : null;
  };
}
