import type { PlanBody } from '../../src/app/deal-planning.ts';
import { approvePlan } from '../../src/app/flows/approve-plan.ts';
import { requestApply } from '../../src/app/flows/request-apply.ts';
import type { Entitlement } from '../../src/canonical/entitlement.ts';
import { listIntents, type Intent } from '../../src/delivery/intents.ts';
import { listPlans, type Plan } from '../../src/delivery/plans.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { Fact } from '../../src/ledger/fact.ts';
import { factsOf } from '../../src/ledger/facts.ts';
import type { Harness } from './flow-harness.ts';

/** The steps of a deal's life, as sales and finance would take them, and what is seen of it afterwards. */
export interface DealStory {
  /** Sets the stage at the CRM's screen and reads the CRM. */
  moveTo(opportunityId: string, stage: string): Promise<void>;
  /** Plans about an opportunity, newest first. */
  plansOf(opportunityId: string): Promise<readonly Plan<PlanBody>[]>;
  /** Approves the newest plan of an opportunity and works off what follows; returns the plan. */
  approveAndApply(opportunityId: string): Promise<Plan<PlanBody>>;
  /** The newest plan that waits for a person. Throws when there is none. */
  waiting(opportunityId: string): Promise<Plan<PlanBody>>;
  intentsOf(planId: string): Promise<readonly Intent[]>;
  /** What the ERP holds under our external id of the plan's order. */
  orderOf(planId: string): Promise<JsonObject>;
  entitlementsOf(dealId: string): Promise<readonly Fact<'entitlement'>[]>;
}

export function dealStory(world: Harness): DealStory {
  const plansOf: DealStory['plansOf'] = async (opportunityId) => {
    const all = await world.inTx((tx) => listPlans<PlanBody>(tx, { limit: 200 }));
    return all.filter((plan) => plan.body.opportunity.ref === opportunityId);
  };
  const waiting: DealStory['waiting'] = async (opportunityId) => {
    const plan = (await plansOf(opportunityId)).find((each) => each.status === 'waiting');
    if (plan === undefined) throw new Error(`No plan of ${opportunityId} waits for a person.`);
    return plan;
  };
  const intentsOf: DealStory['intentsOf'] = (planId) =>
    world.inTx((tx) => listIntents(tx, { planId, limit: 50 }));
  return {
    plansOf,
    waiting,
    intentsOf,
    moveTo: async (id, stage) => {
      const fields = { StageName: stage };
      await world.twins.salesforce.mutate({
        object: 'Opportunity',
        operation: 'update',
        id,
        fields,
      });
      await world.pull('crm');
    },
    approveAndApply: async (opportunityId) => {
      const { id, hash } = await waiting(opportunityId);
      await approvePlan(world.deps, world.caller, { id, hash });
      const plan = await requestApply(world.deps, world.caller, id);
      await world.drain();
      return plan;
    },
    orderOf: async (planId) => {
      const intent = (await intentsOf(planId)).find((each) => each.object === 'salesOrder');
      const orders = await world.twins.netsuite.records('salesOrder');
      const order = orders.find((each) => each['externalId'] === (intent?.externalId ?? ''));
      if (order === undefined) throw new Error(`The ERP holds no order of plan ${planId}.`);
      return order;
    },
    entitlementsOf: async (dealId) =>
      world.inTx((tx) => factsOf(tx, 'entitlement', { where: { dealRef: dealId } })),
  };
}

/** How many entitlements stand in which status. */
export function statuses(facts: readonly Fact<'entitlement'>[]): readonly Entitlement['status'][] {
  return facts.map(({ body }) => body.status);
}
