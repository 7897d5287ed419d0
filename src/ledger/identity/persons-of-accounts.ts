import type { Fact } from '../fact.ts';
import { Candidates } from './candidates.ts';
import {
  linkOf,
  unresolvedAccount,
  type AccountLink,
  type Identities,
  type UnresolvedAccount,
} from './identities.ts';
import { normaliseEmployeeNumber } from './normalise.ts';
import { addressesOf } from './persons-of-spells.ts';

/**
 * Links logins to each other where no HR source says who works here: the same employee number is one person
 * (confidence 1), and a login without a number belongs to the one numbered person, or else to the logins of other
 * directories, that share its address (0.9). A login that nothing connects stays alone.
 */
export function personsOfAccounts(humans: readonly Fact<'userAccount'>[]): Identities {
  const links: AccountLink[] = [];
  const numbered = new Candidates();
  const rest: Fact<'userAccount'>[] = [];
  for (const account of humans) {
    const number = normaliseEmployeeNumber(account.body.employeeNumber ?? '');
    if (number === null) {
      rest.push(account);
      continue;
    }
    const personKey = `person:number/${number}`;
    links.push(
      linkOf(account, personKey, { method: 'employeeNumber', confidence: 1, evidence: [] }),
    );
    for (const address of addressesOf(account)) numbered.add(address, personKey, account.factId);
  }
  const found = linkByAddress(rest, numbered);
  return { links: [...links, ...found.links], unresolved: found.unresolved };
}

function linkByAddress(rest: readonly Fact<'userAccount'>[], numbered: Candidates): Identities {
  const links: AccountLink[] = [];
  const unresolved: UnresolvedAccount[] = [];
  const alone: Fact<'userAccount'>[] = [];
  for (const account of rest) {
    const persons = numbered.of(addressesOf(account));
    const [only, ...others] = persons;
    if (others.length > 0)
      unresolved.push(unresolvedAccount(account, 'ambiguous', [...persons.keys()]));
    else if (only === undefined) alone.push(account);
    else
      links.push(linkOf(account, only[0], { method: 'alias', confidence: 0.9, evidence: only[1] }));
  }
  const shared = linkBySharedAddress(alone);
  return { links: [...links, ...shared.links], unresolved: [...unresolved, ...shared.unresolved] };
}

/** Logins without numbers that hold exactly one address each, and the same one, are one person. */
function linkBySharedAddress(alone: readonly Fact<'userAccount'>[]): Identities {
  const holders = new Map<string, Fact<'userAccount'>[]>();
  for (const account of alone) {
    for (const address of addressesOf(account)) {
      const known = holders.get(address) ?? [];
      known.push(account);
      holders.set(address, known);
    }
  }
  const links: AccountLink[] = [];
  const unresolved: UnresolvedAccount[] = [];
  for (const account of alone) {
    const shared = addressesOf(account).filter(
      (address) => (holders.get(address)?.length ?? 0) > 1,
    );
    const [address, ...others] = shared;
    if (address === undefined) unresolved.push(unresolvedAccount(account, 'no_match'));
    else if (others.length > 0) unresolved.push(unresolvedAccount(account, 'ambiguous', shared));
    else {
      const evidence = (holders.get(address) ?? []).map((each) => each.factId);
      links.push(
        linkOf(account, `person:address/${address}`, {
          method: 'verifiedEmail',
          confidence: 0.9,
          evidence,
        }),
      );
    }
  }
  return { links, unresolved };
}
