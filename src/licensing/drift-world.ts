import { contains } from '../kernel/dates.ts';
import { money, type Money } from '../kernel/money.ts';
import type { Fact } from '../ledger/fact.ts';
import { reliablePersons, type AccountLink } from '../ledger/identity/identities.ts';
import { buildCatalogue, type Catalogue } from './catalogue.ts';
import { dealsOf, type Deals } from './deals.ts';
import type { Snapshot } from './snapshot.ts';
import { groupBy } from './sort.ts';

/** A snapshot with the indexes that several detectors share. */
export interface DriftWorld {
  readonly snapshot: Snapshot;
  readonly catalogue: Catalogue;
  /** The person of each login, by connection and id, where the link is reliable. */
  readonly persons: ReadonlyMap<string, AccountLink>;
  readonly deals: Deals;
  /** What one seat of a product that we bought costs; absent where prices differ or none is known. */
  readonly seatPrices: ReadonlyMap<string, Money>;
}

export function driftWorld(snapshot: Snapshot): DriftWorld {
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, snapshot.asOf);
  return {
    snapshot,
    catalogue,
    persons: reliablePersons(snapshot.links),
    deals: dealsOf(snapshot),
    seatPrices: seatPricesOf(snapshot, catalogue),
  };
}

function seatPricesOf(snapshot: Snapshot, catalogue: Catalogue): ReadonlyMap<string, Money> {
  const bought = new Map(
    snapshot.orders
      .filter((order) => order.body.posture === 'licensee')
      .map((order) => [`${order.connection}/${order.externalRef}`, order]),
  );
  const prices = snapshot.orderLines.flatMap((line) => {
    const order = bought.get(`${line.connection}/${line.body.orderRef}`);
    const price = order === undefined ? null : priceOf(line, order, snapshot.asOf);
    return price === null
      ? []
      : [{ sku: catalogue.resolve(line.connection, line.body.skuCode), price }];
  });
  const bySku = groupBy(prices, (each) => each.sku);
  return new Map(
    [...bySku].flatMap(([sku, group]) => {
      const distinct = new Map(
        group.map(({ price }) => [`${price.amount} ${price.currency}`, price]),
      );
      const [only, ...others] = distinct.values();
      return only !== undefined && others.length === 0 ? [[sku, only] as const] : [];
    }),
  );
}

function priceOf(line: Fact<'orderLine'>, order: Fact<'order'>, asOf: string): Money | null {
  const currency = line.body.currency ?? order.body.currency;
  const inForce = contains({ from: line.body.validFrom ?? asOf, to: line.body.validTo }, asOf);
  return currency === undefined || !inForce ? null : money(line.body.unitPrice, currency);
}
