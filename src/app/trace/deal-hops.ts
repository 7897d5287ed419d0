import { DEAL_RULE } from '../../commerce/deal-occurrences.ts';
import type { Deal } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { intentsAbout, type Intent } from '../../delivery/intents.ts';
import { listPlans, type Plan } from '../../delivery/plans.ts';
import type { Fact } from '../../ledger/fact.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { PlanBody } from '../deal-planning.ts';
import { lineText } from './line-text.ts';
import { hopsOf, type TraceHop } from './trace-hop.ts';

/** What the CRM says of an opportunity: the deal itself, its lines and its stage history. */
export async function opportunityHops(
  tx: TenantTx,
  opportunityRef: string,
): Promise<readonly TraceHop[]> {
  const opportunities = await factsOf(tx, 'opportunity', { refs: [opportunityRef] });
  const lines = await factsOf(tx, 'opportunityLine', { where: { opportunityRef } });
  const stages = await factsOf(tx, 'stageTransition', { where: { opportunityRef } });
  const inTime = stages.toSorted((a, b) => (a.body.changedAt < b.body.changedAt ? -1 : 1));
  return [
    ...hopsOf(opportunities, (fact) => describe(fact as Fact<'opportunity'>)),
    ...hopsOf(lines, (fact) => lineText((fact as Fact<'opportunityLine'>).body)),
    ...hopsOf(inTime, (fact) => {
      const { stageName, changedAt } = (fact as Fact<'stageTransition'>).body;
      return `${stageName} since ${changedAt}`;
    }),
  ];
}

function describe({ body }: Fact<'opportunity'>): string {
  return `${body.name}: ${body.stageName}, closes ${body.closeDate}`;
}

/** A deal: that it was won, what was planned and approved, and what was written where. */
export async function dealHops(
  tx: TenantTx,
  deal: Deal,
): Promise<{ readonly hops: readonly TraceHop[]; readonly intents: readonly Intent[] }> {
  const plans = (await listPlans<PlanBody>(tx, { subject: deal.id, limit: 100 })).toReversed();
  const intents = await intentsAbout(tx, [deal.id]);
  const won: TraceHop = {
    kind: 'deal',
    system: 'trueup',
    object: 'deal',
    id: deal.id,
    at: deal.wonAt.toISOString(),
    summary: `closed-won number ${deal.occurrence}, now ${deal.state}`,
    mapping: null,
    rules: DEAL_RULE,
  };
  return { hops: [won, ...plans.map(planHop), ...intents.map(intentHop)], intents };
}

function planHop(plan: Plan<PlanBody>): TraceHop {
  const approval = plan.approvedBy === null ? 'not approved' : `approved by ${plan.approvedBy}`;
  const decision = plan.decision === null ? '' : `, ${plan.decision} by ${plan.decidedBy ?? ''}`;
  return {
    kind: 'plan',
    system: 'trueup',
    object: plan.kind,
    id: plan.id,
    at: plan.createdAt.toISOString(),
    summary: `hash ${plan.hash.slice(0, 12)}, ${approval}${decision}, ${plan.status}`,
    mapping: null,
    rules: null,
  };
}

/** What was written, as the other system's own record, with the outbound mapping that made it. */
export function intentHop(intent: Intent): TraceHop {
  const shown = intent.readBack ? 'read back' : 'not read back';
  return {
    kind: 'intent',
    system: intent.connection,
    object: intent.object,
    id: intent.result?.vendorId ?? intent.vendorId ?? intent.externalId,
    at: intent.createdAt.toISOString(),
    summary: `revision ${intent.revision} ${intent.state}, ${shown}, external id ${intent.externalId.slice(0, 12)}…`,
    mapping: intent.mapping,
    rules: null,
    intentId: intent.id,
  };
}
