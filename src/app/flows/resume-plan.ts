import { appendAudit } from '../../audit/audit-log.ts';
import { waitingTargets } from '../../delivery/plan-progress.ts';
import { getPlan } from '../../delivery/plans.ts';
import { retryRefusedOf } from '../../delivery/retry-intents.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, request } from '../request.ts';

/**
 * Goes on with a plan that stopped half-way: what was refused is tried again, each as the next attempt of the same intent,
 * but for what a later plan overtook; what is in conflict needs its own look (`trueup intents retry`), and what waits for its time is asked about now. Returns how many were taken up. Throws NotFoundError,
 * and StaleError for a plan that is not being applied.
 */
export function resumePlan(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<{ readonly id: string; readonly tried: number; readonly woken: number }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const plan = await getPlan<PlanBody>(tx, id);
    if (plan.status !== 'applying')
      throw new StaleError(`Plan ${id} is ${plan.status}; only one that is being applied goes on.`);
    const stopped = await retryRefusedOf(tx, id);
    const targets = await waitingTargets(tx, id);
    const woken = targets.reduce((sum, { writes }) => sum + writes, 0) - stopped.length;
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'plan.resumed',
      subject: { type: 'plan', id },
      details: { tried: stopped.map((intent) => intent.id), woken },
    });
    await request(deps, tx, targets.map(deliverWork));
    return { id, tried: stopped.length, woken };
  });
}
