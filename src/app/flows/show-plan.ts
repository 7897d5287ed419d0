import { listIntents, type Intent } from '../../delivery/intents.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';

/** A plan with what became of its effects. */
export interface PlanView extends Plan<PlanBody> {
  readonly intents: readonly Intent[];
}

/** One plan with its intents. Throws NotFoundError. */
export function showPlan(deps: Deps, caller: Caller, id: string): Promise<PlanView> {
  return deps.store.readTenant(caller.tenantId, async (tx) => ({
    ...(await getPlan<PlanBody>(tx, id)),
    intents: await listIntents(tx, { planId: id, limit: 500 }),
  }));
}
