import { contains } from '../../kernel/dates.ts';
import {
  scaleQuantity,
  subtractQuantity,
  sumQuantities,
  type Quantity,
} from '../../kernel/quantity.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import { buildCatalogue, type Catalogue } from '../catalogue.ts';
import { OWN } from '../pools.ts';
import type { Snapshot } from '../snapshot.ts';
import { bySource, groupBy } from '../sort.ts';

/** What one system says of one part number of one owner, in rights. */
export interface Side {
  readonly quantity: Quantity;
  /** The different prices a pack that it states, with their currency. */
  readonly prices: readonly string[];
  /** The different terms that it states, as `from/to`. */
  readonly terms: readonly string[];
  readonly evidence: readonly string[];
}

/** Whose rights, of what. */
export interface SideKey {
  readonly posture: 'licensor' | 'licensee';
  readonly ownerRef: string;
  readonly skuCode: string;
}

/** One kind of source; null where it tells of nothing at all on that side of the business. */
export type Sides = Readonly<Record<SideKey['posture'], ReadonlyMap<string, Side> | null>>;

export interface PaperSides {
  /** What was sold or bought by contract: the CRM's contracts and won deals, our own paper contracts. */
  readonly contract: Sides;
  /** What was ordered: sales orders of the ERP, our purchase orders. */
  readonly order: Sides;
  /** What was billed of those orders, less what was credited. */
  readonly invoice: Sides;
}

export function sideText({ posture, ownerRef, skuCode }: SideKey): string {
  return JSON.stringify([posture, ownerRef, skuCode]);
}

interface Said extends SideKey {
  readonly quantity: Quantity;
  readonly price: string | null;
  readonly term: string | null;
  readonly evidence: readonly string[];
}

/** The papers of a snapshot on its day, in rights, per owner and part number. */
export function paperSides(snapshot: Snapshot): PaperSides {
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, snapshot.asOf);
  const customerOf = customerFinder(snapshot);
  const orders = new Map(
    snapshot.orders.map((each) => [byAccount(each.connection, each.externalRef), each]),
  );
  const lines = snapshot.orderLines.toSorted(bySource).flatMap((line) => {
    const order = orders.get(byAccount(line.connection, line.body.orderRef));
    return order === undefined ? [] : [{ line, order }];
  });
  const inForce = lines.filter(({ line, order }) => isInForce(line, order, snapshot.asOf));
  const kinds = new Set(snapshot.orders.map(({ body }) => `${body.posture} ${body.kind}`));
  const said = (wanted: readonly string[]): readonly Said[] =>
    inForce
      .filter(({ order }) => wanted.includes(order.body.kind))
      .map(({ line, order }) => saidBy(line, order, catalogue, customerOf(order)));
  const deals = wonLines(snapshot, catalogue);
  const contracts = [...said(['crm', 'opening_balance']), ...deals];
  const ordered = said(['sales', 'purchase']);
  const billed = billedOf(snapshot, inForce, catalogue, customerOf);
  const crmSpeaks = kinds.has('licensor crm') || snapshot.opportunities.length > 0;
  return {
    contract: sides(contracts, {
      licensor: crmSpeaks,
      licensee: kinds.has('licensee opening_balance'),
    }),
    order: sides(ordered, {
      licensor: kinds.has('licensor sales'),
      licensee: kinds.has('licensee purchase'),
    }),
    invoice: sides(billed, {
      licensor: snapshot.invoices.some(({ body }) => body.kind !== 'vendor_bill'),
      licensee: snapshot.invoices.some(({ body }) => body.kind === 'vendor_bill'),
    }),
  };
}

function isInForce(line: Fact<'orderLine'>, order: Fact<'order'>, asOf: string): boolean {
  const { status } = order.body;
  const stands = status !== 'draft' && status !== 'cancelled' && !line.body.closed;
  const { validFrom, validTo } = line.body;
  return stands && contains({ from: validFrom ?? order.body.orderDate, to: validTo }, asOf);
}

/** The CRM account of who ordered; the ERP's own customer where none is linked. */
function customerFinder(snapshot: Snapshot): (order: Fact<'order'>) => string {
  const accounts = new Map(
    snapshot.organizationLinks.map((link) => [
      byAccount(link.customerConnection, link.customerRef),
      link.accountRef,
    ]),
  );
  return ({ connection, body }) => {
    if (body.posture === 'licensee') return OWN;
    const customer = body.accountRef ?? 'unknown';
    return accounts.get(byAccount(connection, customer)) ?? customer;
  };
}

function saidBy(
  line: Fact<'orderLine'>,
  order: Fact<'order'>,
  catalogue: Catalogue,
  ownerRef: string,
): Said {
  const skuCode = catalogue.resolve(line.connection, line.body.skuCode);
  const { quantity, unitPrice, validFrom, validTo } = line.body;
  const currency = line.body.currency ?? order.body.currency;
  return {
    posture: order.body.posture,
    ownerRef,
    skuCode,
    quantity: scaleQuantity(quantity, catalogue.entry(skuCode)?.rightsPerPack ?? 1),
    price: currency === undefined ? null : `${unitPrice} ${currency}`,
    term: validFrom === undefined ? null : `${validFrom}/${validTo ?? ''}`,
    evidence: [line.factId, order.factId],
  };
}

