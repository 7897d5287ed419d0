import type { JsonObject } from '../kernel/hash.ts';
import { lastDayOf, type Deal, type DealLine } from './deals.ts';
import { totalOf, vendorNumber } from './figures.ts';
import { salesforceStamp, TODAY } from './instants.ts';
import type { Prng } from './prng.ts';
import type { VendorIds } from './vendor-ids.ts';

/** An order of the CRM: what a won deal became, under its contract. */
export interface CrmOrder {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly deal: Deal;
  readonly items: readonly CrmOrderItem[];
}

export interface CrmOrderItem {
  readonly itemId: string;
  readonly itemNumber: string;
  readonly line: DealLine;
  /** The item that an add-on adds to. */
  readonly originalItemId: string | null;
}

/** One order a won deal; items of an add-on point at the item of the same product under the same contract. */
export function createCrmOrders(ids: VendorIds, won: readonly Deal[]): CrmOrder[] {
  const firstItems = new Map<string, string>();
  let numbered = 0;
  return won.map((deal, at) => {
    const items = deal.lines.map((line) => {
      const itemId = ids.salesforce('OrderItem');
      const key = `${deal.contract?.contractId ?? ''} ${line.product.code}`;
      const originalItemId = deal.type === 'Add-On' ? (firstItems.get(key) ?? null) : null;
      if (!firstItems.has(key)) firstItems.set(key, itemId);
      numbered += 1;
      return { itemId, itemNumber: String(numbered).padStart(10, '0'), line, originalItemId };
    });
    return {
      orderId: ids.salesforce('Order'),
      orderNumber: String(100 + at).padStart(8, '0'),
      deal,
      items,
    };
  });
}

function stampsOf(deal: Deal): JsonObject {
  const stamp = salesforceStamp(deal.closedAt ?? deal.createdAt);
  return { IsDeleted: false, CreatedDate: stamp, LastModifiedDate: stamp, SystemModstamp: stamp };
}

/** Contract rows: one for each first deal and each renewal. Add-ons live under the contract that they extend. */
export function contractRecords(prng: Prng, won: readonly Deal[]): JsonObject[] {
  const founding = won.filter((deal) => deal.type !== 'Add-On');
  return founding.flatMap((deal, at) => {
    if (deal.contract === null) return [];
    const { contractId, start, months } = deal.contract;
    return [
      {
        Id: contractId,
        AccountId: deal.account.id,
        StartDate: start,
        ContractTerm: months,
        EndDate: lastDayOf(start, months),
        Status: 'Activated',
        ContractNumber: String(100 + at).padStart(8, '0'),
        Name: `${deal.account.name} ${start.slice(0, 4)}`,
        OwnerExpirationNotice: prng.pick(['30', '45', '60', '90']),
        Description: null,
        ...stampsOf(deal),
      },
    ];
  });
}

function orderEnd(deal: Deal): string {
  return (
    deal.lines
      .map((line) => line.serviceTo)
      .toSorted()
      .at(-1) ?? deal.closeDate
  );
}

/** Order rows of the Salesforce world. */
export function crmOrderRecords(orders: readonly CrmOrder[]): JsonObject[] {
  return orders.map(({ orderId, orderNumber, deal }) => ({
    Id: orderId,
    AccountId: deal.account.id,
    ContractId: deal.contract?.contractId ?? null,
    EffectiveDate: deal.lines[0]?.serviceFrom ?? deal.closeDate,
    EndDate: orderEnd(deal),
    Status: 'Activated',
    OrderNumber: orderNumber,
    OpportunityId: deal.opportunityId,
    CurrencyIsoCode: deal.currency,
    TotalAmount: vendorNumber(totalOf(deal.lines, deal.currency).amount),
    ...stampsOf(deal),
  }));
}

/** OrderItem rows: the deal's lines once more. */
export function orderItemRecords(orders: readonly CrmOrder[]): JsonObject[] {
  return orders.flatMap(({ orderId, deal, items }) =>
    items.map(({ itemId, itemNumber, line, originalItemId }) => ({
      Id: itemId,
      OrderId: orderId,
      Product2Id: line.product.productId,
      PricebookEntryId: line.product.priceEntryIds[deal.currency],
      Quantity: vendorNumber(line.quantity),
      UnitPrice: vendorNumber(line.unitPrice),
      ServiceDate: line.serviceFrom,
      EndDate: line.serviceTo,
      OriginalOrderItemId: originalItemId,
      OrderItemNumber: itemNumber,
      ...stampsOf(deal),
    })),
  );
}

function assetRecord(ids: VendorIds, { deal }: CrmOrder, { line }: CrmOrderItem): JsonObject {
  return {
    Id: ids.salesforce('Asset'),
    Name: line.product.name,
    AccountId: deal.account.id,
    Product2Id: line.product.productId,
    ProductCode: line.product.code,
    Quantity: vendorNumber(line.quantity),
    Status: line.serviceTo < TODAY ? 'Obsolete' : 'Purchased',
    InstallDate: line.serviceFrom,
    UsageEndDate: line.serviceTo,
    PurchaseDate: deal.closeDate,
    Price: vendorNumber(line.unitPrice),
    ...stampsOf(deal),
  };
}

/** Asset rows: what sales operations keyed for about half of the licensed items that have begun. */
export function assetRecords(
  prng: Prng,
  ids: VendorIds,
  orders: readonly CrmOrder[],
): JsonObject[] {
  return orders.flatMap((order) =>
    order.items
      .filter(
        ({ line }) => line.product.metric !== null && line.serviceFrom <= TODAY && prng.chance(0.5),
      )
      .map((item) => assetRecord(ids, order, item)),
  );
}
