import { appendAudit } from '../../audit/audit-log.ts';
import { findDeal } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import { getPlan, latestPlanOf, movePlan, type Plan } from '../../delivery/plans.ts';
import { decideFacts } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import { loadDealWorld, planDeal, planHash, type PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, request } from '../request.ts';

const ACTOR = 'system:apply-plan';

/**
 * Applies an approved plan in one transaction: entitlements as the plan says, and one intent per effect. The plan is
 * drawn up again first; if it comes out differently, the world has moved since the approval, the plan is stale and
 * nothing is done (a new one is planned at the next detection).
 */
export async function applyPlan(
  deps: Deps,
  context: JobContext,
  payload: { readonly planId: string },
): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const plan = await getPlan<PlanBody>(tx, payload.planId);
    if (plan.status !== 'approved') return;
    if (!(await stillHolds(deps, tx, plan))) return refuse(deps, tx, plan);
    if (!(await movePlan(tx, plan.id, ['approved'], 'applying'))) return;
    const refs = plan.body.entitlements.map((entitlement) => entitlement.externalRef);
    await decideFacts(tx, 'entitlement', plan.body.entitlements, { externalRefs: refs });
    const proposed = await proposeIntents(tx, plan.body.effects, plan.id);
    await appendAudit(tx, {
      actor: ACTOR,
      action: 'plan.applied',
      subject: { type: 'plan', id: plan.id },
      details: {
        hash: plan.hash,
        approvedBy: plan.approvedBy,
        intents: proposed.planned,
        unchanged: proposed.unchanged,
      },
    });
    await request(deps, tx, [
      ...plan.body.effects.map(deliverWork),
      { job: 'sync-entitlements', key: '', payload: {} },
    ]);
  });
}

async function stillHolds(deps: Deps, tx: TenantTx, plan: Plan<PlanBody>): Promise<boolean> {
  if (plan.approvedHash !== plan.hash) return false;
  const deal = await findDeal(tx, plan.subject);
  if (plan.kind === 'reopen') return deal?.state === 'reopened';
  if (deal?.state !== 'won') return false;
  const world = await loadDealWorld(tx, deal.connection, await commerceSettings(tx));
  const now = await planDeal(deps, tx, world, deal);
  const basis = await latestPlanOf<PlanBody>(tx, deal.id, ['applying', 'applied']);
  return now !== null && planHash(now, basis?.id ?? null) === plan.hash;
}

async function refuse(deps: Deps, tx: TenantTx, plan: Plan<PlanBody>): Promise<void> {
  await movePlan(tx, plan.id, ['approved'], 'stale');
  await appendAudit(tx, {
    actor: ACTOR,
    action: 'plan.refused',
    subject: { type: 'plan', id: plan.id },
    details: { reason: 'the inputs moved since the approval', hash: plan.hash },
  });
  await request(deps, tx, [{ job: 'detect-closed-won', key: '', payload: {} }]);
}
