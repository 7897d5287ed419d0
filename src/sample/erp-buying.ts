import { addDays, addMonths, type LocalDate } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { lineAmount } from '../kernel/money.ts';
import { lastDayOf } from './deals.ts';
import { currencyRef, sellerRef } from './erp-customers.ts';
import type { ErpOrder } from './erp-orders.ts';
import { vendorNumber } from './figures.ts';
import { officeInstant, TODAY } from './instants.ts';
import type { Prng } from './prng.ts';
import { SAAS_PRODUCTS } from './saas-products.ts';

/** Numbers far above those of the selling side, so that neither side's ids depend on the other's. */
const FIRST = { vendor: 500_001, item: 9001, transaction: 900_001, note: 1 } as const;

interface Bought {
  readonly sku: string;
  readonly name: string;
  readonly publisher: string;
  readonly unitPrice: string;
  readonly currency: 'USD' | 'EUR';
}

/** Software that Meridian buys through the ERP; no paper contract speaks of it. */
const BOUGHT: readonly Bought[] = [
  { sku: 'CVN-CAD-FL', name: 'Corvane CAD, floating', publisher: 'Corvane Systems', unitPrice: '1450.00', currency: 'USD' },
  { sku: 'SIM-SOLVER', name: 'Simulane Solver', publisher: 'Simulane', unitPrice: '3200.00', currency: 'EUR' },
  { sku: 'DBK-CORE', name: 'Databank Enterprise, per core', publisher: 'Databank', unitPrice: '4750.00', currency: 'USD' },
]; // prettier-ignore

export interface BuyingSide {
  readonly vendors: readonly JsonObject[];
  readonly items: readonly JsonObject[];
  readonly purchaseOrders: readonly JsonObject[];
  readonly bills: readonly JsonObject[];
}

/** Publishers that Meridian pays, whether on paper or through a purchase order. */
function publishers(): readonly { readonly name: string; readonly currency: 'USD' | 'EUR' }[] {
  const all = [...SAAS_PRODUCTS, ...BOUGHT].map(({ publisher: name, currency }) => ({ name, currency })); // prettier-ignore
  return [...new Map(all.map((each) => [each.name, each])).values()];
}

interface Purchase {
  readonly id: string;
  readonly product: Bought;
  readonly itemId: string;
  readonly vendorId: string;
  readonly date: LocalDate;
  readonly ordered: number;
  readonly received: number;
  readonly billed: number;
}

/** E: partly received and partly billed, F: received and not billed, G: all billed, B: nothing received. */
function statusOf({ ordered, received, billed }: Purchase): string {
  if (received === 0) return 'B';
  if (billed === ordered) return 'G';
  return received === ordered ? 'F' : 'E';
}

function orderRecord(prng: Prng, purchase: Purchase): JsonObject {
  const { product, date } = purchase;
  const from = addDays(date, 7);
  return {
    id: purchase.id,
    tranId: `PO${purchase.id}`,
    entity: { id: purchase.vendorId, refName: product.publisher },
    subsidiary: sellerRef(product.currency),
    department: { id: '1', refName: 'Engineering' },
    currency: currencyRef(product.currency),
    tranDate: date,
    status: { id: statusOf(purchase) },
    lastModifiedDate: officeInstant(prng, addDays(date, 9)),
    item: {
      items: [
        {
          ...lineOf(purchase, purchase.ordered),
          isClosed: false,
          quantityReceived: purchase.received,
          quantityBilled: purchase.billed,
          custcol_trueup_service_start: from,
          custcol_trueup_service_end: lastDayOf(from, 12),
        },
      ],
    },
  };
}

function lineOf({ product, itemId }: Purchase, quantity: number): Record<string, JsonObject | string | number> {
  return {
    line: 1,
    item: { id: itemId, refName: product.sku },
    description: product.name,
    quantity,
    rate: vendorNumber(product.unitPrice),
    amount: vendorNumber(lineAmount(String(quantity), product.unitPrice, product.currency).amount),
  };
} // prettier-ignore

function billRecord(prng: Prng, purchase: Purchase, id: string): JsonObject {
  const { product } = purchase;
  const date = addDays(purchase.date, 12);
  const { amount } = lineAmount(String(purchase.billed), product.unitPrice, product.currency);
  return {
    id,
    tranId: `BILL${id}`,
    entity: { id: purchase.vendorId, refName: product.publisher },
    subsidiary: sellerRef(product.currency),
    currency: currencyRef(product.currency),
    tranDate: date,
    dueDate: addDays(date, 30),
    createdFrom: { id: purchase.id, refName: `Purchase Order #PO${purchase.id}` },
    status: { id: 'A', refName: 'Open' },
    total: vendorNumber(amount),
    lastModifiedDate: officeInstant(prng, date),
    item: { items: [{ ...lineOf(purchase, purchase.billed), orderLine: 1 }] },
  };
}

