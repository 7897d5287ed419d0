import type { OutboundAccountSummary } from '../canonical/outbound/outbound-account-summary.ts';
import type { PositionLine } from '../canonical/position-line.ts';
import type { TenantTx } from '../db/store.ts';
import { addQuantity } from '../kernel/quantity.ts';
import { factsOf } from '../ledger/facts.ts';
import { listFindings, listPositions } from '../licensing/runs.ts';
import { accountOfFinding } from './account-of-finding.ts';
import type { Document } from './outbound-effects.ts';

/** Worst first: what an account shows is the worst of its pools. */
const WORST_FIRST: readonly PositionLine['status'][] = [
  'non_compliant', 'true_up_due', 'in_grace', 'exception_covered', 'indeterminate', 'compliant',
]; // prettier-ignore

/** What a reconciliation found, one summary for each account of the CRM that is known there. */
export async function accountSummaries(
  tx: TenantTx,
  crm: string,
  run: { readonly id: string; readonly asOf: string },
): Promise<readonly Document<'outboundAccountSummary'>[]> {
  const known = new Set(
    (await factsOf(tx, 'organization', { connection: crm })).map((fact) => fact.externalRef),
  );
  return (await summaries(tx, run.id, run.asOf))
    .filter((each) => known.has(each.accountRef))
    .map((document) => ({
      name: 'outboundAccountSummary',
      canonicalId: `position:${document.accountRef}`,
      vendorId: document.accountRef,
      document,
    }));
}

async function summaries(
  tx: TenantTx,
  runId: string,
  asOf: string,
): Promise<readonly OutboundAccountSummary[]> {
  const lines = (await listPositions(tx, { runId }))
    .map((position) => position.line)
    .filter((line) => line.posture === 'licensor');
  const renewals = await nextRenewals(tx);
  const findings = Map.groupBy(
    await accountOfFinding(tx, await listFindings(tx)),
    (each) => each.accountRef,
  );
  return [...Map.groupBy(lines, (line) => line.ownerRef)].map(([accountRef, own]) => {
    const nextRenewal = renewals.get(accountRef);
    return {
      accountRef,
      rightsOwned: own.map((line) => line.rightsOwned ?? '0').reduce(addQuantity, '0'),
      rightsInUse: own.map((line) => line.rightsInUse).reduce(addQuantity, '0'),
      shortfall: own.map((line) => line.shortfall ?? '0').reduce(addQuantity, '0'),
      status:
        WORST_FIRST.find((status) => own.some((line) => line.status === status)) ?? 'compliant',
      asOf,
      ...(nextRenewal === undefined ? {} : { nextRenewal }),
      openFindings: findings.get(accountRef)?.length ?? 0,
    };
  });
}

async function nextRenewals(tx: TenantTx): Promise<ReadonlyMap<string, string>> {
  const terms = (await factsOf(tx, 'renewalTerm'))
    .map((fact) => fact.body)
    .toSorted((a, b) => (a.renewalFrom < b.renewalFrom ? 1 : -1));
  return new Map(terms.map((term) => [term.ownerRef, term.renewalFrom]));
}
