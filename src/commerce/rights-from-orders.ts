import type { EntitlementTransaction } from '../canonical/entitlement-transaction.ts';
import type { Entitlement } from '../canonical/entitlement.ts';
import type { Order } from '../canonical/order.ts';
import type { Sku } from '../canonical/sku.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { compareQuantity, excess, scaleQuantity } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import { dealEntitlementRef } from './draw-up-deal.ts';

/** An order that can carry rights, with its lines and who they are for. */
export interface RightsOrder {
  readonly order: Fact<'order'>;
  readonly lines: readonly Fact<'orderLine'>[];
  /** The CRM account that owns the rights; null when nothing links the order's customer to one. */
  readonly ownerRef: string | null;
  /** The deal that made this order, when one did. */
  readonly dealId: string | null;
}

/** What the ledger shall hold of one order's rights. */
export interface OrderRights {
  readonly entitlements: readonly Entitlement[];
  readonly transactions: readonly EntitlementTransaction[];
}

/** The version of the rule below; raised whenever the same orders give other rights. */
export const RIGHTS_RULE = { 'commerce.rights': 1 } as const;

/** Orders in these states carry rights: they have left approval (contract §9). */
const ACTIVE: ReadonlySet<Order['status']> = new Set(['activated', 'billed', 'closed']);

/**
 * The rights that one order gives. A line gives rights once its order has left approval; they count from its
 * service start (contract §9: a deal born in the ERP gives equal rights). Before that, and for a deal's order, the
 * entitlement is a draft. What of a closed line was not billed is reversed by a second transaction, never by a
 * delete; what was billed stays (the ERP closes fully billed lines too).
 */
export function rightsOf(
  source: RightsOrder,
  skus: ReadonlyMap<string, Sku>,
  today: LocalDate,
): OrderRights {
  const entitlements: Entitlement[] = [];
  const transactions: EntitlementTransaction[] = [];
  for (const line of source.lines) {
    const sku = skus.get(line.body.skuCode);
    if (sku?.metricCode === undefined || compareQuantity(line.body.quantity, '0') <= 0) continue;
    const entitlement = entitlementOf(source, line, sku.rightsPerPack, today);
    entitlements.push(entitlement);
    transactions.push(...transactionsOf(source, line, entitlement.externalRef, sku.rightsPerPack));
  }
  return { entitlements, transactions };
}

/**
 * Rights whose order or line its source does not hold any more. They end as those of a closed line do: the last
 * grant stays and is taken back whole, so that the history says why. Given the result again, it is the same.
 */
export function rightsOfGone(
  entitlement: Entitlement,
  transactions: readonly EntitlementTransaction[],
): OrderRights {
  const grants = transactions.filter((each) => each.reversesRef === undefined);
  return {
    entitlements: [{ ...entitlement, status: 'reversed' }],
    transactions: grants.flatMap((grant) => [
      grant,
      {
        ...grant,
        externalRef: `${entitlement.externalRef}:reversal`,
        type: 'correction' as const,
        quantityDelta: `-${grant.quantityDelta}`,
        reason: `line ${entitlement.orderLineRef ?? ''} of order ${entitlement.orderRef ?? ''} is gone from its source`,
        reversesRef: grant.externalRef,
      },
    ]),
  };
}

/** The reference of the entitlement behind one line of an order. */
export function entitlementRefOf(source: RightsOrder, line: Fact<'orderLine'>): string {
  if (line.body.entitlementRef !== undefined) return line.body.entitlementRef;
  if (source.dealId !== null) return dealEntitlementRef(source.dealId, line.body.lineNumber);
  return `ent:${line.connection}:${line.externalRef}`;
}

function statusOf(
  source: RightsOrder,
  line: Fact<'orderLine'>,
  today: LocalDate,
): Entitlement['status'] {
  if (line.body.closed && compareQuantity(line.body.quantityBilled, '0') === 0) return 'reversed';
  if (!ACTIVE.has(source.order.body.status))
    return source.order.body.status === 'cancelled' ? 'reversed' : 'draft';
  const startsOn = line.body.validFrom ?? source.order.body.orderDate;
  return startsOn <= today ? 'active' : 'draft';
}

function entitlementOf(
  source: RightsOrder,
  line: Fact<'orderLine'>,
  rightsPerPack: number,
  today: LocalDate,
): Entitlement {
  const order = source.order.body;
  const currency = line.body.currency ?? order.currency;
  return {
    externalRef: entitlementRefOf(source, line),
    posture: order.posture,
    skuCode: line.body.skuCode,
    ownerRef:
      source.ownerRef ??
      (order.posture === 'licensee' ? 'own' : `unlinked:${order.accountRef ?? order.externalRef}`),
    ...(source.dealId === null ? {} : { dealRef: source.dealId }),
    orderConnection: source.order.connection,
    orderRef: order.externalRef,
    orderLineRef: line.externalRef,
    ...(order.agreementRef === undefined ? {} : { agreementRef: order.agreementRef }),
    status: statusOf(source, line, today),
    unlimited: false,
    plannedQuantity: scaleQuantity(line.body.quantity, rightsPerPack),
    plannedFrom: line.body.validFrom ?? order.orderDate,
    ...(line.body.validTo === undefined ? {} : { plannedTo: line.body.validTo }),
    unitPrice: line.body.unitPrice,
    ...(currency === undefined ? {} : { currency }),
  };
}

function transactionsOf(
  source: RightsOrder,
  line: Fact<'orderLine'>,
  entitlementRef: string,
  rightsPerPack: number,
): EntitlementTransaction[] {
  if (!ACTIVE.has(source.order.body.status)) return [];
  const rights = scaleQuantity(line.body.quantity, rightsPerPack);
  const period = {
    validFrom: line.body.validFrom ?? source.order.body.orderDate,
    ...(line.body.validTo === undefined ? {} : { validTo: line.body.validTo }),
  };
  const grant: EntitlementTransaction = {
    externalRef: `${entitlementRef}:grant`,
    entitlementRef,
    type: 'grant',
    quantityDelta: rights,
    orderLineRef: line.externalRef,
    reason: `order ${source.order.body.number}, line ${line.body.lineNumber}`,
    ...period,
  };
  const unbilled = excess(line.body.quantity, line.body.quantityBilled);
  if (!line.body.closed || unbilled === '0') return [grant];
  return [
    grant,
    {
      externalRef: `${entitlementRef}:reversal`,
      entitlementRef,
      type: 'correction',
      quantityDelta: `-${scaleQuantity(unbilled, rightsPerPack)}`,
      orderLineRef: line.externalRef,
      reason: `line ${line.body.lineNumber} of order ${source.order.body.number} was closed`,
      reversesRef: grant.externalRef,
      ...period,
    },
  ];
}
