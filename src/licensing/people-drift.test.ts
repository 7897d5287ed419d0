import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { linkAccounts } from '../ledger/identity/link-accounts.ts';
import { duplicateIdentity } from './detectors/duplicate-identity.ts';
import { orphanedSeat } from './detectors/orphaned-seat.ts';
import { unlinkedAccount } from './detectors/unlinked-account.ts';
import { findDrift } from './find-drift.ts';
import { snapshotOf, type SnapshotFacts } from './snapshot.ts';

type Login = Partial<Parameters<typeof factOf<'userAccount'>>[2]>;

const login = (id: string, change: Login = {}, connection = 'directory') =>
  factOf('userAccount', connection, { externalRef: id, userName: id, active: true, ...change });
const spell = (number: string, from: string, lastDay?: string) =>
  factOf('employmentSpell', 'hr', {
    externalRef: `${number}/${from}`, employeeNumber: number, validFrom: from, workEmail: `p${number}@x.example`,
    ...(lastDay === undefined ? {} : { validTo: dayAfter(lastDay) }),
  }); // prettier-ignore
const dayAfter = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
const seat = (
  user: string,
  sku = 'FIG',
  change: Partial<Parameters<typeof factOf<'seatAssignment'>>[2]> = {},
) =>
  factOf('seatAssignment', 'directory', {
    externalRef: `${user}/${sku}`,
    posture: 'licensee',
    skuCode: sku,
    userAccountRef: user,
    ...change,
  });
const drift = (facts: Partial<SnapshotFacts>, asOf = '2026-03-02') => {
  const links = linkAccounts({ accounts: facts.accounts ?? [], spells: facts.spells ?? [] }).links;
  const snapshot = snapshotOf(asOf, '2026-03-02T09:00:00Z', { links, ...facts });
  return findDrift(snapshot, [orphanedSeat, duplicateIdentity, unlinkedAccount]);
};
const found = (facts: Partial<SnapshotFacts>, asOf?: string) =>
  drift(facts, asOf).map(
    (each) => `${each.kind} ${each.subject.type} ${each.subject.id} ${each.sku ?? '-'}`,
  );

describe('orphaned seats', () => {
  const leaver = (lastDay: string) => ({
    accounts: [login('u1', { employeeNumber: '7' })],
    spells: [spell('7', '2020-01-01', lastDay)],
    seats: [seat('u1'), seat('u1', 'SLK')],
  });

  test('each seat of a leaver is one finding from the second day after the last one worked', () => {
    expect(found(leaver('2026-02-28'))).toEqual([
      'orphaned_seat UserAccount u1 FIG',
      'orphaned_seat UserAccount u1 SLK',
    ]);
    expect(found(leaver('2026-03-01'))).toEqual([]);
    expect(found(leaver('2026-03-01'), '2026-03-03')).toHaveLength(2);
  });

  test('who is employed, was hired again, or left in the future is no leaver', () => {
    const again = {
      ...leaver('2024-01-31'),
      spells: [spell('7', '2020-01-01', '2024-01-31'), spell('7', '2025-05-01')],
    };

    expect(found(again)).toEqual([]);
    expect(found({ ...leaver('2026-12-31') })).toEqual([]);
  });

  test('the last of several ended spells decides', () => {
    const twice = {
      ...leaver('2024-01-31'),
      spells: [spell('7', '2025-05-01', '2026-02-20'), spell('7', '2020-01-01', '2024-01-31')],
    };

    expect(found(twice)).toHaveLength(2);
  });

  test('a seat that was taken back, or that a customer holds, is not ours to take', () => {
    const facts = leaver('2026-01-31');

    expect(
      found({
        ...facts,
        seats: [seat('u1', 'FIG', { active: false }), seat('u1', 'SLK', { validTo: '2026-03-02' })],
      }),
    ).toEqual([]);
    expect(
      found({
        ...facts,
        seats: [seat('u1', 'CORE', { posture: 'licensor', customerRef: '001A' })],
      }),
    ).toEqual([]);
  });

  test('what the seat costs is told when the paper contract states one price', () => {
    const orders = [
      factOf('order', 'paper', {
        externalRef: 'A-1',
        number: 'A-1',
        kind: 'opening_balance',
        posture: 'licensee',
        status: 'activated',
        orderDate: '2026-01-01',
        currency: 'EUR',
      }),
    ];
    const orderLines = [
      factOf('orderLine', 'paper', {
        externalRef: 'A-1/1',
        orderRef: 'A-1',
        lineNumber: 1,
        skuCode: 'FIG',
        quantity: '40',
        unitPrice: '480',
        validFrom: '2026-01-01',
        validTo: '2027-01-01',
      }),
    ];
    const [fig, slack] = drift({ ...leaver('2026-01-31'), orders, orderLines });

    expect(fig).toMatchObject({ sku: 'FIG', amount: '480.00', currency: 'EUR', severity: 'high' });
    expect(slack).toMatchObject({ sku: 'SLK', amount: null, currency: null });
  });

  test('the evidence is the seat, the login and the employment', () => {
    expect(drift(leaver('2026-01-31'))[0]?.evidence).toEqual([
      'fct_directory_seatAssignment_u1/FIG',
      'fct_directory_userAccount_u1',
      'fct_hr_employmentSpell_7/2020-01-01',
    ]);
  });
});

