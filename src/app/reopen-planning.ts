import type { OutboundOrder } from '../canonical/outbound/outbound-order.ts';
import type { Deal } from '../commerce/deals.ts';
import { reopenDeal } from '../commerce/reopen-deal.ts';
import type { TenantTx } from '../db/store.ts';
import { externalIdOf } from '../kernel/ids.ts';
import { subtractMoney, type Money } from '../kernel/money.ts';
import type { Fact } from '../ledger/fact.ts';
import { factsOf } from '../ledger/facts.ts';
import { contentHashOf, type DealWorld, type PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { effectsOn, worthOf } from './outbound-effects.ts';

/** What reopening a deal would do, and whether a person must look because lines were billed. */
export interface ReopenPlan {
  readonly body: PlanBody;
  readonly billed: boolean;
}

/**
 * Plans the reversal of a deal whose order was asked for, from the order as it was applied: what the CRM says of the
 * deal by now does not matter. What the ERP shows of the order does, so its facts are the plan's inputs: an approval
 * does not outlive a line that was billed since. Null when nothing was asked of an ERP.
 */
export async function planReopen(
  deps: Deps,
  tx: TenantTx,
  world: DealWorld,
  deal: Pick<Deal, 'id'>,
  applied: PlanBody,
): Promise<ReopenPlan | null> {
  if (applied.order === null || world.erp === null) return null;
  // How the deal came is no matter of its reversal.
  const { late: _late, review: _review, ...standing } = applied;
  const { order, lines } = await orderInErp(tx, world.erp.id, deal.id, applied);
  const reopened = reopenDeal(applied.order, applied.entitlements, lines);
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
      ...standing,
      total: noLongerBilled(standing.total, reopened.order),
      order: reopened.order,
      entitlements: reopened.entitlements,
      effects: outbound.effects,
      problems,
      inputs: [...order, ...lines].map(({ factId, noun, externalRef }) => ({
        factId,
        noun,
        externalRef,
      })),
      mappings: outbound.mappings,
      contentHash: contentHashOf(outbound.effects, reopened.entitlements, problems),
      notes: reopened.billedLines.map(
        (line) => `Line ${line} was billed and stays. Decide about a credit in the ERP.`,
      ),
    },
  };
}

/** What the order comes to less what of it stays. */
function noLongerBilled(total: Money | null, order: OutboundOrder): Money | null {
  const stays = worthOf(order);
  if (total === null || stays === null || stays.currency !== total.currency) return total;
  return subtractMoney(total, stays);
}

interface OrderInErp {
  /** None while the ERP was not read since the order was written. */
  readonly order: readonly Fact<'order'>[];
  readonly lines: readonly Fact<'orderLine'>[];
}

async function orderInErp(
  tx: TenantTx,
  erp: string,
  dealId: string,
  applied: PlanBody,
): Promise<OrderInErp> {
  const object = applied.effects.find((effect) => effect.connection === erp)?.object;
  if (object === undefined) return { order: [], lines: [] };
  const effectExternalId = externalIdOf({
    tenantId: tx.tenantId,
    connection: erp,
    object,
    canonicalId: dealId,
  });
  const [order] = await factsOf(tx, 'order', { connection: erp, where: { effectExternalId } });
  if (order === undefined) return { order: [], lines: [] };
  const where = { orderRef: order.externalRef };
  return { order: [order], lines: await factsOf(tx, 'orderLine', { connection: erp, where }) };
}
