import type { Fact } from '../fact.ts';
import { Candidates } from './candidates.ts';
import {
  linkOf,
  unresolvedAccount,
  type AccountLink,
  type Identities,
  type UnresolvedAccount,
} from './identities.ts';
import { normaliseEmail, normaliseEmployeeNumber } from './normalise.ts';

interface Directory {
  readonly byNumber: Candidates;
  readonly byWorkAddress: Candidates;
  readonly byAlias: Candidates;
}

/** The key of the person that a spell is about: the number within its HR source; null for an empty number. */
export function personKeyOf(spell: Fact<'employmentSpell'>): string | null {
  const number = normaliseEmployeeNumber(spell.body.employeeNumber);
  return number === null ? null : `person:${spell.connection}/${number}`;
}

/** The comparable addresses of a login; what is no address counts for nothing. */
export function addressesOf(account: Fact<'userAccount'>): readonly string[] {
  const addresses = account.body.emails.map(normaliseEmail);
  return [...new Set(addresses.filter((each) => each !== null))];
}

/**
 * Links logins to the persons of an HR source; see `linkAccounts` for the rules. Addresses are learnt from HR and
 * from logins linked by number only, so one guess never rests on another.
 */
export function personsOfSpells(
  humans: readonly Fact<'userAccount'>[],
  spells: readonly Fact<'employmentSpell'>[],
): Identities {
  const directory = directoryOf(spells);
  const byNumber = humans.map((account) => ({ account, link: linkByNumber(account, directory) }));
  for (const { account, link } of byNumber) {
    if (link === null) continue;
    for (const address of addressesOf(account))
      directory.byAlias.add(address, link.personKey, account.factId);
  }
  const links: AccountLink[] = [];
  const unresolved: UnresolvedAccount[] = [];
  for (const { account, link } of byNumber) {
    const result = link ?? linkByAddress(account, directory);
    if ('personKey' in result) links.push(result);
    else unresolved.push(result);
  }
  return { links, unresolved };
}

function directoryOf(spells: readonly Fact<'employmentSpell'>[]): Directory {
  const directory = {
    byNumber: new Candidates(),
    byWorkAddress: new Candidates(),
    byAlias: new Candidates(),
  };
  for (const spell of spells) {
    const personKey = personKeyOf(spell);
    const number = normaliseEmployeeNumber(spell.body.employeeNumber);
    if (personKey === null || number === null) continue;
    directory.byNumber.add(number, personKey, spell.factId);
    const address = normaliseEmail(spell.body.workEmail ?? '');
    if (address !== null) directory.byWorkAddress.add(address, personKey, spell.factId);
  }
  return directory;
}

function numberOf(account: Fact<'userAccount'>): string | null {
  return normaliseEmployeeNumber(account.body.employeeNumber ?? '');
}

function linkByNumber(account: Fact<'userAccount'>, directory: Directory): AccountLink | null {
  const number = numberOf(account);
  if (number === null) return null;
  const [only, ...others] = directory.byNumber.of([number]);
  // Two HR sources may both know a number 1001: then it names nobody.
  if (only === undefined || others.length > 0) return null;
  return linkOf(account, only[0], { method: 'employeeNumber', confidence: 1, evidence: only[1] });
}

function linkByAddress(
  account: Fact<'userAccount'>,
  directory: Directory,
): AccountLink | UnresolvedAccount {
  const addresses = addressesOf(account);
  const working = directory.byWorkAddress.of(addresses);
  const persons = new Set([...working.keys(), ...directory.byAlias.of(addresses).keys()]);
  const [personKey, ...others] = persons;
  if (personKey === undefined) {
    const sameNumber = [...directory.byNumber.of([numberOf(account) ?? '']).keys()];
    return unresolvedAccount(account, sameNumber.length > 1 ? 'ambiguous' : 'no_match', sameNumber);
  }
  if (others.length > 0) return unresolvedAccount(account, 'ambiguous', [...persons]);
  if (contradicts(account, personKey, directory)) {
    return unresolvedAccount(account, 'number_contradicts_address', [personKey]);
  }
  const evidence = working.get(personKey);
  return evidence === undefined
    ? linkOf(account, personKey, {
        method: 'alias',
        confidence: 0.9,
        evidence: directory.byAlias.of(addresses).get(personKey) ?? [],
      })
    : linkOf(account, personKey, { method: 'verifiedEmail', confidence: 0.9, evidence });
}

/** True if the login states an employee number that is not this person's. */
function contradicts(
  account: Fact<'userAccount'>,
  personKey: string,
  directory: Directory,
): boolean {
  const number = numberOf(account);
  return number !== null && !directory.byNumber.of([number]).has(personKey);
}
