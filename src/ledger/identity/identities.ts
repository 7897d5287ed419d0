import type { IdentityLink } from '../../canonical/identity-link.ts';
import type { Fact } from '../fact.ts';

/** A login that belongs to a person, by which rule and on what evidence. */
export interface AccountLink {
  readonly accountConnection: string;
  readonly accountRef: string;
  /** The person's key: `person:<connection>/<employee number>` with an HR source. */
  readonly personKey: string;
  readonly method: IdentityLink['method'];
  /** 0 to 1; nothing relies on a link below {@link RELIABLE}. */
  readonly confidence: number;
  /** Ids of the facts that the rule compared. */
  readonly evidence: readonly string[];
}

/** A human login that no rule could give to one person. */
export interface UnresolvedAccount {
  readonly accountConnection: string;
  readonly accountRef: string;
  readonly factId: string;
  readonly reason: 'no_match' | 'ambiguous' | 'number_contradicts_address';
  /** The persons between whom the rules could not decide. */
  readonly candidates: readonly string[];
}

export interface Identities {
  readonly links: readonly AccountLink[];
  readonly unresolved: readonly UnresolvedAccount[];
}

/** The least confidence on which counts and findings rely (domain e, "unlinked account"). */
export const RELIABLE = 0.8;

/** One text for a record of one connection; connection names are slugs and hold no slash. */
export function byAccount(connection: string, externalRef: string): string {
  return `${connection}/${externalRef}`;
}

/** The person of each login, by {@link byAccount}, as far as the link is reliable. */
export function reliablePersons(links: readonly AccountLink[]): ReadonlyMap<string, AccountLink> {
  const reliable = links.filter((link) => link.confidence >= RELIABLE);
  return new Map(
    reliable.map((link) => [byAccount(link.accountConnection, link.accountRef), link]),
  );
}

/** A link of one login. */
export function linkOf(
  account: Fact<'userAccount'>,
  personKey: string,
  rule: Pick<AccountLink, 'method' | 'confidence' | 'evidence'>,
): AccountLink {
  return {
    accountConnection: account.connection,
    accountRef: account.externalRef,
    personKey,
    method: rule.method,
    confidence: rule.confidence,
    evidence: [...new Set([account.factId, ...rule.evidence])],
  };
}

/** A login that stays without a person. */
export function unresolvedAccount(
  account: Fact<'userAccount'>,
  reason: UnresolvedAccount['reason'],
  candidates: readonly string[] = [],
): UnresolvedAccount {
  return {
    accountConnection: account.connection,
    accountRef: account.externalRef,
    factId: account.factId,
    reason,
    candidates: [...candidates].toSorted(),
  };
}
