import { connectionForRole } from '../../intake/connections.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { latestRun } from '../../licensing/runs.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { positionDocuments } from '../account-summaries.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { effectsOn, type Effects } from '../outbound-effects.ts';
import { proposeRun } from '../propose-effects.ts';
import { deliverWork, request } from '../request.ts';

/**
 * Shows on each customer's account in the CRM, and on its customers in the ERP, what the newest reconciliation found: the sums
 * over its pools, the worst status, the next renewal. Sums are for reading; no pool's surplus is set off against another's
 * shortfall. An ERP for which no mapping writes positions shows none.
 */
export async function syncReconciliation(deps: Deps, context: JobContext): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const settings = await commerceSettings(tx);
    const crm = await connectionForRole(tx, 'crm', settings.crm);
    const erp = await connectionForRole(tx, 'erp', settings.erp);
    const run = await latestRun(tx);
    if (crm === null || run === undefined) return;
    const documents = await positionDocuments(tx, { crm: crm.id, erp: erp?.id ?? null }, run);
    const inCrm = await effectsOn(deps, tx, crm, documents.accounts);
    const inErp = erp === null ? NONE : await whereMapped(() => effectsOn(deps, tx, erp, documents.customers)); // prettier-ignore
    for (const failure of [...inCrm.failures, ...inErp.failures])
      deps.logger.error('A position cannot be shown', {
        record: failure.canonicalId,
        reason: failure.message,
      });
    const effects = [...inCrm.effects, ...inErp.effects];
    const proposed = await proposeRun(tx, 'reconciliation', effects);
    await request(deps, tx, proposed.targets.map(deliverWork));
  });
}

const NONE: Effects = { effects: [], failures: [], mappings: [] };

async function whereMapped(effects: () => Promise<Effects>): Promise<Effects> {
  try {
    return await effects();
  } catch (error) {
    if (error instanceof NotFoundError) return NONE;
    throw error;
  }
}
