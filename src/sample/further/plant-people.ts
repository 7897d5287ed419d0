import { addDays, type LocalDate } from '../../kernel/dates.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import { officeInstant, TODAY } from '../instants.ts';
import type { Login } from '../logins.ts';
import { MAIL_DOMAIN } from '../people.ts';
import { DEPARTMENTS } from '../saas-products.ts';
import { FAMILY_NAMES, GIVEN_NAMES } from '../words.ts';
import { planting, times, type Planter, type Planting } from './planting.ts';

/** Employee numbers of the company begin at 10000; these are nobody else's. */
const FIRST_NUMBER = 900_000;

interface Spell {
  readonly startsOn: LocalDate;
  /** The last day; left out while it lasts. */
  readonly endsOn?: LocalDate;
  readonly department?: string;
}

/** Somebody new: what HR says, and the login where there is one. */
interface Newcomer {
  readonly spells: readonly Spell[];
  readonly login: (Partial<Login> & { readonly createdOn: LocalDate }) | null;
  /** What this case is; left out for somebody with whom nothing is wrong. */
  readonly drift?: {
    readonly kind: string;
    readonly note: string;
    readonly since: LocalDate;
  };
}

const ago = (days: number): LocalDate => addDays(TODAY, -days);
const LONG_AGO = { startsOn: '2021-03-01' };

/** People who left and whose login is still active, without a seat; and those who look like it. */
function leavers({ prng, cases }: Planter): readonly Newcomer[] {
  const gone = times(cases(), (): Newcomer => {
    const endsOn = ago(prng.int(2, 26));
    return {
      spells: [{ ...LONG_AGO, endsOn }],
      login: { createdOn: LONG_AGO.startsOn },
      drift: {
        kind: 'active_leaver',
        note: `The last day was ${endsOn}, and the login is active.`,
        since: addDays(endsOn, 2),
      },
    };
  });
  return [
    ...gone,
    { spells: [{ ...LONG_AGO, endsOn: ago(1) }], login: { createdOn: LONG_AGO.startsOn } },
    {
      spells: [{ ...LONG_AGO, endsOn: ago(90) }, { startsOn: ago(30) }],
      login: { createdOn: LONG_AGO.startsOn },
    },
    {
      spells: [{ ...LONG_AGO, endsOn: ago(20) }],
      login: { createdOn: LONG_AGO.startsOn, active: false },
    },
  ];
}

/** People who moved and whose login did not. */
function movers({ prng, cases }: Planter): readonly Newcomer[] {
  const moved = times(cases(), (): Newcomer => {
    const [from = '', to = ''] = prng.sample(DEPARTMENTS, 2);
    const movedOn = ago(prng.int(1, 26));
    return {
      spells: [
        { ...LONG_AGO, endsOn: addDays(movedOn, -1), department: from },
        { startsOn: movedOn, department: to },
      ],
      login: { createdOn: LONG_AGO.startsOn, department: from },
      drift: {
        kind: 'department_mismatch',
        note: `HR has ${to} since ${movedOn}, the directory ${from}.`,
        since: movedOn,
      },
    };
  });
  const department = prng.pick(DEPARTMENTS);
  const other = prng.pick(DEPARTMENTS.filter((each) => each !== department));
  return [
    ...moved,
    {
      spells: [{ ...LONG_AGO, department }],
      login: { createdOn: LONG_AGO.startsOn, department: ` ${department.toUpperCase()} ` },
    },
    {
      spells: [{ ...LONG_AGO, endsOn: TODAY, department }, { startsOn: addDays(TODAY, 1), department: other }],
      login: { createdOn: LONG_AGO.startsOn, department },
    },
  ]; // prettier-ignore
}

