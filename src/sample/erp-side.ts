import type { PlantedDrift, TwinWorld } from '../sdk/define-twin.ts';
import { isWon } from './deals.ts';
import { createBuyingSide, creditRecords, employeeRecords, noteRecords } from './erp-buying.ts';
import { createDirectOrders } from './direct-orders.ts';
import { plantOrderDrift, type OrderDriftCounts } from './drift-orders.ts';
import {
  createErpCustomers,
  currencyRecords,
  customerRecords,
  subsidiaryRecords,
  type ErpCustomer,
} from './erp-customers.ts';
import { budgetRecords, departmentRecords, periodRecords, rateRecords } from './erp-ledger.ts';
import {
  createOrdersOfDeals,
  invoiceRecords,
  salesOrderRecords,
  type ErpOrder,
} from './erp-orders.ts';
import { itemRecords, type Catalogue } from './products.ts';
import type { Prng } from './prng.ts';
import type { SalesSide } from './sales-side.ts';
import { netsuiteSettings } from './settings.ts';
import type { VendorIds } from './vendor-ids.ts';

export interface ErpSide {
  readonly world: TwinWorld;
  readonly planted: readonly PlantedDrift[];
  /** Deals whose order says something else, or that have none. */
  readonly driftedDeals: ReadonlySet<string>;
}

/** How many cases to plant between CRM and ERP. */
export interface ErpDriftCounts extends OrderDriftCounts {
  readonly direct: number;
}

function recordsOf(
  prng: Prng,
  catalogue: Catalogue,
  customers: readonly ErpCustomer[],
  orders: readonly ErpOrder[],
): TwinWorld['objects'] {
  const buying = createBuyingSide(prng.fork('buying'));
  const periods = periodRecords();
  return {
    department: departmentRecords(),
    accountingperiod: periods,
    currencyrate: rateRecords(prng.fork('rates')),
    budget: budgetRecords(prng.fork('budgets'), periods),
    employee: employeeRecords(),
    systemnote: noteRecords(prng.fork('notes'), orders),
    vendor: buying.vendors,
    purchaseOrder: buying.purchaseOrders,
    vendorBill: buying.bills,
    creditmemo: creditRecords(prng.fork('credits'), orders),
    subsidiary: subsidiaryRecords(),
    currency: currencyRecords(),
    customer: customerRecords(customers),
    item: [...itemRecords(catalogue), ...buying.items],
    salesOrder: salesOrderRecords(orders),
    estimate: [],
    invoice: invoiceRecords(orders),
  };
}

/** The NetSuite world: the orders of the won deals, as the drift left them, and those that no deal stands behind. */
export function createErpSide(
  prng: Prng,
  ids: VendorIds,
  side: SalesSide,
  counts: ErpDriftCounts,
): ErpSide {
  const { catalogue, accounts, deals, overlaps, rehearsal } = side;
  const doubled = overlaps.flatMap(({ first, second }) => [
    first.opportunityId,
    second.opportunityId,
  ]);
  const drifts = plantOrderDrift(
    prng.fork('order drift'),
    deals,
    catalogue.licensed,
    counts,
    new Set(doubled),
  );
  const customers = createErpCustomers(prng.fork('customers'), ids, accounts);
  const desk = { prng: prng.fork('orders'), ids };
  const rehearsing = new Set([rehearsal.toClose.account.id, rehearsal.toReopen.account.id]);
  const free = customers.filter(
    (each) => each.externalId === null || !rehearsing.has(each.externalId),
  );
  const direct = createDirectOrders(desk, free, catalogue.licensed, counts.direct);
  const orders = [
    ...createOrdersOfDeals(desk, deals.filter(isWon), customers, drifts),
    ...direct.orders,
  ];
  return {
    world: {
      objects: recordsOf(prng.fork('ledger'), catalogue, customers, orders),
      settings: netsuiteSettings(prng.fork('settings')),
    },
    planted: [...drifts.map(({ planted }) => planted), ...direct.planted],
    driftedDeals: new Set(drifts.map(({ deal }) => deal.opportunityId)),
  };
}
