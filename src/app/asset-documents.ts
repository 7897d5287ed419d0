import type { OutboundAsset } from '../canonical/outbound/outbound-asset.ts';
import type { TenantTx } from '../db/store.ts';
import { endInclusive } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import { factsOf } from '../ledger/facts.ts';
import type { Document } from './outbound-effects.ts';
import type { SkuCatalogue } from './sku-catalogue.ts';

/** The entitlements that the CRM shows as assets: those of deals, and those since the cut-over. */
export async function assetDocuments(
  tx: TenantTx,
  catalogue: SkuCatalogue,
  { crm, since }: { readonly crm: string; readonly since: string },
): Promise<readonly Document<'outboundAsset'>[]> {
  const shown = (await factsOf(tx, 'entitlement')).filter((fact) => isShown(fact, since));
  return shown.flatMap((fact) => {
    const document = assetOf(fact, catalogue.inConnection(crm, fact.body.skuCode));
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
