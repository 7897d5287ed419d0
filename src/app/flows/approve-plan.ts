import { appendAudit } from '../../audit/audit-log.ts';
import { approvePlan as approve, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';

/**
 * Approves exactly the plan that the person saw: `hash` must be the plan's.
 * Throws StaleError when it is another one by now, ValidationError when it is blocked.
 */
export function approvePlan(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly hash: string },
): Promise<Plan<PlanBody>> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const plan = await approve<PlanBody>(tx, { ...input, person: caller.personId });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'plan.approved',
      subject: { type: 'plan', id: plan.id },
      details: { hash: plan.hash },
    });
    return plan;
  });
}