/** Lines in force of won deals that no order of the CRM stands for. */
function wonLines(snapshot: Snapshot, catalogue: Catalogue): readonly Said[] {
  const standing = new Set(
    snapshot.orders
      .filter(({ body }) => body.kind === 'crm' && body.status !== 'cancelled')
      .flatMap(({ connection, body }) =>
        body.opportunityRef === undefined ? [] : [byAccount(connection, body.opportunityRef)],
      ),
  );
  const won = new Map(
    snapshot.opportunities
      .filter(({ body }) => body.isWon && body.isClosed)
      .map((each) => [byAccount(each.connection, each.externalRef), each] as const)
      .filter(([key]) => !standing.has(key)),
  );
  return snapshot.opportunityLines.toSorted(bySource).flatMap((line): Said[] => {
    const deal = won.get(byAccount(line.connection, line.body.opportunityRef));
    const { validFrom, validTo, unitPrice } = line.body;
    if (deal === undefined) return [];
    const from = validFrom ?? deal.body.closeDate;
    if (!contains({ from, to: validTo }, snapshot.asOf)) return [];
    const skuCode = catalogue.resolve(line.connection, line.body.skuCode);
    const currency = line.body.currency ?? deal.body.currency;
    return [
      {
        posture: 'licensor',
        ownerRef: deal.body.accountRef ?? 'unknown',
        skuCode,
        quantity: scaleQuantity(line.body.quantity, catalogue.entry(skuCode)?.rightsPerPack ?? 1),
        price: currency === undefined ? null : `${unitPrice} ${currency}`,
        term: validFrom === undefined ? null : `${validFrom}/${validTo ?? ''}`,
        evidence: [line.factId, deal.factId],
      },
    ];
  });
}

/** What was billed and credited of the orders in force, for the part numbers that they order. */
function billedOf(
  snapshot: Snapshot,
  inForce: readonly { readonly line: Fact<'orderLine'>; readonly order: Fact<'order'> }[],
  catalogue: Catalogue,
  customerOf: (order: Fact<'order'>) => string,
): readonly Said[] {
  const ordered = new Map(
    inForce.map(({ line, order }) => [
      JSON.stringify([
        byAccount(order.connection, order.externalRef),
        catalogue.resolve(line.connection, line.body.skuCode),
      ]),
      order,
    ]),
  );
  const invoices = new Map(
    snapshot.invoices.map((each) => [byAccount(each.connection, each.externalRef), each]),
  );
  return snapshot.invoiceLines.toSorted(bySource).flatMap((line): Said[] => {
    const invoice = invoices.get(byAccount(line.connection, line.body.invoiceRef));
    if (invoice === undefined) return [];
    const isCredit = invoice.body.kind === 'credit';
    const credited = invoices.get(byAccount(line.connection, invoice.body.creditOf ?? ''));
    const orderRef = invoice.body.orderRef ?? credited?.body.orderRef ?? '';
    const skuCode = catalogue.resolve(line.connection, line.body.skuCode);
    const order = ordered.get(JSON.stringify([byAccount(line.connection, orderRef), skuCode]));
    if (order === undefined) return [];
    const rights = scaleQuantity(line.body.quantity, catalogue.entry(skuCode)?.rightsPerPack ?? 1);
    const currency = line.body.currency ?? invoice.body.currency;
    return [
      {
        posture: order.body.posture,
        ownerRef: customerOf(order),
        skuCode,
        quantity: isCredit ? subtractQuantity('0', rights.replace('-', '')) : rights,
        price: currency === undefined || isCredit ? null : `${line.body.unitPrice} ${currency}`,
        term: null,
        evidence: [line.factId, invoice.factId],
      },
    ];
  });
}

function sides(
  said: readonly Said[],
  speaks: Readonly<Record<SideKey['posture'], boolean>>,
): Sides {
  const of = (posture: SideKey['posture']): ReadonlyMap<string, Side> | null => {
    if (!speaks[posture]) return null;
    const groups = groupBy(
      said.filter((each) => each.posture === posture),
      sideText,
    );
    return new Map([...groups].map(([key, group]) => [key, sideOf(group)]));
  };
  return { licensor: of('licensor'), licensee: of('licensee') };
}

function sideOf(group: readonly Said[]): Side {
  const distinct = (values: readonly (string | null)[]): readonly string[] =>
    [...new Set(values.filter((each) => each !== null))].toSorted();
  return {
    quantity: sumQuantities(group.map(({ quantity }) => quantity)),
    prices: distinct(group.map(({ price }) => price)),
    terms: distinct(group.map(({ term }) => term)),
    evidence: group.flatMap(({ evidence }) => evidence),
  };
}
