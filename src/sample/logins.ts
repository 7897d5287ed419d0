import { addDays } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { notAfterYesterday, officeInstant, TODAY, type InstantText } from './instants.ts';
import type { Person, Spell } from './people.ts';
import type { Prng } from './prng.ts';
import { SAAS_PRODUCTS, type SaasProduct } from './saas-products.ts';
import type { VendorIds } from './vendor-ids.ts';

/** A user of the directory. */
export interface Login {
  readonly id: string;
  readonly userName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly emails: readonly string[];
  readonly active: boolean;
  readonly userType: 'Employee' | 'Contractor' | 'Service';
  readonly employeeNumber: string | null;
  readonly department: string | null;
  readonly costCenter: string | null;
  /** The seats that the login holds, by SKU. */
  readonly seats: readonly string[];
  readonly createdAt: InstantText;
  readonly modifiedAt: InstantText;
}

/** The employee number as it was typed into the directory: now and then in small letters, or with a space behind it. */
function asTyped(prng: Prng, employeeNumber: string): string {
  if (prng.chance(0.005)) return employeeNumber.toLowerCase();
  return prng.chance(0.005) ? `${employeeNumber} ` : employeeNumber;
}

function holds(prng: Prng, product: SaasProduct, department: string): boolean {
  return prng.chance(product.departments.includes(department) ? 0.9 : product.everyoneShare / 100);
}

/** The seats that somebody of a department holds. */
export function seatsFor(prng: Prng, department: string): string[] {
  return SAAS_PRODUCTS.filter((product) => holds(prng, product, department)).map(({ sku }) => sku);
}

/** Seats of those who should have none any more: at least one each, `rows` of them in all. */
function leftoverSeats(prng: Prng, orphans: number, rows: number): string[][] {
  const sizes = Array.from({ length: orphans }, () => 1);
  for (let left = rows - orphans; left > 0; left -= 1) {
    const at = prng.int(0, orphans - 1);
    sizes[at] = (sizes[at] ?? 0) + 1;
  }
  return sizes.map((size) => prng.sample(SAAS_PRODUCTS, size).map(({ sku }) => sku));
}

/** When the login was last touched: a leaver's on the day after the last one, a mover's on the day of the move. */
function modifiedOn(prng: Prng, person: Person, last: Spell): string {
  if (person.fate === 'left' && last.endsOn !== null) return addDays(last.endsOn, 1);
  if (person.fate === 'moved') return last.startsOn;
  return addDays(TODAY, -prng.int(1, 600));
}

function loginOf(prng: Prng, ids: VendorIds, person: Person, leftovers: string[][]): Login[] {
  const [first] = person.spells;
  const last = person.spells.at(-1);
  if (first === undefined || last === undefined) return [];
  const createdAt = officeInstant(
    prng,
    notAfterYesterday(addDays(first.startsOn, -prng.int(1, 10))),
  );
  const touched = officeInstant(prng, notAfterYesterday(modifiedOn(prng, person, last)));
  const active = person.fate !== 'left';
  const ordinary = active ? seatsFor(prng, last.department) : [];
  // Some contractors come without a number in the directory; their address tells who they are.
  const numbered = person.type !== 'contractor' || prng.chance(0.6);
  return [
    {
      id: ids.uuid(createdAt),
      userName: person.workEmail,
      givenName: person.givenName,
      familyName: person.familyName,
      emails: person.alias === null ? [person.workEmail] : [person.workEmail, person.alias],
      active,
      userType: person.type === 'employee' ? 'Employee' : 'Contractor',
      employeeNumber: numbered ? asTyped(prng, person.employeeNumber) : null,
      department: last.department,
      costCenter: last.costCenter,
      seats: person.fate === 'orphan' ? (leftovers.pop() ?? []) : ordinary,
      createdAt,
      modifiedAt: touched > createdAt ? touched : createdAt,
    },
  ];
}

/** A person and the login that the person signs in with. */
export interface Identity {
  readonly person: Person;
  readonly login: Login;
}

/** The directory's logins of people. `orphanRows` is the number of seats left with those who are gone. */
export function createIdentities(
  prng: Prng,
  ids: VendorIds,
  people: readonly Person[],
  orphanRows: number,
): Identity[] {
  const orphans = people.filter((person) => person.fate === 'orphan').length;
  const leftovers = leftoverSeats(prng, orphans, orphanRows);
  return people
    .filter((person) => person.fate !== 'purged' && person.fate !== 'joins_soon')
    .flatMap((person) => loginOf(prng, ids, person, leftovers).map((login) => ({ person, login })));
}

/** Logins of programs: active, with a seat at times, and nobody's. */
export function createServiceLogins(prng: Prng, ids: VendorIds, count: number): Login[] {
  return Array.from({ length: count }, (_, at) => {
    const createdAt = officeInstant(prng, addDays(TODAY, -prng.int(100, 1500)));
    const name = `svc-${prng.pick(['backup', 'deploy', 'billing', 'sync', 'monitor'])}-${at + 1}`;
    return {
      id: ids.uuid(createdAt),
      userName: `${name}@meridian.example`,
      givenName: 'Service',
      familyName: name,
      emails: [`${name}@meridian.example`],
      active: true,
      userType: 'Service',
      employeeNumber: null,
      department: null,
      costCenter: null,
      seats: prng.chance(0.3) ? ['NM-WORKSPACE'] : [],
      createdAt,
      modifiedAt: createdAt,
    };
  });
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function enterprisePart(login: Login, manager: Login | undefined): JsonObject {
  return {
    ...(login.employeeNumber === null ? {} : { employeeNumber: login.employeeNumber }),
    ...(login.costCenter === null ? {} : { costCenter: login.costCenter }),
    organization: 'Meridian Software',
    ...(login.department === null ? {} : { department: login.department }),
    ...(manager === undefined || manager.id === login.id
      ? {}
      : {
          manager: { value: manager.id, displayName: `${manager.givenName} ${manager.familyName}` },
        }),
  };
}

/** The first active login of each department leads it. */
export function managersOf(logins: readonly Login[]): Map<string, Login> {
  const managers = new Map<string, Login>();
  for (const login of logins) {
    const { department } = login;
    if (department !== null && login.active && !managers.has(department))
      managers.set(department, login);
  }
  return managers;
}

/** User resources of the SCIM world. */
export function userRecords(logins: readonly Login[]): JsonObject[] {
  const managers = managersOf(logins);
  const nameOf = new Map(SAAS_PRODUCTS.map((product) => [product.sku, product.name]));
  return logins.map((login) => ({
    schemas: [USER, ENTERPRISE],
    id: login.id,
    userName: login.userName,
    name: { givenName: login.givenName, familyName: login.familyName },
    displayName: `${login.givenName} ${login.familyName}`,
    emails: login.emails.map((value, at) => ({
      value,
      type: at === 0 ? 'work' : 'other',
      primary: at === 0,
    })),
    active: login.active,
    userType: login.userType,
    entitlements: login.seats.map((sku) => ({
      value: sku,
      type: 'license',
      display: nameOf.get(sku) ?? sku,
    })),
    [ENTERPRISE]: enterprisePart(
      login,
      login.department === null ? undefined : managers.get(login.department),
    ),
    meta: { resourceType: 'User', created: login.createdAt, lastModified: login.modifiedAt },
  }));
}
