import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factOf } from '../../../test/support/facts.ts';
import { linkAccounts } from './link-accounts.ts';

type Login = {
  number?: string;
  emails?: string[];
  kind?: 'human' | 'service' | 'shared';
  in?: string;
};

const login = (
  id: string,
  { number, emails = [], kind = 'human', in: connection = 'directory' }: Login,
) =>
  factOf('userAccount', connection, {
    externalRef: id,
    userName: id,
    active: true,
    kind,
    emails,
    ...(number === undefined ? {} : { employeeNumber: number }),
  });
const spell = (number: string, workEmail?: string, connection = 'hr') =>
  factOf('employmentSpell', connection, {
    externalRef: `${number}/2024`,
    employeeNumber: number,
    ...(workEmail === undefined ? {} : { workEmail }),
    validFrom: '2024-01-01',
  });
const personsOf = (result: ReturnType<typeof linkAccounts>) =>
  Object.fromEntries(result.links.map((link) => [link.accountRef, link.personKey]));
const reasonsOf = (result: ReturnType<typeof linkAccounts>) =>
  Object.fromEntries(result.unresolved.map((each) => [each.accountRef, each.reason]));

describe('with an HR source', () => {
  test('an equal employee number links for certain, whatever its case and the space around it', () => {
    const result = linkAccounts({
      accounts: [login('u1', { number: ' e-7 ' })],
      spells: [spell('E-7')],
    });

    expect(result.links).toEqual([
      {
        accountConnection: 'directory',
        accountRef: 'u1',
        personKey: 'person:hr/e-7',
        method: 'employeeNumber',
        confidence: 1,
        evidence: ['fct_directory_userAccount_u1', 'fct_hr_employmentSpell_E-7/2024'],
      },
    ]);
  });

  test('without a number, the work address of exactly one person links at 0.9', () => {
    const result = linkAccounts({
      accounts: [login('u1', { emails: ['ann@X.example'] })],
      spells: [spell('7', 'ann@x.example')],
    });

    expect(result.links).toMatchObject([
      { personKey: 'person:hr/7', method: 'verifiedEmail', confidence: 0.9 },
    ]);
  });

  test('an alias of a login that was linked by number links the second login of the same person', () => {
    const result = linkAccounts({
      accounts: [
        login('u2', { emails: ['ann.old@x.example'] }),
        login('u1', { number: '7', emails: ['ann@x.example', 'ann.old@x.example'] }),
      ],
      spells: [spell('7', 'ann@x.example')],
    });

    expect(personsOf(result)).toEqual({ u1: 'person:hr/7', u2: 'person:hr/7' });
    expect(result.links[1]).toMatchObject({ method: 'alias', confidence: 0.9 });
  });

  test('F-71: two people with one address: the address links nobody and names both', () => {
    const result = linkAccounts({
      accounts: [login('u1', { emails: ['desk@x.example'] })],
      spells: [spell('7', 'desk@x.example'), spell('8', 'desk@x.example')],
    });

    expect(result.links).toEqual([]);
    expect(result.unresolved).toMatchObject([
      { reason: 'ambiguous', candidates: ['person:hr/7', 'person:hr/8'] },
    ]);
  });

  test('two work addresses of different people on one login are ambiguous', () => {
    const result = linkAccounts({
      accounts: [login('u1', { emails: ['a@x.example', 'b@x.example'] })],
      spells: [spell('7', 'a@x.example'), spell('8', 'b@x.example')],
    });

    expect(reasonsOf(result)).toEqual({ u1: 'ambiguous' });
  });

  test('a number that two HR sources know is ambiguous, and the address may still decide', () => {
    const spells = [
      spell('1001', 'ann@x.example', 'hr-de'),
      spell('1001', 'bob@x.example', 'hr-us'),
    ];
    const result = linkAccounts({
      accounts: [
        login('u1', { number: '1001' }),
        login('u2', { number: '1001', emails: ['bob@x.example'] }),
      ],
      spells,
    });

    expect(reasonsOf(result)).toEqual({ u1: 'ambiguous' });
    expect(personsOf(result)).toEqual({ u2: 'person:hr-us/1001' });
  });

  test('a login whose stated number is not that of the person with its address links nobody', () => {
    const result = linkAccounts({
      accounts: [login('u1', { number: '999', emails: ['ann@x.example'] })],
      spells: [spell('7', 'ann@x.example')],
    });

    expect(reasonsOf(result)).toEqual({ u1: 'number_contradicts_address' });
  });

  test('a login that nothing in HR matches stays unresolved; logins do not vouch for each other', () => {
    const result = linkAccounts({
      accounts: [
        login('u1', { emails: ['x@y.example'] }),
        login('u2', { emails: ['x@y.example'], in: 'crm' }),
      ],
      spells: [spell('7')],
    });

    expect(reasonsOf(result)).toEqual({ u1: 'no_match', u2: 'no_match' });
  });

  test('one guess never rests on another: an address learnt from an address-linked login links nobody', () => {
    const result = linkAccounts({
      accounts: [
        login('u1', { emails: ['ann@x.example', 'side@x.example'] }),
        login('u2', { emails: ['side@x.example'] }),
      ],
      spells: [spell('7', 'ann@x.example')],
    });

    expect(personsOf(result)).toEqual({ u1: 'person:hr/7' });
    expect(reasonsOf(result)).toEqual({ u2: 'no_match' });
  });

  test('the decision of a person wins over the rules', () => {
    const manual = {
      accountConnection: 'directory',
      accountRef: 'u1',
      personKey: 'person:hr/8',
      method: 'manual' as const,
      confidence: 1,
      evidence: ['ticket'],
    };
    const result = linkAccounts({
      accounts: [login('u1', { number: '7' })],
      spells: [spell('7'), spell('8')],
      manual: [manual],
    });

    expect(result.links).toEqual([manual]);
  });

  test('service and shared logins are nobody’s, and are not asked for', () => {
    const result = linkAccounts({
      accounts: [login('svc', { number: '7', kind: 'service' }), login('desk', { kind: 'shared' })],
      spells: [spell('7')],
    });

    expect(result).toEqual({ links: [], unresolved: [] });
  });
});

