import type { Deal } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { intentsOf, type Intent } from '../../delivery/intents.ts';
import { listPlans, type Plan } from '../../delivery/plans.ts';
import type { Fact } from '../../ledger/fact.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { PlanBody } from '../deal-planning.ts';
import { factHop, hopsOf, type TraceHop } from './trace-hop.ts';

const own = { system: 'trueup', rules: null } as const;

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
    ...hopsOf(lines, (fact) => line(fact as Fact<'opportunityLine'>)),
    ...hopsOf(inTime, (fact) => {
      const { stageName, changedAt } = (fact as Fact<'stageTransition'>).body;
      return `${stageName} since ${changedAt}`;
    }),
  ];
}

function describe({ body }: Fact<'opportunity'>): string {
  return `${body.name}: ${body.stageName}, closes ${body.closeDate}`;
}

function line({ body }: Fact<'opportunityLine' | 'orderLine'>): string {
  return `${body.quantity} × ${body.skuCode} at ${body.unitPrice}${period(body)}`;
}

function period(body: {
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
}): string {
  return body.validFrom === undefined ? '' : `, [${body.validFrom}, ${body.validTo ?? '…'})`;
}

/** A deal: that it was won, what was planned and approved, and what was written where. */
export async function dealHops(tx: TenantTx, deal: Deal): Promise<readonly TraceHop[]> {
  const plans = (await listPlans<PlanBody>(tx, { subject: deal.id, limit: 100 })).toReversed();
  const intents = await intentsOf(tx, { canonicalId: deal.id });
  return [
    {
      ...own,
      kind: 'deal',
      object: 'deal',
      id: deal.id,
      at: deal.wonAt.toISOString(),
      summary: `closed-won number ${deal.occurrence}, now ${deal.state}`,
      mapping: null,
    },
    ...plans.map(planHop),
    ...intents.map((intent) => intentHop(intent, plans)),
    ...(await orderHops(tx, intents)),
  ];
}

function planHop(plan: Plan<PlanBody>): TraceHop {
  const approval = plan.approvedBy === null ? 'not approved' : `approved by ${plan.approvedBy}`;
  return {
    ...own,
    kind: 'plan',
    object: plan.kind,
    id: plan.id,
    at: plan.createdAt.toISOString(),
    summary: `hash ${plan.hash.slice(0, 12)}, ${approval}, ${plan.status}`,
    mapping: null,
  };
}

/** What was written, as the other system's own record, with the outbound mapping that made it. */
export function intentHop(intent: Intent, plans: readonly Plan<PlanBody>[] = []): TraceHop {
  const plan = plans.find((each) => each.id === intent.planId);
  const mapping =
    plan?.body.mappings.find((each) => each.id.startsWith(`${mappingPrefix(plan, intent)}`)) ??
    null;
  const shown = intent.readBack ? 'read back' : 'not read back';
  return {
    kind: 'intent',
    system: intent.connection,
    object: intent.object,
    id: intent.result?.vendorId ?? intent.externalId,
    at: intent.createdAt.toISOString(),
    summary: `revision ${intent.revision} ${intent.state}, ${shown}, external id ${intent.externalId.slice(0, 12)}…`,
    mapping,
    rules: null,
  };
}

/** Effects and mappings of a plan come in the same order of systems. */
function mappingPrefix(plan: Plan<PlanBody>, intent: Intent): string {
  const at = plan.body.effects.findIndex(
    (effect) => effect.connection === intent.connection && effect.object === intent.object,
  );
  return plan.body.mappings[at]?.id ?? '\u0000';
}

async function orderHops(tx: TenantTx, intents: readonly Intent[]): Promise<readonly TraceHop[]> {
  const hops: TraceHop[] = [];
  for (const effectExternalId of new Set(intents.map((intent) => intent.externalId))) {
    const orders = await factsOf(tx, 'order', { where: { effectExternalId } });
    for (const order of orders) {
      const lines = await factsOf(tx, 'orderLine', {
        connection: order.connection,
        where: { orderRef: order.externalRef },
      });
      hops.push(...hopsOf([order], () => `order ${order.body.number}: ${order.body.status}`));
      hops.push(...lines.map((each) => factHop(each, line(each))));
    }
  }
  return hops;
}

/** Entitlements of a deal, the rights that they give, what the CRM shows of them, and when they are renewed. */
export async function rightsHops(
  tx: TenantTx,
  dealRef: string,
): Promise<{
  readonly hops: readonly TraceHop[];
  readonly entitlements: readonly Fact<'entitlement'>[];
}> {
  const entitlements = await factsOf(tx, 'entitlement', { where: { dealRef } });
  const renewals = await factsOf(tx, 'renewalTerm');
  const hops: TraceHop[] = [];
  for (const entitlement of entitlements) {
    const { body } = entitlement;
    hops.push({
      ...factHop(entitlement, `${body.skuCode} for ${body.ownerRef}: ${body.status}`),
      kind: 'entitlement',
    });
    for (const fact of await factsOf(tx, 'entitlementTransaction', {
      where: { entitlementRef: entitlement.externalRef },
    })) {
      hops.push({
        ...factHop(
          fact,
          `${fact.body.type} ${fact.body.quantityDelta}${period(fact.body)}: ${fact.body.reason}`,
        ),
        kind: 'rights',
      });
    }
    hops.push(
      ...(await intentsOf(tx, { canonicalId: entitlement.externalRef })).map((intent) =>
        intentHop(intent),
      ),
    );
    const renewed = renewals.filter((fact) =>
      fact.body.entitlementRefs.includes(entitlement.externalRef),
    );
    hops.push(
      ...renewed.map((fact) => ({
        ...factHop(fact, `due ${fact.body.renewalFrom}, notice by ${fact.body.noticeDeadline}`),
        kind: 'renewal' as const,
      })),
    );
  }
  return { hops, entitlements };
}
