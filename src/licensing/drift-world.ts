import { contains } from '../kernel/dates.ts';
import { money, type Money } from '../kernel/money.ts';
import type { Fact } from '../ledger/fact.ts';
import { byAccount, reliablePersons, type AccountLink } from '../ledger/identity/identities.ts';
import { personKeyOf } from '../ledger/identity/persons-of-spells.ts';
import { buildCatalogue, type Catalogue } from './catalogue.ts';
import type { HeldSeat } from './daily-use.ts';
import { dealsOf, type Deals } from './deals.ts';
import type { Position } from './figures.ts';
import { OWN, poolsOf, type Pool } from './pools.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource, groupBy } from './sort.ts';

/** A login and the person who has it, with what HR says of that person. */
export interface StaffLogin {
  readonly account: Fact<'userAccount'>;
  readonly link: AccountLink;
  readonly spells: readonly Fact<'employmentSpell'>[];
}

/** A snapshot with the indexes that several detectors share. */
export interface DriftWorld {
  readonly snapshot: Snapshot;
  readonly catalogue: Catalogue;
  /** The person of each login, by connection and id, where the link is reliable. */
  readonly persons: ReadonlyMap<string, AccountLink>;
  /** What HR says of each person, by the person's key. */
  readonly spellsOf: ReadonlyMap<string, readonly Fact<'employmentSpell'>[]>;
  /** Active logins of humans whose person is beyond doubt. */
  readonly staff: readonly StaffLogin[];
  /** Seats of our own people in force on the day reconciled, by the connection and id of the login. */
  readonly seatsOf: ReadonlyMap<string, readonly Fact<'seatAssignment'>[]>;
  readonly deals: Deals;
  /** What one seat of a product that we bought costs; absent where prices differ or none is known. */
  readonly seatPrices: ReadonlyMap<string, Money>;
  /** The lines of the same run, by the id of their pool. */
  readonly lines: ReadonlyMap<string, Position>;
  /** The pools of the snapshot that have a line. */
  readonly pools: readonly Pool[];
  /** Every seat of a pool, ended ones too. */
  seatsEver(pool: Pool): readonly HeldSeat[];
}

export function driftWorld(snapshot: Snapshot, positions: readonly Position[] = []): DriftWorld {
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, snapshot.asOf);
  const persons = reliablePersons(snapshot.links);
  const spellsOf = groupBy(snapshot.spells, (spell) => personKeyOf(spell) ?? '');
  const lines = new Map(positions.map((each) => [each.line.id, each]));
  const held = heldSeats(snapshot, catalogue, persons);
  return {
    snapshot,
    catalogue,
    persons,
    spellsOf,
    staff: staffOf(snapshot, persons, spellsOf),
    seatsOf: groupBy(seatsInForce(snapshot), (seat) =>
      byAccount(seat.connection, seat.body.userAccountRef),
    ),
    deals: dealsOf(snapshot),
    seatPrices: seatPricesOf(snapshot, catalogue),
    lines,
    pools: lines.size === 0 ? [] : poolsOf(snapshot).filter(({ id }) => lines.has(id)),
    seatsEver: (pool) => held.get(ownerText(pool)) ?? [],
  };
}

function ownerText({ posture, ownerRef, skuCode }: Pick<Pool, 'posture' | 'ownerRef' | 'skuCode'>) {
  return JSON.stringify([posture, ownerRef, skuCode]);
}

/** The seats of each pool, those that ended among them. */
function heldSeats(
  { seats }: Snapshot,
  catalogue: Catalogue,
  persons: DriftWorld['persons'],
): ReadonlyMap<string, readonly HeldSeat[]> {
  const held = seats.map(({ connection, body }) => {
    const login = byAccount(connection, body.userAccountRef);
    return {
      key: ownerText({
        posture: body.posture,
        ownerRef: body.posture === 'licensee' ? OWN : (body.customerRef ?? 'unknown'),
        skuCode: catalogue.resolve(connection, body.skuCode),
      }),
      subjectId: persons.get(login)?.personKey ?? login,
      from: body.validFrom,
      to: body.validTo,
    };
  });
  return groupBy(held, ({ key }) => key);
}

function seatsInForce({ seats, asOf }: Snapshot): readonly Fact<'seatAssignment'>[] {
  return seats.filter(
    ({ body }) =>
      body.posture === 'licensee' &&
      body.active &&
      contains({ from: body.validFrom ?? asOf, to: body.validTo }, asOf),
  );
}

function staffOf(
  { accounts }: Snapshot,
  persons: DriftWorld['persons'],
  spellsOf: DriftWorld['spellsOf'],
): readonly StaffLogin[] {
  return accounts.toSorted(bySource).flatMap((account) => {
    if (!account.body.active || account.body.kind !== 'human') return [];
    const link = persons.get(byAccount(account.connection, account.externalRef));
    const spells = link === undefined ? [] : (spellsOf.get(link.personKey) ?? []);
    return link === undefined || spells.length === 0 ? [] : [{ account, link, spells }];
  });
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
