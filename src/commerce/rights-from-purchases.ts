import type { EntitlementTransaction } from '../canonical/entitlement-transaction.ts';
import type { Entitlement } from '../canonical/entitlement.ts';
import type { PurchaseOrder } from '../canonical/purchase-order.ts';
import type { Sku } from '../canonical/sku.ts';
import type { LocalDate } from '../kernel/dates.ts';
import {
  compareQuantity,
  excess,
  minQuantity,
  scaleQuantity,
  subtractQuantity,
} from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import type { OrderRights } from './rights-from-orders.ts';

type Line = Fact<'purchaseOrderLine'>;

/** One of our own orders at a publisher or reseller, with its lines. */
export interface Purchase {
  readonly order: Fact<'purchaseOrder'>;
  readonly lines: readonly Line[];
}

/** The version of the rule below; raised whenever the same purchases give other rights. */
export const PURCHASE_RULE = { 'commerce.purchase-rights': 1 } as const;

/** In these states an order is no purchase, whatever its lines say. */
const NO_PURCHASE: ReadonlySet<PurchaseOrder['status']> = new Set([
  'draft',
  'pending_approval',
  'cancelled',
]);

/** What is given back of one line: how much, and by which line. */
interface Returned {
  readonly by: Line;
  readonly quantity: string;
}

/**
 * The licensee rights that one purchase gives: of each line what was received, not what was ordered, from its service
 * start. A line of negative quantity gives back; it takes from the lines of the same SKU in the order of their numbers,
 * by a transaction of its own, and what no line of this order covers reduces our rights by itself. A line of which
 * nothing has been received is a draft; what an order without receipt was closed on is reversed.
 */
export function rightsOfPurchase(
  purchase: Purchase,
  skus: ReadonlyMap<string, Sku>,
  today: LocalDate,
): OrderRights {
  const counted = purchase.lines
    .filter((line) => skus.get(line.body.skuCode)?.metricCode !== undefined)
    .toSorted((a, b) => a.body.lineNumber - b.body.lineNumber);
  const bought = counted.filter((line) => compareQuantity(line.body.quantity, '0') > 0);
  const back = counted.filter((line) => compareQuantity(line.body.quantity, '0') < 0);
  const { taken, left } = giveBack(bought, back);
  const packs = (line: Line): number => skus.get(line.body.skuCode)?.rightsPerPack ?? 1;
  const entitlements: Entitlement[] = [];
  const transactions: EntitlementTransaction[] = [];
  for (const line of bought) {
    entitlements.push(entitlementOf(purchase, line, packs(line), today));
    transactions.push(...transactionsOf(purchase, line, packs(line), taken.get(line) ?? []));
  }
  for (const { by, quantity } of left) {
    if (!isPurchase(purchase)) continue;
    entitlements.push(entitlementOf(purchase, by, packs(by), today));
    transactions.push(returnOf(purchase, by, { by, quantity }, packs(by)));
  }
  return { entitlements, transactions };
}

/** What a line has received, without its sign: sources differ in whether a return carries one. */
function received(line: Line): string {
  return line.body.quantityReceived.replace(/^-/, '');
}

const isPurchase = ({ order }: Purchase): boolean => !NO_PURCHASE.has(order.body.status);

function giveBack(
  bought: readonly Line[],
  back: readonly Line[],
): { readonly taken: ReadonlyMap<Line, readonly Returned[]>; readonly left: readonly Returned[] } {
  const taken = new Map<Line, Returned[]>();
  const free = new Map(bought.map((line) => [line, received(line)]));
  const left: Returned[] = [];
  for (const by of back) {
    let open = received(by);
    for (const line of bought) {
      if (line.body.skuCode !== by.body.skuCode) continue;
      const quantity = minQuantity(open, free.get(line) ?? '0');
      if (compareQuantity(quantity, '0') === 0) continue;
      taken.set(line, [...(taken.get(line) ?? []), { by, quantity }]);
      free.set(line, subtractQuantity(free.get(line) ?? '0', quantity));
      open = excess(open, quantity);
    }
    if (compareQuantity(open, '0') > 0) left.push({ by, quantity: open });
  }
  return { taken, left };
}

/** True for the reference of an entitlement that a purchase gives. */
export function isPurchaseRef(entitlementRef: string): boolean {
  return /^ent:[^:]+:purchase:/.test(entitlementRef);
}

function refOf(line: Line): string {
  return `ent:${line.connection}:purchase:${line.externalRef}`;
}

function statusOf(purchase: Purchase, line: Line, today: LocalDate): Entitlement['status'] {
  const { status, orderDate } = purchase.order.body;
  if (status === 'cancelled') return 'reversed';
  const hasSome = compareQuantity(received(line), '0') > 0;
  if (!hasSome) return status === 'closed' ? 'reversed' : 'draft';
  return isPurchase(purchase) && (line.body.validFrom ?? orderDate) <= today ? 'active' : 'draft';
}

function entitlementOf(
  purchase: Purchase,
  line: Line,
  rightsPerPack: number,
  today: LocalDate,
): Entitlement {
  const order = purchase.order.body;
  const currency = line.body.currency ?? order.currency;
  return {
    externalRef: refOf(line),
    posture: 'licensee',
    skuCode: line.body.skuCode,
    ownerRef: 'own',
    orderConnection: purchase.order.connection,
    orderRef: order.externalRef,
    orderLineRef: line.externalRef,
    ...(order.agreementRef === undefined ? {} : { agreementRef: order.agreementRef }),
    status: statusOf(purchase, line, today),
    unlimited: false,
    plannedQuantity: scaleQuantity(line.body.quantity, rightsPerPack),
    plannedFrom: line.body.validFrom ?? order.orderDate,
    ...(line.body.validTo === undefined ? {} : { plannedTo: line.body.validTo }),
    unitPrice: line.body.unitPrice,
    ...(currency === undefined ? {} : { currency }),
  };
}

function periodOf(purchase: Purchase, line: Line) {
  return {
    validFrom: line.body.validFrom ?? purchase.order.body.orderDate,
    ...(line.body.validTo === undefined ? {} : { validTo: line.body.validTo }),
  };
}

function transactionsOf(
  purchase: Purchase,
  line: Line,
  rightsPerPack: number,
  returned: readonly Returned[],
): readonly EntitlementTransaction[] {
  if (!isPurchase(purchase) || compareQuantity(received(line), '0') === 0) return [];
  const { number } = purchase.order.body;
  const grant: EntitlementTransaction = {
    externalRef: `${refOf(line)}:grant`,
    entitlementRef: refOf(line),
    type: 'grant',
    quantityDelta: scaleQuantity(received(line), rightsPerPack),
    orderLineRef: line.externalRef,
    reason: `received ${received(line)} of ${line.body.quantity} of purchase order ${number}, line ${line.body.lineNumber}`,
    ...periodOf(purchase, line),
  };
  return [grant, ...returned.map((each) => returnOf(purchase, line, each, rightsPerPack))];
}

/** What is given back counts for as long as the rights that it takes from. */
function returnOf(
  purchase: Purchase,
  line: Line,
  { by, quantity }: Returned,
  rightsPerPack: number,
): EntitlementTransaction {
  return {
    externalRef: `${refOf(line)}:return:${by.body.lineNumber}`,
    entitlementRef: refOf(line),
    type: 'true_down',
    quantityDelta: `-${scaleQuantity(quantity, rightsPerPack)}`,
    orderLineRef: by.externalRef,
    reason: `given back by line ${by.body.lineNumber} of purchase order ${purchase.order.body.number}`,
    ...periodOf(purchase, line),
  };
}
