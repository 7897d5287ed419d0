import { addDays } from '../kernel/dates.ts';
import type { PlantedDrift } from '../sdk/define-twin.ts';
import { lastDayOf, quantityFor } from './deals.ts';
import type { ErpCustomer } from './erp-customers.ts';
import { createErpOrder, type ErpDesk, type ErpOrder } from './erp-orders.ts';
import { termPrice } from './figures.ts';
import { TODAY } from './instants.ts';
import type { Product } from './products.ts';

/** An order that was keyed into the ERP without a deal. */
function directOrder(desk: ErpDesk, customer: ErpCustomer, licensed: readonly Product[]): ErpOrder {
  const { prng } = desk;
  const date = addDays(TODAY, -prng.int(12, 300));
  const lines = prng.sample(licensed, prng.int(1, 3)).map((product) => ({
    product,
    quantity: String(quantityFor(prng, product)),
    unitPrice: termPrice(
      product.annualList[customer.currency],
      12,
      prng.pick([0, 10]),
      customer.currency,
    ),
    serviceFrom: date,
    serviceTo: lastDayOf(date, 12),
  }));
  return createErpOrder(desk, { customer, date, opportunityId: null, lines });
}

export interface DirectOrders {
  readonly orders: readonly ErpOrder[];
  readonly planted: readonly PlantedDrift[];
}

/**
 * Orders without a deal: `count` of them for customers that the CRM knows, each a planted case, and two for
 * customers that live in the ERP alone, where no deal is to be expected.
 */
export function createDirectOrders(
  desk: ErpDesk,
  customers: readonly ErpCustomer[],
  licensed: readonly Product[],
  count: number,
): DirectOrders {
  const known = customers.filter((customer) => customer.origin === 'crm');
  const erpOnly = customers.filter((customer) => customer.origin === 'erp');
  const missed = desk.prng
    .sample(known, count)
    .map((customer) => directOrder(desk, customer, licensed));
  const unrelated = desk.prng
    .sample(erpOnly, 2)
    .map((customer) => directOrder(desk, customer, licensed));
  return {
    orders: [...missed, ...unrelated],
    planted: missed.map((order) => ({
      kind: 'missing_in_crm',
      subject: { type: 'Order', id: order.id },
      sku: null,
      note: `Order ${order.tranId} of ${order.customer.companyName} names no opportunity, and none fits ${order.purchaseOrder}.`,
      since: order.date,
    })),
  };
}