describe('duplicate identities', () => {
  const spells = [spell('7', '2020-01-01')];
  const older = login('z-old', {
    employeeNumber: '7',
    emails: ['p7@x.example', 'alias7@x.example'],
    createdAt: '2020-01-01T00:00:00Z',
  });

  test('the later login of one person is the duplicate, whether linked by number or by alias', () => {
    const byNumber = login('a-new', {
      employeeNumber: '7',
      createdAt: '2026-01-01T00:00:00+09:00',
    });
    const byAlias = login('a-new', {
      emails: ['alias7@x.example'],
      createdAt: '2026-01-01T00:00:00Z',
    });

    expect(found({ accounts: [older, byNumber], spells })).toEqual([
      'duplicate_identity UserAccount a-new -',
    ]);
    expect(found({ accounts: [byAlias, older], spells })).toEqual([
      'duplicate_identity UserAccount a-new -',
    ]);
  });

  test('instants are compared, not their texts', () => {
    const first = login('b', { employeeNumber: '7', createdAt: '2026-01-01T08:00:00+09:00' });
    const second = login('a', { employeeNumber: '7', createdAt: '2026-01-01T00:00:00Z' });

    expect(found({ accounts: [second, first], spells })).toEqual([
      'duplicate_identity UserAccount a -',
    ]);
  });

  test('without creation dates the reference decides; of three logins two are duplicates', () => {
    const accounts = ['c', 'a', 'b'].map((id) => login(id, { employeeNumber: '7' }));

    expect(found({ accounts, spells })).toEqual([
      'duplicate_identity UserAccount b -',
      'duplicate_identity UserAccount c -',
    ]);
  });

  test('logins in two directories, a closed login and a service are no duplicates', () => {
    expect(
      found({ accounts: [older, login('x', { employeeNumber: '7' }, 'second')], spells }),
    ).toEqual([]);
    expect(
      found({ accounts: [older, login('x', { employeeNumber: '7', active: false })], spells }),
    ).toEqual([]);
    expect(
      found({ accounts: [older, login('x', { employeeNumber: '7', kind: 'service' })], spells }),
    ).toEqual([]);
  });
});

describe('unlinked accounts', () => {
  const spells = [spell('7', '2020-01-01')];

  test('an active human login that HR does not know is found', () => {
    expect(found({ accounts: [login('u1', { emails: ['stranger@y.example'] })], spells })).toEqual([
      'unlinked_account UserAccount u1 -',
    ]);
  });

  test('a link below 0.8 is no link', () => {
    const accounts = [login('u1', { employeeNumber: '7' })];
    const links = linkAccounts({ accounts, spells }).links.map((link) => ({
      ...link,
      confidence: 0.79,
    }));

    expect(found({ accounts, spells, links })).toEqual(['unlinked_account UserAccount u1 -']);
  });

  test('services, shared and closed logins are none, and without an HR source nobody is', () => {
    const accounts = [
      login('s', { kind: 'service' }),
      login('d', { kind: 'shared' }),
      login('c', { active: false }),
    ];

    expect(found({ accounts, spells })).toEqual([]);
    expect(found({ accounts: [login('u1')] })).toEqual([]);
  });
});