describe('F-71: look-alikes are never merged', () => {
  const work = 'info@x.example';
  test.each([
    ['another case of the local part', 'Info@x.example'],
    ['a plus tag', 'info+crm@x.example'],
    ['a trailing dot of the domain', 'info@x.example.'],
    ['a Turkish dotless i', 'ınfo@x.example'],
    ['a capital Turkish İ', 'İnfo@x.example'],
    ['a zero-width space', 'in\u200bfo@x.example'],
    ['a Cyrillic о', 'infо@x.example'],
    ['a full-width letter', 'ｉnfo@x.example'],
    ['ß for ss', 'info@stra\u00dfe.example'],
  ])('%s', (_what, address) => {
    const spells = [spell('7', work), spell('9', 'info@strasse.example')];

    expect(linkAccounts({ accounts: [login('u1', { emails: [address] })], spells }).links).toEqual(
      [],
    );
  });

  test('the same text in composed and decomposed Unicode is the same address', () => {
    const result = linkAccounts({
      accounts: [login('u1', { emails: ['rene\u0301@X.EXAMPLE '] })],
      spells: [spell('7', 'ren\u00e9@x.example')],
    });

    expect(personsOf(result)).toEqual({ u1: 'person:hr/7' });
  });

  test.each(['', 'nobody', '@x.example', 'ann@', ' '])(
    '"%s" is no address and matches nothing',
    (address) => {
      const result = linkAccounts({
        accounts: [login('u1', { emails: [address] })],
        spells: [spell('7', address)],
      });

      expect(result.links).toEqual([]);
    },
  );

  test('empty employee numbers are not equal to each other', () => {
    const result = linkAccounts({ accounts: [login('u1', { number: ' ' })], spells: [spell(' ')] });

    expect(result.links).toEqual([]);
  });
});

describe('without an HR source', () => {
  test('G-01: three logins with one number are one person, two directories with one address are another', () => {
    const result = linkAccounts({
      accounts: [
        login('ann@x', { number: '7', in: 'crm', emails: ['ann@x.example'] }),
        login('ann@x', { number: '7', in: 'okta', emails: ['ann@x.example'] }),
        login('ann.lee@x', { number: '7', in: 'm365', emails: ['ann.lee@x.example'] }),
        login('bob@x', { in: 'crm', emails: ['bob@x.example'] }),
        login('bob@x', { in: 'okta', emails: ['bob@x.example'] }),
        login('svc-etl@x', { in: 'okta', emails: ['bob@x.example'], kind: 'service' }),
      ],
      spells: [],
    });

    expect(new Set(result.links.map((link) => link.personKey))).toEqual(
      new Set(['person:number/7', 'person:address/bob@x.example']),
    );
    expect(result.links).toHaveLength(5);
  });

  test('a login that shares different addresses with different logins is ambiguous', () => {
    const result = linkAccounts({
      accounts: [
        login('a', { emails: ['one@x.example'] }),
        login('b', { emails: ['one@x.example', 'two@x.example'] }),
        login('c', { emails: ['two@x.example'] }),
      ],
      spells: [],
    });

    expect(reasonsOf(result)).toEqual({ b: 'ambiguous' });
  });
});

test('the order in which logins and spells arrive never changes who is who', () => {
  const addresses = fc.constantFrom('a@x.example', 'b@x.example', 'c@x.example', 'A@x.example');
  const numbers = fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined });
  const logins = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
      number: numbers,
      emails: fc.array(addresses, { maxLength: 2 }),
    }),
    { selector: (each) => each.id, maxLength: 5 },
  );
  const spells = fc.array(fc.tuple(fc.constantFrom('1', '2', '3'), addresses), { maxLength: 4 });
  fc.assert(
    fc.property(logins, spells, (people, hr) => {
      const accounts = people.map(({ id, number, emails }) =>
        login(id, { emails, ...(number === undefined ? {} : { number }) }),
      );
      const facts = hr.map(([number, address]) => spell(number, address));
      const forward = linkAccounts({ accounts, spells: facts });
      const backward = linkAccounts({
        accounts: accounts.toReversed(),
        spells: facts.toReversed(),
      });

      expect(personsOf(backward)).toEqual(personsOf(forward));
      expect(reasonsOf(backward)).toEqual(reasonsOf(forward));
      expect(forward.links.length + forward.unresolved.length).toBe(accounts.length);
    }),
  );
});
