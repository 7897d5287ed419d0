import type { IdentityLink } from '../canonical/identity-link.ts';
import type { Person } from '../canonical/person.ts';
import type { TenantTx } from '../db/store.ts';
import { decideFacts, factsOf } from '../ledger/facts.ts';
import type { Identities } from '../ledger/identity/identities.ts';

/** Keeps the identity graph as facts, so that who was held to be whom, and why, can be asked for any day. */
export async function keepIdentities(
  tx: TenantTx,
  identities: Identities,
  decidedBy: string,
): Promise<void> {
  const decidedByRule = identities.links.filter((link) => link.method !== 'manual');
  const links = decidedByRule.map((link) => ({
    externalRef: `${link.accountConnection}/${link.accountRef}`,
    accountConnection: link.accountConnection,
    accountRef: link.accountRef,
    personRef: link.personKey,
    method: link.method,
    confidence: link.confidence,
    decidedBy,
    evidence: [...link.evidence],
  })) satisfies IdentityLink[];
  const manual = (await factsOf(tx, 'identityLink', { where: { method: 'manual' } })).map(
    (fact) => fact.body,
  );
  await decideFacts(tx, 'identityLink', [...links, ...manual]);
  const keys = [...new Set(identities.links.map((link) => link.personKey))].toSorted();
  const persons = keys.map(
    (externalRef) => ({ externalRef, kind: 'human', status: 'active' }) satisfies Person,
  );
  await decideFacts(tx, 'person', persons);
}
