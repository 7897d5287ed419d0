import { moneyOf, type Money } from '../../kernel/money.ts';
import { compareQuantity, subtractQuantity, type Quantity } from '../../kernel/quantity.ts';
import { multiply, parseDecimal } from '../../kernel/rational.ts';
import type { Position } from '../figures.ts';
import { poolsOf, type Pool } from '../pools.ts';
import { rightPrice, type RightPrice } from '../price.ts';
import type { Snapshot } from '../snapshot.ts';
import { compareText } from '../sort.ts';
import { paperSides, sideText, type PaperSides, type Side, type SideKey } from './sides.ts';

/** In which way two sides differ (domain e, three-way match). */
export type DifferenceClass = 'qty' | 'price' | 'term' | 'missing_left' | 'missing_right';

/** What two sides say of the same thing, where they do not agree. */
export interface Difference {
  readonly left: 'contract' | 'order' | 'owned' | 'seats';
  readonly right: 'order' | 'invoice' | 'seats' | 'used';
  readonly class: DifferenceClass;
  /** Right less left, in rights; null where it is no question of quantity. */
  readonly quantity: Quantity | null;
  /** What the quantity costs; null where nobody states one price. */
  readonly money: Money | null;
  readonly cause: Cause;
  /** Who can settle it. */
  readonly owner: 'sales' | 'finance' | 'customer' | 'it';
}

/** The likeliest reason of a difference. */
export type Cause =
  | 'not_ordered'
  | 'ordered_without_contract'
  | 'ordered_otherwise'
  | 'not_billed'
  | 'billed_too_much'
  | 'rights_not_assigned'
  | 'more_assigned_than_owned'
  | 'seats_not_used'
  | 'used_without_seat';

/** One part number of one owner as the four sides see it. A figure is null where no source of its kind speaks. */
export interface VarianceRow extends SideKey {
  readonly ownerName: string | null;
  readonly contract: Quantity | null;
  readonly order: Quantity | null;
  readonly invoice: Quantity | null;
  readonly owned: Quantity | null;
  readonly seats: Quantity | null;
  readonly used: Quantity | null;
  readonly differences: readonly Difference[];
  /** The facts of the papers; those of rights and demand are shown by the line's explanation. */
  readonly evidence: readonly string[];
}

interface Demand {
  readonly seats: Quantity | null;
  readonly used: Quantity | null;
}

/**
 * Lays contract, order and invoice, rights, seats and telemetry side by side, for every owner and part number that one of
 * them names, and names each difference with its class, likely cause, owner and money. Nothing is netted between rows.
 * Sorted by posture, owner and part number.
 */
export function varianceOf(
  snapshot: Snapshot,
  positions: readonly Position[],
): readonly VarianceRow[] {
  const papers = paperSides(snapshot);
  const pools = poolsOf(snapshot);
  const lines = new Map(positions.map((each) => [each.line.id, each]));
  const demand = demandOf(pools);
  const names = new Map(
    snapshot.organizations.map((each) => [each.externalRef, each.body.legalName]),
  );
  const byKey = new Map(pools.map((pool) => [sideText(pool), pool]));
  const keys = new Set([
    ...byKey.keys(),
    ...[papers.contract, papers.order, papers.invoice].flatMap((side) => [
      ...(side.licensor?.keys() ?? []),
      ...(side.licensee?.keys() ?? []),
    ]),
  ]);
  return [...keys].toSorted(compareText).map((text) => {
    const [posture, ownerRef, skuCode]: [SideKey['posture'], string, string] = JSON.parse(text);
    const pool = byKey.get(text);
    const key = { posture, ownerRef, skuCode };
    return rowOf(key, {
      papers,
      ownerName: names.get(ownerRef) ?? null,
      pool,
      position: pool === undefined ? undefined : lines.get(pool.id),
      demand: demand(key, pool),
    });
  });
}

/** Persons with a seat, and persons seen in use, where any source tells of the part number's seats or use. */
function demandOf(pools: readonly Pool[]): (key: SideKey, pool: Pool | undefined) => Demand {
  const isSeat = ({ record }: Pool['claims'][number]): boolean => record.noun === 'seatAssignment';
  const isUse = ({ record }: Pool['claims'][number]): boolean =>
    record.noun === 'usageObservation' &&
    record.body.kind !== 'assigned' &&
    record.body.kind !== 'installed';
  const told = (wanted: typeof isSeat): ReadonlySet<string> =>
    new Set(
      pools
        .filter(({ claims }) => claims.some(wanted))
        .map(({ posture, skuCode }) => JSON.stringify([posture, skuCode])),
    );
  const [seatsTold, useTold] = [told(isSeat), told(isUse)];
  return ({ posture, skuCode }, pool) => {
    const product = JSON.stringify([posture, skuCode]);
    const count = (wanted: typeof isSeat): Quantity =>
      String(new Set(pool?.claims.filter(wanted).map(({ subjectId }) => subjectId)).size);
    return {
      seats: seatsTold.has(product) ? count(isSeat) : null,
      used: useTold.has(product) ? count(isUse) : null,
    };
  };
}

