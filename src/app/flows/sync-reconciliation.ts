import { connectionForRole } from '../../intake/connections.ts';
import { latestRun } from '../../licensing/runs.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { accountSummaries } from '../account-summaries.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { effectsOn } from '../outbound-effects.ts';
import { proposeRun } from '../propose-effects.ts';
import { deliverWork, request } from '../request.ts';

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
    const documents = await accountSummaries(tx, crm.id, run);
    const { effects, failures } = await effectsOn(deps, tx, crm, documents);
    for (const failure of failures)
      deps.logger.error('A position cannot be shown in the CRM', {
        account: failure.canonicalId,
        reason: failure.message,
      });
    const proposed = await proposeRun(tx, 'reconciliation', effects);
    await request(deps, tx, proposed.targets.map(deliverWork));
  });
}
