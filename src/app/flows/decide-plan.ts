import { appendAudit } from '../../audit/audit-log.ts';
import { LATE_DECISIONS, type LateDecision } from '../../commerce/late-deal.ts';
import { decidePlan as decide } from '../../delivery/decide-plan.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { savePresent } from '../plan-present.ts';
import { forgetShown, presentToApprove } from '../plan-shown.ts';

export { LATE_DECISIONS };

/**
 * A person's word about a late deal whose customer holds the rights already (fault case 45): `additional` approves the
 * plan, `renewal` says that what stands is this deal, `rejected` that nothing shall come of it. Bound to the hash of the
 * plan that was seen; `additional` also to the other systems' values, as an approval is. Throws NotFoundError, and StaleError when the plan is another one by now or not for review.
 */
export async function decidePlan(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly hash: string;
    readonly as: LateDecision;
    readonly shown?: string | undefined;
  },
): Promise<Plan<PlanBody>> {
  const found = await deps.store.readTenant(caller.tenantId, (tx) =>
    getPlan<PlanBody>(tx, input.id),
  );
  const isApproval = input.as === 'additional' && found.status === 'review' && found.hash === input.hash; // prettier-ignore
  const present = isApproval ? await presentToApprove(deps, caller, found, input.shown) : null;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const plan = await decide<PlanBody>(tx, { ...input, person: caller.personId });
    if (present !== null) await savePresent(tx, plan.id, present, true);
    await forgetShown(tx, plan.id);
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
