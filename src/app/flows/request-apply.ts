import { appendAudit } from '../../audit/audit-log.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';

/** Asks for an approved plan to be applied. Throws StaleError unless it is approved; applying twice does it once. */
export function requestApply(deps: Deps, caller: Caller, id: string): Promise<Plan<PlanBody>> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const plan = await getPlan<PlanBody>(tx, id);
    if (plan.status === 'applying' || plan.status === 'applied') return plan;
    if (plan.status !== 'approved') {
      throw new StaleError(`Plan ${id} is ${plan.status}; only an approved plan can be applied.`);
    }
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'plan.apply-requested',
      subject: { type: 'plan', id },
    });
    await request(deps, tx, [{ job: 'apply-plan', key: id, payload: { planId: id } }]);
    return plan;
  });
}
