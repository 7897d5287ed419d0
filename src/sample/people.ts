import { addDays, type LocalDate } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { TODAY } from './instants.ts';
import type { Prng } from './prng.ts';
import { DEPARTMENTS } from './saas-products.ts';
import { FAMILY_NAMES, GIVEN_NAMES, JOB_ROLES } from './words.ts';

/** A time with the company, or in one department of it; `endsOn` is the last day, null while it lasts. */
export interface Spell {
  readonly startsOn: LocalDate;
  readonly endsOn: LocalDate | null;
  readonly department: string;
  readonly costCenter: string;
  readonly jobRole: string;
}

/** What became of somebody. Only `orphan` is a fault: gone for two days or more, and the login still holds seats. */
export type Fate =
  | 'stays' | 'moved' | 'rehired' | 'joined' | 'leaves_soon' | 'left_yesterday' | 'left' | 'purged' | 'joins_soon' | 'orphan'; // prettier-ignore

export interface Person {
  readonly employeeNumber: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly workEmail: string;
  /** A second address that the directory knows and HR does not. */
  readonly alias: string | null;
  readonly type: 'employee' | 'contractor' | 'temp';
  readonly fate: Fate;
  readonly spells: readonly Spell[];
}

export const MAIL_DOMAIN = 'meridian.example';

/** Addresses that nobody else has: a number is added to a name that is taken. */
export interface AddressBook {
  take(wanted: string, domain?: string): string;
}

export function createAddressBook(): AddressBook {
  const taken = new Map<string, number>();
  return {
    take: (wanted, domain = MAIL_DOMAIN) => {
      const key = `${wanted}@${domain}`;
      const count = (taken.get(key) ?? 0) + 1;
      taken.set(key, count);
      return count === 1 ? key : `${wanted}.${count}@${domain}`;
    },
  };
}

function spell(
  prng: Prng,
  startsOn: LocalDate,
  endsOn: LocalDate | null,
  department: string,
): Spell {
  const costCenter = `CC-${100 + 10 * DEPARTMENTS.indexOf(department)}`;
  return { startsOn, endsOn, department, costCenter, jobRole: prng.pick(JOB_ROLES) };
}

/** The last day of somebody whose seats were not taken back: at least two days ago, the first case exactly two. */
export function orphanEnd(prng: Prng, at: number): LocalDate {
  return addDays(TODAY, at === 0 ? -2 : -prng.int(3, 120));
}

function spellsOf(prng: Prng, fate: Fate, at: number): Spell[] {
  const department = prng.pick(DEPARTMENTS);
  const start = addDays('2017-01-09', prng.int(0, 2900));
  const one = (from: LocalDate, to: LocalDate | null): Spell[] => [
    spell(prng, from, to, department),
  ];
  switch (fate) {
    case 'stays':
      return one(start, null);
    case 'moved': {
      const movedOn = addDays(TODAY, -prng.int(10, 400));
      const other = prng.pick(DEPARTMENTS.filter((each) => each !== department));
      return [
        spell(prng, start, addDays(movedOn, -1), department),
        spell(prng, movedOn, null, other),
      ];
    }
    case 'rehired': {
      const leftOn = addDays(start, prng.int(30, 120));
      return [
        spell(prng, start, leftOn, department),
        spell(prng, addDays(leftOn, prng.int(60, 160)), null, department),
      ];
    }
    case 'joined':
      return one(addDays(TODAY, -prng.int(1, 60)), null);
    case 'joins_soon':
      return one(addDays(TODAY, prng.int(5, 60)), null);
    case 'leaves_soon':
      return one(start, addDays(TODAY, prng.int(0, 30)));
    case 'left_yesterday':
      return one(start, addDays(TODAY, -1));
    case 'left':
    case 'purged':
      return one(start, addDays(TODAY, -prng.int(3, 60)));
    case 'orphan':
      return one(start, orphanEnd(prng, at));
  }
}

/** How many people meet each fate; everybody else stays. */
export interface Fates {
  readonly total: number;
  readonly orphan: number;
}

function fatesOf(prng: Prng, fates: Fates): Fate[] {
  const share = (perMille: number): number =>
    Math.max(3, Math.round((fates.total * perMille) / 1000));
  const counts: readonly (readonly [Fate, number])[] = [
    ['moved', share(40)],
    ['rehired', share(6)],
    ['joined', share(20)],
    ['leaves_soon', 5],
    ['left_yesterday', 3],
    ['left', share(75)],
  ];
  const marked = counts.flatMap(([fate, count]) => Array.from({ length: count }, () => fate));
  const orphans = Array.from({ length: fates.orphan }, (): Fate => 'orphan');
  const rest = Array.from(
    { length: Math.max(0, fates.total - marked.length - orphans.length) },
    (): Fate => 'stays',
  );
  const outside = [
    ...Array.from({ length: share(20) }, (): Fate => 'purged'),
    ...Array.from({ length: share(5) }, (): Fate => 'joins_soon'),
  ];
  return [...prng.shuffle([...marked, ...orphans, ...rest]), ...outside];
}

/** `total` people with a login, and those whom HR knows but the directory no longer, or not yet. */
export function createPeople(prng: Prng, book: AddressBook, fates: Fates): Person[] {
  let orphans = 0;
  return fatesOf(prng, fates).map((fate, at) => {
    const givenName = prng.pick(GIVEN_NAMES);
    const familyName = prng.pick(FAMILY_NAMES);
    const handle = `${givenName}.${familyName}`.toLowerCase();
    const type = prng.chance(0.07) ? 'contractor' : prng.chance(0.02) ? 'temp' : 'employee';
    const spells = spellsOf(prng, fate, orphans);
    if (fate === 'orphan') orphans += 1;
    return {
      employeeNumber: `${type === 'employee' ? 'E' : 'X'}${10_000 + at}`,
      givenName,
      familyName,
      workEmail: book.take(handle),
      alias: prng.chance(0.1)
        ? book.take(
            `${givenName.charAt(0)}${familyName}`.toLowerCase(),
            'meridian-software.example',
          )
        : null,
      type,
      fate,
      spells,
    };
  });
}

/** Rows of employment.csv: one a spell. */
export function employmentRows(people: readonly Person[]): JsonObject[] {
  return people.flatMap((person) =>
    person.spells.map((each) => ({
      employee_number: person.employeeNumber,
      display_name: `${person.givenName} ${person.familyName}`,
      work_email: person.workEmail,
      start_date: each.startsOn,
      end_date: each.endsOn ?? '',
      type: person.type,
      department: each.department,
      cost_center: each.costCenter,
      job_role: each.jobRole,
    })),
  );
}
