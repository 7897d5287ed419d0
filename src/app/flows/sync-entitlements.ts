import type { OutboundAsset } from '../../canonical/outbound/outbound-asset.ts';
import { cutOverDate } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import { connectionForRole } from '../../intake/connections.ts';
import { endInclusive } from '../../kernel/dates.ts';
import type { Fact } from '../../ledger/fact.ts';
import { factsOf, lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { loadOrganizationLinks } from '../organization-links.ts';
import { effectsOn } from '../outbound-effects.ts';
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
  const shown = (await factsOf(tx, 'entitlement')).filter((fact) => isShown(fact, since));
  const documents = shown.flatMap((fact) => {
    const document = assetOf(fact, catalogue.inConnection(crm.id, fact.body.skuCode));
    return document === null
      ? []
      : [
          {
            name: 'outboundAsset' as const,
            canonicalId: fact.externalRef,
            vendorId: null,
            document,
          },
        ];
  });
  const { effects, failures } = await effectsOn(deps, tx, crm, documents);
  for (const failure of failures)
    deps.logger.error('An entitlement cannot be shown in the CRM', {
      entitlement: failure.canonicalId,
      reason: failure.message,
    });
  const proposed = await proposeIntents(tx, effects);
  await request(deps, tx, proposed.targets.map(deliverWork));
}

function isShown(fact: Fact<'entitlement'>, since: string): boolean {
  const { posture, ownerRef, dealRef, plannedFrom = '' } = fact.body;
  if (posture !== 'licensor' || ownerRef.startsWith('unlinked:')) return false;
  return dealRef !== undefined || plannedFrom >= since;
}

function assetOf(fact: Fact<'entitlement'>, product: Fact<'sku'> | null): OutboundAsset | null {
  const { body } = fact;
  if (product === null || body.plannedQuantity === undefined || body.plannedFrom === undefined)
    return null;
  return {
    entitlementId: fact.externalRef,
    name: product.body.name,
    accountRef: body.ownerRef,
    skuCode: body.skuCode,
    productRef: product.externalRef,
    quantity: body.plannedQuantity,
    status: body.status,
    termStart: body.plannedFrom,
    ...(body.plannedTo === undefined ? {} : { termEndInclusive: endInclusive(body.plannedTo) }),
    unitPrice: body.unitPrice ?? '0',
  };
}
