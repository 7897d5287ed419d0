import { factsById } from '../../ledger/facts.ts';
import { remediesOf, type Remedy } from '../../licensing/remedies.ts';
import { getFinding, type SavedFinding } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** A record that proves a finding: of which system, and since when it is known. */
export interface Proof {
  readonly factId: string;
  readonly noun: string;
  readonly connection: string;
  readonly externalRef: string;
  readonly recordedFrom: string;
}

export interface FindingView extends SavedFinding {
  readonly proof: readonly Proof[];
  readonly remedies: readonly Remedy[];
}

/** One finding with the records that prove it and what can be done about it. Throws NotFoundError. */
export function showFinding(deps: Deps, caller: Caller, id: string): Promise<FindingView> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const finding = await getFinding(tx, id);
    const facts = await factsById(tx, finding.evidence);
    return { ...finding, proof: facts, remedies: remediesOf(finding.kind) };
  });
}
