import type { Fact } from '../fact.ts';
import {
  byAccount,
  type AccountLink,
  type Identities,
  type UnresolvedAccount,
} from './identities.ts';
import { personsOfAccounts } from './persons-of-accounts.ts';
import { personsOfSpells } from './persons-of-spells.ts';

/** The version of the rules below; a run records it. */
export const LINK_ACCOUNTS_VERSION = 1;

export interface LinkAccountsInput {
  readonly accounts: readonly Fact<'userAccount'>[];
  /** The HR system's word on who works here; empty where there is none. */
  readonly spells: readonly Fact<'employmentSpell'>[];
  /** What people decided by hand; it wins over every rule. */
  readonly manual?: readonly AccountLink[];
}

/**
 * Finds the person behind each human login (domain b.2, c.3). Pure; the order of the input does not matter.
 *
 * With an HR source a person is an employee number of it, and a login belongs to that person by
 * 1. `employeeNumber`: the same number, ignoring case and surrounding space (confidence 1);
 * 2. `verifiedEmail`: an address of the login is the work address of exactly one person (0.9), or
 *    `alias`: it is an address of a login that rule 1 gave to exactly one person (0.9).
 * Without an HR source the logins vouch for each other: same employee number, else same address in two directories.
 * Two candidates, or a number that contradicts the address, link nothing and say why. Service and shared logins are
 * nobody's.
 */
export function linkAccounts(input: LinkAccountsInput): Identities {
  const manual = input.manual ?? [];
  const decided = new Set(manual.map((link) => byAccount(link.accountConnection, link.accountRef)));
  const humans = input.accounts
    .filter(
      (each) =>
        each.body.kind === 'human' && !decided.has(byAccount(each.connection, each.externalRef)),
    )
    .toSorted(bySource);
  const found =
    input.spells.length > 0 ? personsOfSpells(humans, input.spells) : personsOfAccounts(humans);
  return {
    links: [...manual, ...found.links].toSorted(byLink),
    unresolved: [...found.unresolved].toSorted(byLink),
  };
}

function bySource(left: Fact<'userAccount'>, right: Fact<'userAccount'>): number {
  return (
    compareText(left.connection, right.connection) ||
    compareText(left.externalRef, right.externalRef)
  );
}

function byLink(
  left: AccountLink | UnresolvedAccount,
  right: AccountLink | UnresolvedAccount,
): number {
  return (
    compareText(left.accountConnection, right.accountConnection) ||
    compareText(left.accountRef, right.accountRef)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