interface RowParts {
  readonly papers: PaperSides;
  readonly ownerName: string | null;
  readonly pool: Pool | undefined;
  readonly position: Position | undefined;
  readonly demand: Demand;
}

const NOTHING: Side = { quantity: '0', prices: [], terms: [], evidence: [] };

function rowOf(key: SideKey, { papers, ownerName, pool, position, demand }: RowParts): VarianceRow {
  const of = (side: PaperSides['order']): Side | null => {
    const all = side[key.posture];
    return all === null ? null : (all.get(sideText(key)) ?? NOTHING);
  };
  const [contract, order, invoice] = [of(papers.contract), of(papers.order), of(papers.invoice)];
  const owned = position === undefined ? '0' : position.line.rightsOwned;
  const price = pricePerRight(pool);
  return {
    ...key,
    ownerName,
    contract: contract?.quantity ?? null,
    order: order?.quantity ?? null,
    invoice: invoice?.quantity ?? null,
    owned,
    ...demand,
    differences: [
      ...paperDifferences(contract, order, price),
      ...billingDifferences(order, invoice, price),
      ...demandDifferences(key.posture, { owned, ...demand }, price),
    ],
    evidence: [contract, order, invoice].flatMap((side) => side?.evidence ?? []),
  };
}

type Price = RightPrice | null;

/** What one right costs on average; null where its rights have no one price. */
function pricePerRight(pool: Pool | undefined): Price {
  const found = rightPrice(pool?.entitlements ?? [], pool?.entry?.rightsPerPack ?? 1);
  return found.kind === 'priced' ? found.price : null;
}

function worth(quantity: Quantity, price: Price): Money | null {
  if (price === null) return null;
  const value = multiply(parseDecimal(quantity.replace('-', '')), price.value);
  return moneyOf(value, price.currency);
}

function isZero(quantity: Quantity): boolean {
  return compareQuantity(quantity, '0') === 0;
}

function paperDifferences(contract: Side | null, order: Side | null, price: Price): Difference[] {
  if (contract === null || order === null) return [];
  const base = { left: 'contract', right: 'order' } as const;
  const gap = subtractQuantity(order.quantity, contract.quantity);
  const quantity = { quantity: gap, money: worth(gap, price) };
  if (!isZero(gap) && isZero(contract.quantity))
    return [{ ...base, ...quantity, class: 'missing_left', cause: 'ordered_without_contract', owner: 'sales' }]; // prettier-ignore
  if (!isZero(gap) && isZero(order.quantity))
    return [{ ...base, ...quantity, class: 'missing_right', cause: 'not_ordered', owner: 'finance' }]; // prettier-ignore
  const otherwise = { ...base, cause: 'ordered_otherwise', owner: 'finance' } as const;
  const differ = (left: readonly string[], right: readonly string[]): boolean =>
    left.length > 0 && right.length > 0 && left.join() !== right.join();
  return [
    ...(isZero(gap) ? [] : [{ ...otherwise, ...quantity, class: 'qty' as const }]),
    ...(differ(contract.prices, order.prices)
      ? [{ ...otherwise, class: 'price' as const, quantity: null, money: null }]
      : []),
    ...(differ(contract.terms, order.terms)
      ? [{ ...otherwise, class: 'term' as const, quantity: null, money: null }]
      : []),
  ];
}

function billingDifferences(order: Side | null, invoice: Side | null, price: Price): Difference[] {
  if (order === null || invoice === null) return [];
  const gap = subtractQuantity(invoice.quantity, order.quantity);
  if (isZero(gap)) return [];
  const isShort = gap.startsWith('-');
  return [
    {
      left: 'order',
      right: 'invoice',
      class: isZero(invoice.quantity) ? 'missing_right' : 'qty',
      quantity: gap,
      money: worth(gap, price),
      cause: isShort ? 'not_billed' : 'billed_too_much',
      owner: 'finance',
    },
  ];
}

function demandDifferences(
  posture: SideKey['posture'],
  figures: Pick<VarianceRow, 'owned' | 'seats' | 'used'>,
  price: Price,
): Difference[] {
  const { owned, seats, used } = figures;
  const owner = posture === 'licensee' ? 'it' : 'customer';
  const found: Difference[] = [];
  if (owned !== null && seats !== null && compareQuantity(owned, seats) !== 0) {
    const gap = subtractQuantity(seats, owned);
    found.push({
      left: 'owned',
      right: 'seats',
      class: isZero(owned) ? 'missing_left' : isZero(seats) ? 'missing_right' : 'qty',
      quantity: gap,
      money: worth(gap, price),
      cause: gap.startsWith('-') ? 'rights_not_assigned' : 'more_assigned_than_owned',
      owner,
    });
  }
  if (seats !== null && used !== null && compareQuantity(seats, used) !== 0) {
    const gap = subtractQuantity(used, seats);
    found.push({
      left: 'seats',
      right: 'used',
      class: isZero(seats) ? 'missing_left' : isZero(used) ? 'missing_right' : 'qty',
      quantity: gap,
      money: worth(gap, price),
      cause: gap.startsWith('-') ? 'seats_not_used' : 'used_without_seat',
      owner,
    });
  }
  return found;
}
