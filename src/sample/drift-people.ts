import { addDays } from '../kernel/dates.ts';
import type { PlantedDrift } from '../sdk/define-twin.ts';
import { officeInstant, TODAY } from './instants.ts';
import { seatsFor, type Identity, type Login } from './logins.ts';
import type { AddressBook } from './people.ts';
import type { Prng } from './prng.ts';
import type { VendorIds } from './vendor-ids.ts';
import { FAMILY_NAMES, GIVEN_NAMES } from './words.ts';

/** Logins that should not be, with the list of what is wrong with them. */
export interface PlantedLogins {
  readonly logins: readonly Login[];
  readonly planted: readonly PlantedDrift[];
}

/** The seats of people who are gone: one case a seat. */
export function orphanedSeats(identities: readonly Identity[]): PlantedDrift[] {
  return identities
    .filter(({ person }) => person.fate === 'orphan')
    .flatMap(({ person, login }) =>
      login.seats.map((sku) => ({
        kind: 'orphaned_seat',
        subject: { type: 'UserAccount', id: login.id },
        sku,
        note: `${person.employeeNumber} left on ${person.spells.at(-1)?.endsOn ?? ''}, and ${login.userName} still holds the seat.`,
        since: addDays(person.spells.at(-1)?.endsOn ?? TODAY, 2),
      })),
    );
}

interface SecondSelf {
  readonly employeeNumber: string | null;
  readonly emails: readonly string[];
  readonly why: string;
}

/** How the second login can be known for the same person's: by number, by the work address, by the alias. */
function secondSelf(book: AddressBook, { person, login }: Identity, at: number): SecondSelf {
  const own = book.take(`adm.${person.givenName}.${person.familyName}`.toLowerCase());
  if (at % 3 === 1)
    return {
      employeeNumber: null,
      emails: [person.workEmail],
      why: `the address ${person.workEmail}`,
    };
  if (at % 3 === 2 && person.alias !== null) {
    return { employeeNumber: null, emails: [person.alias], why: `the alias ${person.alias}` };
  }
  return {
    employeeNumber: login.employeeNumber,
    emails: [own],
    why: `the employee number ${person.employeeNumber}`,
  };
}

/** People with a place to be doubled: here for long, with a number in the directory, every third with an alias. */
function hosts(prng: Prng, identities: readonly Identity[], count: number): Identity[] {
  const steady = prng
    .shuffle(identities)
    .filter(
      ({ person, login }) =>
        person.fate === 'stays' &&
        login.employeeNumber !== null &&
        login.createdAt < addDays(TODAY, -400),
    );
  const withAlias = steady.filter(({ person }) => person.alias !== null);
  const plain = steady.filter(({ person }) => person.alias === null);
  const picked = Array.from({ length: count }, (_, at) => (at % 3 === 2 ? withAlias : plain).pop());
  return picked.filter((each) => each !== undefined);
}

/** Gives `count` people a second active login, made later than the first. */
export function plantDuplicates(
  prng: Prng,
  ids: VendorIds,
  book: AddressBook,
  identities: readonly Identity[],
  count: number,
): PlantedLogins {
  const cases = hosts(prng, identities, count).map((host, at) => {
    const { employeeNumber, emails, why } = secondSelf(book, host, at);
    const createdAt = officeInstant(prng, addDays(TODAY, -prng.int(5, 300)));
    const login: Login = {
      ...host.login,
      id: ids.uuid(createdAt),
      userName: `${host.login.userName.split('@')[0] ?? ''}.${prng.pick(['adm', 'test', 'jp', 'old'])}@${prng.pick(['meridian.example', 'legacy.meridian.example'])}`,
      employeeNumber,
      emails,
      seats: prng.chance(0.5) ? ['BRD-PLUS'] : [],
      createdAt,
      modifiedAt: createdAt,
    };
    const planted = {
      kind: 'duplicate_identity',
      subject: { type: 'UserAccount', id: login.id },
      sku: null,
      note: `${login.userName} is a second login of ${host.login.userName}, known by ${why}.`,
      since: createdAt.slice(0, 10),
    };
    return { login, planted };
  });
  return { logins: cases.map(({ login }) => login), planted: cases.map(({ planted }) => planted) };
}

/** Adds `count` active logins of people whom neither HR nor any other login knows. */
export function plantStrangers(
  prng: Prng,
  ids: VendorIds,
  book: AddressBook,
  count: number,
): PlantedLogins {
  const logins = Array.from({ length: count }, (): Login => {
    const givenName = prng.pick(GIVEN_NAMES);
    const familyName = prng.pick(FAMILY_NAMES);
    const createdAt = officeInstant(prng, addDays(TODAY, -prng.int(10, 900)));
    const address = book.take(`${givenName}.${familyName}`.toLowerCase(), 'partner-mail.example');
    return {
      id: ids.uuid(createdAt),
      userName: address,
      givenName,
      familyName,
      emails: [address],
      active: true,
      userType: prng.pick(['Employee', 'Contractor']),
      employeeNumber: null,
      department: null,
      costCenter: null,
      seats: prng.chance(0.6) ? seatsFor(prng, 'Marketing') : [],
      createdAt,
      modifiedAt: createdAt,
    };
  });
  const planted = logins.map((login) => ({
    kind: 'unlinked_account',
    subject: { type: 'UserAccount', id: login.id },
    sku: null,
    note: `${login.userName} has no employee number, and nobody has its address.`,
    since: login.createdAt.slice(0, 10),
  }));
  return { logins, planted };
}
