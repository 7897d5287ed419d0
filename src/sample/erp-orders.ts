import { addDays, type LocalDate } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { exponentOf, lineAmount } from '../kernel/money.ts';
import { parseDecimal, toFixed } from '../kernel/rational.ts';
import type { Deal, DealLine } from './deals.ts';
import type { OrderDrift } from './drift-orders.ts';
import { currencyRef, sellerRef, type ErpCustomer } from './erp-customers.ts';
import { totalOf, vendorNumber } from './figures.ts';
import { notAfterYesterday, officeInstant, TODAY, type InstantText } from './instants.ts';
import type { Prng } from './prng.ts';
import type { Product } from './products.ts';
import type { VendorIds } from './vendor-ids.ts';

export interface ErpLine {
  readonly line: number;
  readonly product: Product;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly serviceFrom: LocalDate;
  readonly serviceTo: LocalDate;
}

export interface ErpInvoice {
  readonly id: string;
  readonly tranId: string;
  readonly date: LocalDate;
  readonly paid: boolean;
  readonly modifiedAt: InstantText;
}

/** A sales order of the ERP with the invoice made from it. */
export interface ErpOrder {
  readonly id: string;
  readonly tranId: string;
  readonly customer: ErpCustomer;
  readonly date: LocalDate;
  readonly purchaseOrder: string;
  readonly opportunityId: string | null;
  readonly lines: readonly ErpLine[];
  readonly invoice: ErpInvoice | null;
  /** B Pending Fulfillment, F Pending Billing, G Billed. */
  readonly status: 'B' | 'F' | 'G';
  readonly modifiedAt: InstantText;
}

const STATUS_NAMES = { B: 'Pending Fulfillment', F: 'Pending Billing', G: 'Billed' } as const;
const INVOICED_SHARE = 0.8;

/** What every generator of ERP transactions needs. */
export interface ErpDesk {
  readonly prng: Prng;
  readonly ids: VendorIds;
}

function invoiceFor(desk: ErpDesk, orderDate: LocalDate): ErpInvoice | null {
  const { prng, ids } = desk;
  if (orderDate > addDays(TODAY, -6) || !prng.chance(INVOICED_SHARE)) return null;
  const id = ids.netsuite('transaction');
  const date = notAfterYesterday(addDays(orderDate, prng.int(1, 20)));
  const paid = date < addDays(TODAY, -30) && prng.chance(0.9);
  const settled = paid ? notAfterYesterday(addDays(date, prng.int(10, 40))) : date;
  return { id, tranId: `INV${id}`, date, paid, modifiedAt: officeInstant(prng, settled) };
}

export interface ErpOrderWish {
  readonly customer: ErpCustomer;
  readonly date: LocalDate;
  readonly opportunityId: string | null;
  readonly lines: readonly Omit<ErpLine, 'line'>[];
}

/** An approved order with its lines numbered as the ERP keeps them, billed in four cases of five. */
export function createErpOrder(desk: ErpDesk, wish: ErpOrderWish): ErpOrder {
  const { prng, ids } = desk;
  const id = ids.netsuite('transaction');
  const invoice = invoiceFor(desk, wish.date);
  return {
    id,
    tranId: `SO${id}`,
    customer: wish.customer,
    date: wish.date,
    purchaseOrder: `PO-${prng.int(10_000, 99_999)}-${id}`,
    opportunityId: wish.opportunityId,
    lines: wish.lines.map((line, at) => ({ ...line, line: at + 1 })),
    invoice,
    status: invoice === null ? prng.pick(['B', 'F', 'F']) : 'G',
    modifiedAt: officeInstant(prng, invoice?.date ?? wish.date),
  };
}

function lineAsOrdered(
  deal: Deal,
  line: DealLine,
  drift: OrderDrift | undefined,
): Omit<ErpLine, 'line'> {
  const asSold = {
    product: line.product,
    quantity: line.quantity,
    // The ERP keeps rates at the currency's exponent.
    unitPrice: toFixed(parseDecimal(line.unitPrice), exponentOf(deal.currency)),
    serviceFrom: line.serviceFrom,
    serviceTo: line.serviceTo,
  };
  if (drift === undefined || drift.kind === 'missing_in_erp' || drift.lineId !== line.lineId)
    return asSold;
  if (drift.kind === 'sku_mismatch') return { ...asSold, product: drift.product };
  if (drift.kind === 'quantity_mismatch') return { ...asSold, quantity: drift.quantity };
  return { ...asSold, unitPrice: drift.rate };
}

