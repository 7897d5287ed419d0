import type { OutboundAccountSummary } from '../../canonical/outbound/outbound-account-summary.ts';
import type { PositionLine } from '../../canonical/position-line.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import { connectionForRole } from '../../intake/connections.ts';
import { addQuantity } from '../../kernel/quantity.ts';
import { factsOf } from '../../ledger/facts.ts';
import { latestRun, listFindings, listPositions } from '../../licensing/runs.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { TenantTx } from '../../db/store.ts';
import { accountOfFinding } from '../account-of-finding.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { effectsOn } from '../outbound-effects.ts';
import { deliverWork, request } from '../request.ts';

/** Worst first: what an account shows is the worst of its pools. */
const WORST_FIRST: readonly PositionLine['status'][] = [
  'non_compliant', 'true_up_due', 'in_grace', 'exception_covered', 'indeterminate', 'compliant',
]; // prettier-ignore

/**
 * Shows on each customer's account in the CRM what the newest reconciliation found: the sums over its pools, the worst
 * status, the next renewal. Sums are for reading; no pool's surplus is set off against another's shortfall.
 */
export async function syncReconciliation(deps: Deps, context: JobContext): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const crm = await connectionForRole(tx, 'crm', (await commerceSettings(tx)).crm);
    const run = await latestRun(tx);
    if (crm === null || run === undefined) return;
    const known = new Set(
      (await factsOf(tx, 'organization', { connection: crm.id })).map((fact) => fact.externalRef),
    );
    const documents = (await summaries(tx, run.id, run.asOf)).filter((each) =>
      known.has(each.accountRef),
    );
    const { effects, failures } = await effectsOn(
      deps,
      tx,
      crm,
      documents.map((document) => ({
        name: 'outboundAccountSummary',
        canonicalId: `position:${document.accountRef}`,
        vendorId: document.accountRef,
        document,
      })),
    );
    for (const failure of failures)
      deps.logger.error('A position cannot be shown in the CRM', {
        account: failure.canonicalId,
        reason: failure.message,
      });
    const proposed = await proposeIntents(tx, effects);
    await request(deps, tx, proposed.targets.map(deliverWork));
  });
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
