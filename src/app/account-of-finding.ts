import type { Finding } from '../canonical/finding.ts';
import type { TenantTx } from '../db/store.ts';
import type { Fact, FactNoun } from '../ledger/fact.ts';
import { factsById } from '../ledger/facts.ts';
import { STANDING_KINDS } from '../licensing/standing-findings.ts';

/** A finding with the CRM account that it is about; findings about our own people belong to none. */
export interface AccountFinding {
  readonly accountRef: string;
  readonly finding: Finding;
}

/** Who answers for an agreement is no matter of its customer. */
const STANDING: ReadonlySet<string> = new Set(STANDING_KINDS);

/** The account of each finding, from the facts that prove it. */
export async function accountOfFinding(
  tx: TenantTx,
  all: readonly Finding[],
): Promise<readonly AccountFinding[]> {
  const findings = all.filter(({ kind }) => !STANDING.has(kind));
  const facts = new Map(
    (
      await factsById(
        tx,
        findings.flatMap((finding) => finding.evidence),
      )
    ).map((fact) => [fact.factId, fact]),
  );
  return findings.flatMap((finding) => {
    const accountRef = finding.evidence
      .map((id) => accountOf(facts.get(id)))
      .find((ref) => ref !== undefined);
    return accountRef === undefined ? [] : [{ accountRef, finding }];
  });
}

/** Only what the CRM says names the CRM's accounts. */
function accountOf(fact: Fact<FactNoun> | undefined): string | undefined {
  if (fact?.noun !== 'opportunity' && fact?.noun !== 'agreement' && fact?.noun !== 'order')
    return undefined;
  const body = fact.body as {
    readonly accountRef?: string;
    readonly counterpartyRef?: string;
    readonly kind?: string;
  };
  if (fact.noun === 'order' && body.kind !== 'crm') return undefined;
  return body.accountRef ?? body.counterpartyRef;
}
