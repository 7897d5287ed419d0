import type { TenantTx } from '../db/store.ts';
import { ValidationError } from '../kernel/errors.ts';
import { contains, type LocalDate } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import { byAccount, reliablePersons } from '../ledger/identity/identities.ts';
import { buildCatalogue } from '../licensing/catalogue.ts';
import { getFinding, type SavedFinding } from '../licensing/runs.ts';
import { loadSnapshot } from './load-snapshot.ts';

/** A seat in force that one of our own people holds in bought software. */
export interface HeldSeat {
  readonly connection: string;
  readonly seatRef: string;
  readonly factId: string;
  readonly userRef: string;
  /** The login's name at the vendor. */
  readonly userName: string;
  /** The person behind the login; null while nobody is known. */
  readonly personKey: string | null;
  /** Our part number, and the vendor's own spelling of it. */
  readonly product: string;
  readonly skuCode: string;
}

/** Which seats are meant: all that every given member says. */
export interface SeatFilter {
  /** A person's key, employee number or address, or a login's id or name. */
  readonly person?: string | undefined;
  /** Our part number or the vendor's. */
  readonly product?: string | undefined;
  readonly connection?: string | undefined;
  /** Seats that these findings are about. */
  readonly findings?: readonly string[] | undefined;
}

/** A login that a seat could be given to. */
export type Login = Pick<HeldSeat, 'connection' | 'userRef' | 'userName' | 'personKey'> & {
  readonly factId: string;
};

/** The seats of our own people and their logins on a day, as the systems told last. */
export interface SeatWorld {
  readonly seats: readonly HeldSeat[];
  /** The seats that a filter names. Throws ValidationError where it names none, NotFoundError for an unknown finding. */
  select(filter: SeatFilter): Promise<readonly HeldSeat[]>;
  /** The logins of a person on a connection. */
  loginsOf(person: string, connection: string): readonly Login[];
}

type IsOf = (of: Pick<HeldSeat, 'connection' | 'userRef' | 'personKey'>) => boolean;

/** Loads the seats that could be acted on. */
export async function loadSeatWorld(tx: TenantTx, today: LocalDate): Promise<SeatWorld> {
  const { snapshot, identities } = await loadSnapshot(tx, today, await tx.clock());
  const persons = reliablePersons(identities.links);
  const accounts = new Map(
    snapshot.accounts.map((each) => [byAccount(each.connection, each.externalRef), each]),
  );
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, today);
  const personOf = (key: string): string | null => persons.get(key)?.personKey ?? null;
  const held = ({ connection, externalRef, factId, body }: Fact<'seatAssignment'>): HeldSeat => {
    const key = byAccount(connection, body.userAccountRef);
    return {
      connection,
      seatRef: externalRef,
      factId,
      userRef: body.userAccountRef,
      userName: accounts.get(key)?.body.userName ?? body.userAccountRef,
      personKey: personOf(key),
      product: catalogue.resolve(connection, body.skuCode),
      skuCode: body.skuCode,
    };
  };
  const seats = snapshot.seats.filter((seat) => isInForce(seat, today)).map(held);
  const logins = [...accounts].map(([key, { connection, externalRef, factId, body }]): Login => ({
    connection,
    userRef: externalRef,
    userName: body.userName,
    personKey: personOf(key),
    factId,
  }));
  // One system knows a person by the address, another by nothing but the link.
  const isOf = (person: string): IsOf => {
    const named = isNamed(person, accounts);
    const keys = new Set(logins.filter(named).flatMap(({ personKey }) => personKey ?? []));
    return (of) => named(of) || (of.personKey !== null && keys.has(of.personKey));
  };
  return {
    seats,
    loginsOf: (person, connection) =>
      logins.filter(isOf(person)).filter((login) => login.connection === connection),
    select: async ({ person, product, connection, findings }) => {
      if (person === undefined && product === undefined && findings === undefined)
        throw new ValidationError('Say whose seats are meant: a person, a product, or findings.');
      const isPerson = person === undefined ? () => true : isOf(person);
      const isFound = findings === undefined ? () => true : await isAbout(tx, findings);
      return seats.filter(
        (seat) =>
          isPerson(seat) &&
          isFound(seat) &&
          (product === undefined || [seat.product, seat.skuCode].includes(product)) &&
          (connection === undefined || seat.connection === connection),
      );
    },
  };
}

/** True for a login that the text names: by number, address, name or key, whatever the case. */
function isNamed(person: string, accounts: ReadonlyMap<string, Fact<'userAccount'>>): IsOf {
  const wanted = person.trim().toLowerCase();
  return ({ connection, userRef, personKey }) => {
    const body = accounts.get(byAccount(connection, userRef))?.body;
    const names = [
      userRef,
      personKey,
      body?.userName,
      body?.employeeNumber,
      ...(body?.emails ?? []),
    ];
    return names.some((name) => name?.toLowerCase() === wanted);
  };
}

function isInForce({ body }: Fact<'seatAssignment'>, today: LocalDate): boolean {
  const { posture, active, validFrom, validTo } = body;
  return (
    posture === 'licensee' && active && contains({ from: validFrom ?? today, to: validTo }, today)
  );
}

/** A finding about a seat names its login and product, and holds the seat's fact as evidence. */
async function isAbout(tx: TenantTx, ids: readonly string[]): Promise<(seat: HeldSeat) => boolean> {
  const findings: SavedFinding[] = [];
  for (const id of ids) findings.push(await getFinding(tx, id));
  const evidence = new Set(findings.flatMap((finding) => finding.evidence));
  const subjects = new Set(
    findings.flatMap(({ subject, sku }) => (sku === null ? [] : [`${subject.id}\n${sku}`])),
  );
  return ({ factId, userRef, product }) =>
    evidence.has(factId) || subjects.has(`${userRef}\n${product}`);
}
