import { appendAudit } from '../../audit/audit-log.ts';
import { findDeal, type Deal } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import {
  completePlans,
  getPlan,
  IN_EFFECT,
  latestPlanOf,
  movePlan,
  type Plan,
} from '../../delivery/plans.ts';
import { decideFacts, lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import {
  loadDealWorld,
  planDeal,
  planHash,
  type DealWorld,
  type PlanBody,
} from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { planReopen } from '../reopen-planning.ts';
import { deliverWork, request } from '../request.ts';

const ACTOR = 'system:apply-plan';
/** A plan that policy approves and that is refused again and again must not keep the workers busy. */
const REPLAN_AFTER_MS = 10_000;

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
    await lockWriter(tx, OWN_CONNECTION);
    const plan = await getPlan<PlanBody>(tx, payload.planId);
    if (plan.status !== 'approved') return;
    if (!(await stillHolds(deps, tx, plan))) return refuse(deps, tx, plan);
    if (!(await movePlan(tx, plan.id, ['approved'], 'applying'))) return;
    const refs = plan.body.entitlements.map((entitlement) => entitlement.externalRef);
    await decideFacts(tx, 'entitlement', plan.body.entitlements, { externalRefs: refs });
    const proposed = await proposeIntents(tx, plan.body.effects, plan.id);
    // Nothing may be left to send, and then no delivery comes that would complete the plan.
    if (proposed.planned === 0) await completePlans(tx);
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
  if (deal?.state !== (plan.kind === 'reopen' ? 'reopened' : 'won')) return false;
  const world = await loadDealWorld(tx, deal.connection, await commerceSettings(tx));
  const basis = await latestPlanOf<PlanBody>(tx, deal.id, IN_EFFECT);
  const now =
    plan.kind === 'reopen'
      ? await reopeningNow(deps, tx, world, deal, basis)
      : await planDeal(deps, tx, world, { deal, basis });
  return now !== null && planHash(now, basis?.id ?? null) === plan.hash;
}

async function reopeningNow(
  deps: Deps,
  tx: TenantTx,
  world: DealWorld,
  deal: Deal,
  basis: Plan<PlanBody> | null,
): Promise<PlanBody | null> {
  if (basis?.kind !== 'closed_won') return null;
  return (await planReopen(deps, tx, world, deal, basis.body))?.body ?? null;
}

async function refuse(deps: Deps, tx: TenantTx, plan: Plan<PlanBody>): Promise<void> {
  await movePlan(tx, plan.id, ['approved'], 'stale');
  await appendAudit(tx, {
    actor: ACTOR,
    action: 'plan.refused',
    subject: { type: 'plan', id: plan.id },
    details: { reason: 'the inputs moved since the approval', hash: plan.hash },
  });
  const notBefore = new Date((await tx.clock()).getTime() + REPLAN_AFTER_MS);
  await request(deps, tx, [{ job: 'detect-closed-won', key: '', payload: {}, notBefore }]);
}
