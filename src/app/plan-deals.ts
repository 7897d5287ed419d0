import { appendAudit } from '../audit/audit-log.ts';
import { policyApproves } from '../commerce/approval-policy.ts';
import { markPlanned, reopenedDeals, wonDeals, type Deal } from '../commerce/deals.ts';
import type { TenantTx } from '../db/store.ts';
import {
  getPlan,
  plansInEffect,
  savePlan,
  supersedeOpenPlans,
  type Plan,
  type PlanInEffect,
} from '../delivery/plans.ts';
import { factsOf } from '../ledger/facts.ts';
import { lineFactIds } from '../ledger/opportunity-facts.ts';
import { commerceSettings } from './commerce-settings.ts';
import {
  erpCustomerOf,
  loadDealWorld,
  planDeal,
  planHash,
  type DealWorld,
  type PlanBody,
} from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { planReopen } from './reopen-planning.ts';
import { request } from './request.ts';

/** Who the audit says found deals and drew up their plans. */
export const DETECTION = 'system:detect-closed-won';

/**
 * Draws up what the deals of one CRM connection ask for now: the won ones whose facts are not those of the plan that
 * holds for them, and the reversal of reopened ones until it is applied. An applied deal is not planned again because
 * settings or a mapping changed: those hold for what is won or edited from then on.
 */
export async function planDeals(
  deps: Deps,
  tx: TenantTx,
  connection: string,
  isWhole: (deal: Deal) => boolean,
): Promise<void> {
  const won = (await wonDeals(tx, connection)).filter(isWhole);
  const reopened = await reopenedDeals(tx, connection);
  const inEffect = await plansInEffect(
    tx,
    [...won, ...reopened].map((deal) => deal.id),
  );
  const toReverse = reopened.filter((deal) => wasSent(inEffect.get(deal.id)));
  if (won.length === 0 && toReverse.length === 0) return;
  const world = await loadDealWorld(tx, connection, await commerceSettings(tx));
  const planning: Planning = { deps, tx, world, inEffect };
  for (const deal of await movedDeals(planning, won)) await planWon(planning, deal);
  for (const deal of toReverse) await planReversal(planning, deal);
}

/** True for the plan of a won deal that was applied: there is something to take back. */
function wasSent(plan: PlanInEffect | undefined): boolean {
  return plan?.kind === 'closed_won' && (plan.status === 'applying' || plan.status === 'applied');
}

interface Planning {
  readonly deps: Deps;
  readonly tx: TenantTx;
  readonly world: DealWorld;
  readonly inEffect: ReadonlyMap<string, PlanInEffect>;
}

/** Won deals whose facts are others than those that their plan in effect was drawn up from, or that have none. */
async function movedDeals(
  { tx, world, inEffect }: Planning,
  deals: readonly Deal[],
): Promise<readonly Deal[]> {
  const connection = world.crm.id;
  const refs = deals.map((deal) => deal.opportunityRef);
  const opportunities = new Map(
    (await factsOf(tx, 'opportunity', { connection, refs })).map((fact) => [
      fact.externalRef,
      fact,
    ]),
  );
  const lines = await lineFactIds(tx, connection, refs);
  return deals.filter((deal) => {
    const opportunity = opportunities.get(deal.opportunityRef);
    if (opportunity === undefined) return false;
    const customer = world.erp === null ? null : erpCustomerOf(world, world.erp, opportunity.body);
    const now = new Set([opportunity.factId, ...(lines.get(deal.opportunityRef) ?? [])]);
    if (customer !== null) now.add(customer.factId);
    return now.symmetricDifference(new Set(inEffect.get(deal.id)?.inputs)).size > 0;
  });
}

async function planWon({ deps, tx, world, inEffect }: Planning, deal: Deal): Promise<void> {
  const basis = await basisOf(tx, inEffect.get(deal.id));
  const body = await planDeal(deps, tx, world, { deal, basis });
  if (body === null) return;
  const blocked = body.problems.length > 0;
  if (!blocked) await markPlanned(tx, deal.id, deps.clock.today());
  // Back to what was applied: a plan for something else that still waits has lost its sense.
  if (basis?.body.contentHash === body.contentHash) return supersedeOpenPlans(tx, deal.id);
  await keep(deps, tx, {
    kind: 'closed_won',
    subject: deal.id,
    hash: planHash(body, basis?.id ?? null),
    body,
    blocked,
    approvedByPolicy: !wasDeclined(basis) && policyApproves(body.total, world.settings, body.late),
    forReview: body.review !== undefined,
  });
}

/** A person said that nothing shall be written for the deal. Only a person goes back on that, whatever is edited. */
function wasDeclined(basis: Plan<PlanBody> | null): boolean {
  return basis?.status === 'linked' || basis?.status === 'rejected';
}

async function planReversal({ deps, tx, world, inEffect }: Planning, deal: Deal): Promise<void> {
  const basis = await basisOf(tx, inEffect.get(deal.id));
  const reopen = basis === null ? null : await planReopen(deps, tx, world, deal, basis.body);
  if (reopen === null || basis === null) return;
  await keep(deps, tx, {
    kind: 'reopen',
    subject: deal.id,
    hash: planHash(reopen.body, basis.id),
    body: reopen.body,
    blocked: reopen.body.problems.length > 0,
    approvedByPolicy: !reopen.billed,
  });
}

async function basisOf(
  tx: TenantTx,
  inEffect: PlanInEffect | undefined,
): Promise<Plan<PlanBody> | null> {
  return inEffect === undefined ? null : getPlan<PlanBody>(tx, inEffect.id);
}

async function keep(
  deps: Deps,
  tx: TenantTx,
  draft: Parameters<typeof savePlan<PlanBody>>[1],
): Promise<void> {
  const { plan, isNew } = await savePlan<PlanBody>(tx, draft);
  if (isNew) {
    await appendAudit(tx, {
      actor: DETECTION,
      action: 'plan.created',
      subject: { type: 'plan', id: plan.id },
      details: {
        kind: plan.kind,
        deal: plan.subject,
        hash: plan.hash,
        status: plan.status,
        ...(plan.body.late === undefined ? {} : { daysLate: plan.body.late.days }),
      },
    });
  }
  if (plan.status === 'approved')
    await request(deps, tx, [{ job: 'apply-plan', key: plan.id, payload: { planId: plan.id } }]);
}
