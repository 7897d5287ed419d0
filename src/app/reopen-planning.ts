import type { Deal } from '../commerce/deals.ts';
import { reopenDeal } from '../commerce/reopen-deal.ts';
import type { TenantTx } from '../db/store.ts';
import { hashJson } from '../kernel/hash.ts';
import { externalIdOf } from '../kernel/ids.ts';
import { factsOf } from '../ledger/facts.ts';
import type { DealWorld, PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { effectsOn } from './outbound-effects.ts';

/** What reopening a deal would do, and whether a person must look because lines were billed. */
export interface ReopenPlan {
  readonly body: PlanBody;
  readonly billed: boolean;
}

/**
 * Plans the reversal of a deal whose order was asked for, from the order as it was applied: what the CRM says of the
 * deal by now does not matter. Null when nothing was asked of an ERP.
 */
export async function planReopen(
  deps: Deps,
  tx: TenantTx,
  world: DealWorld,
  deal: Pick<Deal, 'id'>,
  applied: PlanBody,
): Promise<ReopenPlan | null> {
  if (applied.order === null || world.erp === null) return null;
  const reopened = reopenDeal(
    applied.order,
    applied.entitlements,
    await erpLines(tx, world.erp.id, deal.id, applied),
  );
  const outbound = await effectsOn(deps, tx, world.erp, [
    { name: 'outboundOrder', canonicalId: deal.id, vendorId: null, document: reopened.order },
  ]);
  const problems = outbound.failures.map((each) => ({
    code: each.code,
    message: each.message,
    subject: each.canonicalId,
  }));
  return {
    billed: reopened.billedLines.length > 0,
    body: {
      ...applied,
      order: reopened.order,
      entitlements: reopened.entitlements,
      effects: outbound.effects,
      problems,
      inputs: [],
      mappings: outbound.mappings,
      contentHash: hashJson({
        effects: outbound.effects,
        entitlements: reopened.entitlements,
        problems,
      }),
      notes: reopened.billedLines.map(
        (line) => `Line ${line} was billed and stays. Decide about a credit in the ERP.`,
      ),
    },
  };
}

async function erpLines(tx: TenantTx, erp: string, dealId: string, applied: PlanBody) {
  const object = applied.effects.find((effect) => effect.connection === erp)?.object;
  if (object === undefined) return [];
  const effectExternalId = externalIdOf({
    tenantId: tx.tenantId,
    connection: erp,
    object,
    canonicalId: dealId,
  });
  const [order] = await factsOf(tx, 'order', { connection: erp, where: { effectExternalId } });
  return order === undefined
    ? []
    : factsOf(tx, 'orderLine', { connection: erp, where: { orderRef: order.externalRef } });
}