/** What Meridian buys through the ERP: each product twice, one order received whole and one in part. */
export function createBuyingSide(prng: Prng): BuyingSide {
  const vendors = publishers().map(({ name, currency }, at) => ({
    id: String(FIRST.vendor + at),
    entityId: `V-${FIRST.vendor + at} ${name}`,
    companyName: name,
    legalName: `${name} Inc.`,
    email: `orders-${FIRST.vendor + at}@vendor.example`,
    country: currency === 'EUR' ? 'DE' : 'US',
    subsidiary: sellerRef(currency),
    currency: currencyRef(currency),
    isInactive: false,
    lastModifiedDate: '2025-03-03T09:00:00Z',
  }));
  const purchases = BOUGHT.flatMap((product, at) =>
    [0, 1].map((part): Purchase => {
      const ordered = prng.int(6, 30);
      const received = part === 0 ? ordered : Math.floor(ordered / 2);
      return {
        id: String(FIRST.transaction + at * 2 + part),
        product,
        itemId: String(FIRST.item + at),
        vendorId: vendors.find(({ companyName }) => companyName === product.publisher)?.id ?? '',
        date: addDays(addMonths(TODAY, -4 + part * 2), prng.int(0, 20)),
        ordered,
        received,
        billed: part === 0 ? received : 0,
      };
    }),
  );
  return {
    vendors,
    items: BOUGHT.map(({ sku, name }, at) => ({
      id: String(FIRST.item + at),
      itemId: sku,
      displayName: name,
      itemType: 'NonInvtPart',
      isInactive: false,
      lastModifiedDate: '2025-03-03T09:00:00Z',
    })),
    purchaseOrders: purchases.map((purchase) => orderRecord(prng, purchase)),
    bills: purchases.flatMap((purchase, at) =>
      purchase.billed === 0
        ? []
        : [billRecord(prng, purchase, String(FIRST.transaction + 100 + at))],
    ),
  };
}

const CLERKS = ['Noor Haddad', 'Jonas Weber'] as const;

/** Two people who key orders in. */
export function employeeRecords(): JsonObject[] {
  return CLERKS.map((entityId, at) => ({ id: String(700_001 + at), entityId, email: `clerk${at + 1}@meridian.example` })); // prettier-ignore
}

/** The record type number of a transaction in system notes. */
const TRANSACTION_TYPE = '-30';

/** Who made the newest orders and who moved their status, as the ERP notes it. */
export function noteRecords(prng: Prng, orders: readonly ErpOrder[]): JsonObject[] {
  return orders.slice(-40).flatMap((order, at) => {
    const clerk = prng.int(0, 1);
    const name = { id: String(700_001 + clerk), refName: CLERKS[clerk] ?? '' };
    const shared = { name, recordId: order.id, recordTypeId: TRANSACTION_TYPE, record: `Sales Order #${order.tranId}`, context: 'UI' }; // prettier-ignore
    return [
      { id: String(FIRST.note + at * 2), ...shared, date: `${order.date}T10:00:00Z`, type: { id: '2' }, field: 'TRANDOC.KSTATUS', newValue: 'Pending Fulfillment' },
      { id: String(FIRST.note + at * 2 + 1), ...shared, date: order.modifiedAt, type: { id: '4' }, field: 'TRANDOC.KSTATUS', oldValue: 'Pending Fulfillment', newValue: 'Pending Billing' },
    ];
  }); // prettier-ignore
}

const CREDITED = 4;

/** Credit memos on a few invoices: one licence of the first line is given back. */
export function creditRecords(prng: Prng, orders: readonly ErpOrder[]): JsonObject[] {
  const invoiced = orders.filter(({ invoice }) => invoice !== null);
  return prng.sample(invoiced, CREDITED).flatMap((order, at) => {
    const [line] = order.lines;
    if (line === undefined || order.invoice === null) return [];
    const id = String(FIRST.transaction + 200 + at);
    const { currency } = order.customer;
    const amount = vendorNumber(lineAmount('1', line.unitPrice, currency).amount);
    return [
      {
        id,
        tranId: `CM${id}`,
        entity: { id: order.customer.id, refName: order.customer.companyName },
        subsidiary: sellerRef(currency),
        currency: currencyRef(currency),
        tranDate: order.invoice.date,
        createdFrom: { id: order.invoice.id, refName: `Invoice #${order.invoice.tranId}` },
        status: { id: 'A', refName: 'Open' },
        total: amount,
        lastModifiedDate: order.invoice.modifiedAt,
        item: {
          items: [
            { line: 1, item: { id: line.product.itemId, refName: line.product.code }, quantity: 1, rate: vendorNumber(line.unitPrice), amount },
          ],
        },
      },
    ];
  }); // prettier-ignore
}
