import { appendAudit } from '../audit/audit-log.ts';
import { policyApproves } from '../commerce/approval-policy.ts';
import { markPlanned, reopenedDeals, wonDeals, type Deal } from '../commerce/deals.ts';
import type { TenantTx } from '../db/store.ts';
import { supersedeOpenPlans } from '../delivery/move-plans.ts';
import { getPlan, isBegun, savePlan, type Plan } from '../delivery/plans.ts';
import { plansInEffect, type PlanInEffect } from '../delivery/plans-in-effect.ts';
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
import { loadModes } from './effect-modes.ts';
import { holdOfDeals } from './hold-deals.ts';
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
  const drafts: Draft[] = [];
  for (const deal of await movedDeals(planning, won))
    drafts.push(...(await planWon(planning, deal)));
  for (const deal of toReverse) drafts.push(...(await planReversal(planning, deal)));
  await keepAll(planning, drafts);
}

/** A plan that is to be kept. */
type Draft = Parameters<typeof savePlan<PlanBody>>[1];

/**
 * Keeps what one look at the deals drew up. What is only observed cannot be approved. Where more would go out without a
 * person's word than the company allows, all that policy would let through waits for one.
 */
async function keepAll({ deps, tx }: Planning, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  const modes = await loadModes(tx);
  const judged = drafts.map((draft) => {
    const { mode } = modes.ofAll(draft.body.effects);
    return { ...draft, observed: mode === 'observe', approvedByPolicy: draft.approvedByPolicy && mode === 'write' }; // prettier-ignore
  });
  const held = await holdOfDeals(tx, judged, DETECTION);
  for (const draft of judged)
    await keep(deps, tx, held !== null && draft.approvedByPolicy ? { ...draft, approvedByPolicy: false, holdId: held } : draft); // prettier-ignore
}

/** True for the plan of a won deal that was applied: there is something to take back. */
function wasSent(plan: PlanInEffect | undefined): boolean {
  return plan !== undefined && plan.kind === 'closed_won' && isBegun(plan);
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

async function planWon(
  { deps, tx, world, inEffect }: Planning,
  deal: Deal,
): Promise<readonly Draft[]> {
  const basis = await basisOf(tx, inEffect.get(deal.id));
  const body = await planDeal(deps, tx, world, { deal, basis });
  if (body === null) return [];
  const blocked = body.problems.length > 0;
  if (!blocked) await markPlanned(tx, deal.id, deps.clock.today());
  // Back to what was applied: a plan for something else that still waits has lost its sense.
  if (basis?.body.contentHash === body.contentHash) {
    await supersedeOpenPlans(tx, deal.id);
    return [];
  }
  return [
    {
      kind: 'closed_won',
      subject: deal.id,
      hash: planHash(body, basis?.id ?? null),
      body,
      blocked,
      approvedByPolicy:
        !wasDeclined(basis) && policyApproves(body.total, world.settings, body.late),
      forReview: body.review !== undefined,
    },
  ];
}

/** A person said that nothing shall be written for the deal. Only a person goes back on that, whatever is edited. */
function wasDeclined(basis: Plan<PlanBody> | null): boolean {
  return basis?.status === 'linked' || basis?.status === 'rejected';
}

async function planReversal(
  { deps, tx, world, inEffect }: Planning,
  deal: Deal,
): Promise<readonly Draft[]> {
  const basis = await basisOf(tx, inEffect.get(deal.id));
  const reopen = basis === null ? null : await planReopen(deps, tx, world, deal, basis.body);
  if (reopen === null || basis === null) return [];
  return [
    {
      kind: 'reopen',
      subject: deal.id,
      hash: planHash(reopen.body, basis.id),
      body: reopen.body,
      blocked: reopen.body.problems.length > 0,
      approvedByPolicy: !reopen.billed,
    },
  ];
}

async function basisOf(
  tx: TenantTx,
  inEffect: PlanInEffect | undefined,
): Promise<Plan<PlanBody> | null> {
  return inEffect === undefined ? null : getPlan<PlanBody>(tx, inEffect.id);
}

async function keep(deps: Deps, tx: TenantTx, draft: Draft): Promise<void> {
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
