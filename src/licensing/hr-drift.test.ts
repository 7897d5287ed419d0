import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { linkAccounts } from '../ledger/identity/link-accounts.ts';
import { activeLeaver } from './detectors/active-leaver.ts';
import { departmentMismatch } from './detectors/department-mismatch.ts';
import { earlyAccess } from './detectors/early-access.ts';
import { missingInDirectory } from './detectors/missing-in-directory.ts';
import { DETECTORS, findDrift } from './find-drift.ts';
import { snapshotOf, type SnapshotFacts } from './snapshot.ts';

type Login = Partial<Parameters<typeof factOf<'userAccount'>>[2]>;
type Spell = Partial<Parameters<typeof factOf<'employmentSpell'>>[2]>;

const TODAY = '2026-03-02';
const KINDS = [activeLeaver, departmentMismatch, earlyAccess, missingInDirectory];

const login = (id: string, change: Login = {}) =>
  factOf('userAccount', 'people', {
    externalRef: id,
    userName: id,
    active: true,
    employeeNumber: '7',
    ...change,
  });
/** `end` is the first day after the last one worked. */
const spell = (from: string, end?: string, change: Spell = {}, number = '7') =>
  factOf('employmentSpell', 'hr', {
    externalRef: `${number}/${from}`,
    employeeNumber: number,
    validFrom: from,
    ...(end === undefined ? {} : { validTo: end }),
    ...change,
  });
const seat = (user: string, active = true) =>
  factOf('seatAssignment', 'people', {
    externalRef: `${user}/FIG`,
    posture: 'licensee',
    skuCode: 'FIG',
    userAccountRef: user,
    active,
  });
const drift = (facts: Partial<SnapshotFacts>) => {
  const links = linkAccounts({ accounts: facts.accounts ?? [], spells: facts.spells ?? [] }).links;
  return findDrift(snapshotOf(TODAY, `${TODAY}T09:00:00Z`, { links, ...facts }), KINDS);
};
const found = (facts: Partial<SnapshotFacts>) =>
  drift(facts).map(({ kind, subject, owner }) => `${kind} ${subject.type} ${subject.id} ${owner}`);

test('every reconciliation looks for them', () => {
  expect(DETECTORS).toEqual(expect.arrayContaining(KINDS));
});

describe('an active login of somebody who left', () => {
  test('is found from the second day after the last one worked, with the day', () => {
    expect(found({ accounts: [login('u')], spells: [spell('2020-01-01', '2026-03-01')] })).toEqual([
      'active_leaver UserAccount u it',
    ]);
    expect(found({ accounts: [login('u')], spells: [spell('2020-01-01', '2026-03-02')] })).toEqual(
      [],
    );
    const [finding] = drift({
      accounts: [login('u')],
      spells: [spell('2020-01-01', '2026-02-01')],
    });
    expect(finding?.summary).toContain('ended on 2026-01-31');
  });

  test('F-73: hired again, or with a login that is closed, nobody is one', () => {
    const spells = [spell('2020-01-01', '2025-01-01'), spell('2026-03-02')];

    expect(found({ accounts: [login('u')], spells })).toEqual([]);
    expect(
      found({
        accounts: [login('u', { active: false })],
        spells: [spell('2020-01-01', '2025-01-01')],
      }),
    ).toEqual([]);
  });

  test('that still holds a seat is left to the finding about the seat', () => {
    const leaver = { accounts: [login('u')], spells: [spell('2020-01-01', '2025-01-01')] };

    expect(found({ ...leaver, seats: [seat('u')] })).toEqual([]);
    expect(found({ ...leaver, seats: [seat('u', false)] })).toHaveLength(1);
  });

  test('a service login of that number is no person', () => {
    const accounts = [login('bot', { kind: 'service' })];

    expect(found({ accounts, spells: [spell('2020-01-01', '2025-01-01')] })).toEqual([]);
  });
});

describe('a seat before the first day', () => {
  const ahead = [spell('2026-03-09')];

  test('is found, and a login without a seat is not', () => {
    expect(found({ accounts: [login('u')], spells: ahead, seats: [seat('u')] })).toEqual([
      'early_access UserAccount u it',
    ]);
    expect(found({ accounts: [login('u')], spells: ahead })).toEqual([]);
    expect(found({ accounts: [login('u')], spells: ahead, seats: [seat('u', false)] })).toEqual([]);
  });

  test('between two employments is one, and during one is none', () => {
    const seats = [seat('u')];

    expect(
      found({
        accounts: [login('u')],
        seats,
        spells: [spell('2020-01-01', '2025-06-01'), ...ahead],
      }),
    ).toEqual(['early_access UserAccount u it']);
    expect(
      found({
        accounts: [login('u')],
        seats,
        spells: [spell('2020-01-01', '2026-03-09'), ...ahead],
      }),
    ).toEqual([]);
    expect(found({ accounts: [login('u')], seats, spells: [spell(TODAY)] })).toEqual([]);
  });
});

describe('another department than HR says', () => {
  const at = (hr: string | undefined, directory: string | undefined) =>
    found({
      accounts: [login('u', directory === undefined ? {} : { departmentName: directory })],
      spells: [spell('2020-01-01', undefined, hr === undefined ? {} : { departmentName: hr })],
    });

  test('is found; case and blanks make no other department', () => {
    expect(at('Sales', 'Finance')).toEqual(['department_mismatch UserAccount u hr']);
    expect(at('Sales', ' sales')).toEqual([]);
    expect(at('Human  Resources', 'human resources')).toEqual([]);
  });

  test('is not found where either of them says nothing', () => {
    expect([...at(undefined, 'Finance'), ...at('Sales', undefined), ...at('Sales', ' ')]).toEqual(
      [],
    );
  });

  test('only the employments in force count, and one that agrees is enough', () => {
    const accounts = [login('u', { departmentName: 'Sales' })];
    const former = spell('2019-01-01', '2020-01-01', { departmentName: 'Legal' });
    const second = spell('2025-01-01', undefined, { departmentName: 'Support' });

    expect(
      found({
        accounts,
        spells: [former, spell('2020-01-01', undefined, { departmentName: 'Sales' })],
      }),
    ).toEqual([]);
    expect(
      found({
        accounts,
        spells: [second, spell('2020-01-01', undefined, { departmentName: 'Sales' })],
      }),
    ).toEqual([]);
    expect(found({ accounts, spells: [former, second] })).toEqual([
      'department_mismatch UserAccount u hr',
    ]);
  });
});

describe('somebody whom no directory has', () => {
  test('is found while employed, and not before or after', () => {
    const accounts = [login('other', { employeeNumber: '8' })];
    const known = spell('2020-01-01', undefined, {}, '8');

    expect(found({ accounts, spells: [known, spell('2020-01-01')] })).toEqual([
      'missing_in_directory EmploymentSpell 7/2020-01-01 hr',
    ]);
    expect(
      found({ accounts, spells: [known, spell('2026-03-03'), spell('2019-01-01', '2020-01-01')] }),
    ).toEqual([]);
  });

  test('a closed login is as good as none, and an active one anywhere is enough', () => {
    const spells = [spell('2020-01-01')];

    expect(found({ accounts: [login('u', { active: false })], spells })).toEqual([
      'missing_in_directory EmploymentSpell 7/2020-01-01 hr',
    ]);
    expect(found({ accounts: [login('u')], spells })).toEqual([]);
  });

  test('before any login is read, nobody is missing', () => {
    expect(found({ spells: [spell('2020-01-01')] })).toEqual([]);
  });
});
