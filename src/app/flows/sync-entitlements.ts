import { cutOverDate } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { connectionForRole } from '../../intake/connections.ts';
import { lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { assetDocuments } from '../asset-documents.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { loadOrganizationLinks } from '../organization-links.ts';
import { effectsOn } from '../outbound-effects.ts';
import { proposeRun } from '../propose-effects.ts';
import { deliverWork, request } from '../request.ts';
import { writeRights } from '../rights.ts';
import { loadSkuCatalogue, type SkuCatalogue } from '../sku-catalogue.ts';

/**
 * Starts and reverses rights from what the ERP says of its orders, then shows them in the CRM: one asset an
 * entitlement. Only entitlements of deals and of orders since the cut-over are written, so a customer's older assets
 * stay as they are.
 */
export async function syncEntitlements(deps: Deps, context: JobContext): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    await lockWriter(tx, OWN_CONNECTION);
    const organizations = await loadOrganizationLinks(tx);
    const catalogue = await loadSkuCatalogue(tx);
    await writeRights(tx, { organizations, catalogue, today: deps.clock.today() });
    await showInCrm(deps, tx, catalogue);
  });
}

async function showInCrm(deps: Deps, tx: TenantTx, catalogue: SkuCatalogue): Promise<void> {
  const settings = await commerceSettings(tx);
  const crm = await connectionForRole(tx, 'crm', settings.crm);
  if (crm === null) return;
  const since = await cutOverDate(tx, crm.id);
  if (since === null) return;
  const documents = await assetDocuments(tx, catalogue, { crm: crm.id, since });
  const { effects, failures } = await effectsOn(deps, tx, crm, documents);
  for (const failure of failures)
    deps.logger.error('An entitlement cannot be shown in the CRM', {
      entitlement: failure.canonicalId,
      reason: failure.message,
    });
  const proposed = await proposeRun(tx, 'entitlements', effects);
  await request(deps, tx, proposed.targets.map(deliverWork));
}
