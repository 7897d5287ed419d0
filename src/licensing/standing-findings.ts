import type { Finding } from '../canonical/finding.ts';
import type { TenantTx } from '../db/store.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { findingDue, findingId } from './finding-identity.ts';
import { resolveStanding, STANDING_KINDS, upsertFindings } from './finding-store.ts';
import { lockRuns } from './run-store.ts';

export { STANDING_KINDS };

/** Something that is not as it shall be, whatever the systems say. */
export type StandingDraft = Pick<
  Finding,
  'severity' | 'subject' | 'sku' | 'evidence' | 'owner' | 'summary'
> & { readonly kind: (typeof STANDING_KINDS)[number] };

/** What stands in the place of a run for findings that no reconciliation makes. */
const KEEPER = 'stewards';

/**
 * Brings the findings about who answers for what up to date: these are open, and all others of their kinds resolved.
 * Reconciliations leave them alone. Returns how many there are.
 */
export async function keepStandingFindings(
  tx: TenantTx,
  asOf: LocalDate,
  drafts: readonly StandingDraft[],
): Promise<number> {
  await lockRuns(tx);
  const findings = drafts.map((draft): Finding => ({
    ...draft,
    id: findingId(draft),
    amount: null,
    currency: null,
    dueAt: findingDue(draft.severity, asOf),
    status: 'open',
  }));
  await upsertFindings(tx, { runId: KEEPER, asOf }, findings);
  await resolveStanding(tx, findings.map(({ id }) => id)); // prettier-ignore
  return findings.length;
}
