import { appendAudit } from '../../audit/audit-log.ts';
import { approvePlan as approve } from '../../delivery/move-plans.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { presentOf, readPresentOf, savePresent } from '../plan-present.ts';

/**
 * Approves exactly the plan that the person saw: `hash` must be the plan's. What the other systems hold of its records is
 * kept with the approval, as it was last looked at or, where nobody did, as it is now; apply compares with it.
 * Throws StaleError when it is another one by now, ValidationError when it is blocked.
 */
export async function approvePlan(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly hash: string },
): Promise<Plan<PlanBody>> {
  const { tenantId } = caller;
  const { found, seen } = await deps.store.readTenant(tenantId, async (tx) => ({
    found: await getPlan<PlanBody>(tx, input.id),
    seen: await presentOf(tx, input.id),
  }));
  const isDeal = found.kind === 'closed_won' || found.kind === 'reopen';
  const isOpen = isDeal && found.status === 'waiting' && found.hash === input.hash;
  const present = isOpen
    ? (seen.present ?? (await readPresentOf(deps, tenantId, found.body)))
    : null;
  return deps.store.withTenant(tenantId, async (tx) => {
    const plan = await approve<PlanBody>(tx, { ...input, person: caller.personId });
    if (present !== null) await savePresent(tx, plan.id, present, true);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'plan.approved',
      subject: { type: 'plan', id: plan.id },
      details: { hash: plan.hash, ...(present === null ? {} : { presentReadAt: present.readAt }) },
    });
    return plan;
  });
}