/** People whose first day is to come, with a seat already. */
function early({ prng, cases }: Planter): readonly Newcomer[] {
  const soon = times(cases(), (): Newcomer => {
    const startsOn = addDays(TODAY, prng.int(1, 40));
    const createdOn = ago(prng.int(1, 26));
    return {
      spells: [{ startsOn }],
      login: { createdOn, seats: ['BRD-PLUS'] },
      drift: {
        kind: 'early_access',
        note: `The first day is ${startsOn}, and the login has held a seat since ${createdOn}.`,
        since: createdOn,
      },
    };
  });
  return [
    ...soon,
    { spells: [{ startsOn: addDays(TODAY, 9) }], login: { createdOn: ago(3) } },
    { spells: [{ startsOn: TODAY }], login: { createdOn: ago(3), seats: ['BRD-PLUS'] } },
  ];
}

/** People whom HR employs and whom no directory has. */
function absent({ prng, cases }: Planter): readonly Newcomer[] {
  const unknown = times(cases(), (): Newcomer => {
    const startsOn = ago(prng.int(0, 26));
    return {
      spells: [{ startsOn }],
      login: null,
      drift: {
        kind: 'missing_in_directory',
        note: `HR has employed the person since ${startsOn}; there is no login.`,
        since: startsOn,
      },
    };
  });
  return [
    ...unknown,
    { spells: [{ startsOn: addDays(TODAY, 1) }], login: null },
    { spells: [{ ...LONG_AGO, endsOn: ago(1) }], login: null },
  ];
}

/** Drift between what HR says of people and what the directory has. */
export function plantPeople(planter: Planter): Planting {
  const newcomers = [leavers, movers, early, absent].flatMap((each) => each(planter));
  const made = newcomers.map((each, at) => personOf(planter, each, FIRST_NUMBER + at));
  return planting({
    logins: made.flatMap(({ login }) => (login === null ? [] : [login])),
    employment: made.flatMap(({ rows }) => rows),
    planted: made.flatMap(({ planted }) => planted),
  });
}

function personOf({ prng, ids }: Planter, newcomer: Newcomer, number: number) {
  const [givenName, familyName] = [prng.pick(GIVEN_NAMES), prng.pick(FAMILY_NAMES)];
  const employeeNumber = `E${number}`;
  const email = `${givenName}.${familyName}.${number}@${MAIL_DOMAIN}`.toLowerCase();
  const name = { employeeNumber, givenName, familyName, email };
  const login = newcomer.login === null ? null : loginOf({ prng, ids }, name, newcomer.login);
  return {
    login,
    rows: newcomer.spells.map((each) => rowOf(name, each)),
    planted: driftOf(newcomer, login, employeeNumber),
  };
}

interface Name {
  readonly employeeNumber: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
}

function loginOf(
  { prng, ids }: Pick<Planter, 'prng' | 'ids'>,
  { employeeNumber, givenName, familyName, email }: Name,
  { createdOn, ...change }: NonNullable<Newcomer['login']>,
): Login {
  const createdAt = officeInstant(prng, createdOn);
  return {
    id: ids.uuid(createdAt),
    userName: email,
    givenName,
    familyName,
    emails: [email],
    active: true,
    userType: 'Employee',
    employeeNumber,
    department: null,
    costCenter: null,
    seats: [],
    createdAt,
    modifiedAt: createdAt,
    ...change,
  };
}

function rowOf({ employeeNumber, givenName, familyName, email }: Name, spell: Spell): JsonObject {
  return {
    employee_number: employeeNumber,
    display_name: `${givenName} ${familyName}`,
    work_email: email,
    start_date: spell.startsOn,
    end_date: spell.endsOn ?? '',
    type: 'employee',
    department: spell.department ?? '',
    cost_center: '',
    job_role: 'Specialist',
  };
}

function driftOf(
  { drift, spells }: Newcomer,
  login: Login | null,
  employeeNumber: string,
): readonly PlantedDrift[] {
  if (drift === undefined) return [];
  const subject =
    login === null
      ? { type: 'EmploymentSpell', id: `${employeeNumber}|${spells.at(-1)?.startsOn ?? ''}` }
      : { type: 'UserAccount', id: login.id };
  const { kind, note, since } = drift;
  return [{ kind, subject, sku: null, note, since }];
}