/** The order of every won deal but those that the ERP missed, with the lines as the drift changed them. */
export function createOrdersOfDeals(
  desk: ErpDesk,
  won: readonly Deal[],
  customers: readonly ErpCustomer[],
  drifts: readonly OrderDrift[],
): ErpOrder[] {
  const customerOf = new Map(customers.map((customer) => [customer.externalId, customer]));
  const driftOf = new Map(drifts.map((drift) => [drift.deal.opportunityId, drift]));
  return won.flatMap((deal) => {
    const drift = driftOf.get(deal.opportunityId);
    const customer = customerOf.get(deal.account.id);
    if (drift?.kind === 'missing_in_erp' || customer === undefined) return [];
    const lines = deal.lines.map((line) => lineAsOrdered(deal, line, drift));
    return [
      createErpOrder(desk, {
        customer,
        date: notAfterYesterday(addDays(deal.closeDate, desk.prng.int(0, 3))),
        opportunityId: deal.opportunityId,
        // Whoever keyed the order did not always keep the deal's sequence.
        lines: desk.prng.chance(0.25) ? desk.prng.shuffle(lines) : lines,
      }),
    ];
  });
}

function salesOrderItems(order: ErpOrder): JsonObject[] {
  return order.lines.map((line) => ({
    line: line.line,
    item: { id: line.product.itemId, refName: line.product.code },
    description: line.product.erpName,
    quantity: vendorNumber(line.quantity),
    rate: vendorNumber(line.unitPrice),
    amount: vendorNumber(lineAmount(line.quantity, line.unitPrice, order.customer.currency).amount),
    isClosed: false,
    quantityBilled: order.invoice === null ? 0 : vendorNumber(line.quantity),
    custcol_trueup_service_start: line.serviceFrom,
    custcol_trueup_service_end: line.serviceTo,
  }));
}

/** salesOrder rows of the NetSuite world. */
export function salesOrderRecords(orders: readonly ErpOrder[]): JsonObject[] {
  return orders.map((order) => ({
    id: order.id,
    tranId: order.tranId,
    entity: { id: order.customer.id, refName: order.customer.companyName },
    subsidiary: sellerRef(order.customer.currency),
    currency: currencyRef(order.customer.currency),
    tranDate: order.date,
    status: { id: order.status, refName: STATUS_NAMES[order.status] },
    otherRefNum: order.purchaseOrder,
    ...(order.opportunityId === null ? {} : { custbody_trueup_opportunity: order.opportunityId }),
    lastModifiedDate: order.modifiedAt,
    item: { items: salesOrderItems(order) },
  }));
}

function invoiceRecord(order: ErpOrder, invoice: ErpInvoice): JsonObject {
  const { currency } = order.customer;
  return {
    id: invoice.id,
    tranId: invoice.tranId,
    entity: { id: order.customer.id, refName: order.customer.companyName },
    subsidiary: sellerRef(currency),
    currency: currencyRef(currency),
    tranDate: invoice.date,
    createdFrom: { id: order.id, refName: `Sales Order #${order.tranId}` },
    status: invoice.paid ? { id: 'B', refName: 'Paid In Full' } : { id: 'A', refName: 'Open' },
    total: vendorNumber(totalOf(order.lines, currency).amount),
    lastModifiedDate: invoice.modifiedAt,
    item: {
      items: order.lines.map((line) => ({
        line: line.line,
        item: { id: line.product.itemId, refName: line.product.code },
        quantity: vendorNumber(line.quantity),
        rate: vendorNumber(line.unitPrice),
        amount: vendorNumber(lineAmount(line.quantity, line.unitPrice, currency).amount),
        orderLine: line.line,
      })),
    },
  };
}

/** invoice rows of the NetSuite world. */
export function invoiceRecords(orders: readonly ErpOrder[]): JsonObject[] {
  return orders.flatMap((order) =>
    order.invoice === null ? [] : [invoiceRecord(order, order.invoice)],
  );
}
