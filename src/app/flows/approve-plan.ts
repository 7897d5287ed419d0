import { appendAudit } from '../../audit/audit-log.ts';
import { approvePlan as approve } from '../../delivery/move-plans.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { savePresent } from '../plan-present.ts';
import { forgetShown, presentToApprove } from '../plan-shown.ts';
import { requireOtherPerson } from '../seat-allowance.ts';
import { isSeatPlan } from '../seat-plan.ts';

/**
 * Approves exactly the plan that the person saw: `hash` must be the plan's, and `shown` names what the person was shown of
 * the other systems' values. Without it, that is what this person was shown last or, where that is nothing, what is there
 * now. It is kept with the approval, and apply compares with it.
 * Throws StaleError when it is another one by now or was never shown so, ValidationError when it is blocked, ForbiddenError
 * for who asked for it where another person is needed.
 */
export async function approvePlan(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly hash: string; readonly shown?: string | undefined },
): Promise<Plan<PlanBody>> {
  const { tenantId } = caller;
  const { id, hash, shown } = input;
  const found = await deps.store.readTenant(tenantId, (tx) => getPlan<PlanBody>(tx, id));
  const isOpen = found.status === 'waiting' && found.hash === hash;
  const present = isOpen ? await presentToApprove(deps, caller, found, shown) : null;
  return deps.store.withTenant(tenantId, async (tx) => {
    if (isSeatPlan(found)) await requireOtherPerson(tx, found, caller);
    const plan = await approve<PlanBody>(tx, { id, hash, person: caller.personId });
    if (present !== null) await savePresent(tx, plan.id, present, true);
    await forgetShown(tx, plan.id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'plan.approved',
      subject: { type: 'plan', id: plan.id },
      details: { hash: plan.hash, ...(present === null ? {} : { presentReadAt: present.readAt }) },
    });
    return plan;
  });
}
