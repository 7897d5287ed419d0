import { appendAudit } from '../../audit/audit-log.ts';
import { LATE_DECISIONS, type LateDecision } from '../../commerce/late-deal.ts';
import { decidePlan as decide } from '../../delivery/decide-plan.ts';
import type { Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';

export { LATE_DECISIONS };

/**
 * A person's word about a late deal whose customer holds the rights already (fault case 45): `additional` approves the
 * plan, `renewal` says that what stands is this deal, `rejected` that nothing shall come of it. Bound to the hash of the
 * plan that was seen. Throws NotFoundError, and StaleError when the plan is another one by now or not for review.
 */
export function decidePlan(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly hash: string; readonly as: LateDecision },
): Promise<Plan<PlanBody>> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const plan = await decide<PlanBody>(tx, { ...input, person: caller.personId });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'plan.decided',
      subject: { type: 'plan', id: plan.id },
      details: {
        as: input.as,
        hash: plan.hash,
        deal: plan.subject,
        daysLate: plan.body.late?.days ?? null,
        standing: plan.body.review?.standing.map((right) => right.entitlementRef) ?? [],
      },
    });
    return plan;
  });
}
