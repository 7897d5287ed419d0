import { appendAudit } from '../../audit/audit-log.ts';
import { approvePlan, movePlan } from '../../delivery/move-plans.ts';
import {
  getWriteHold,
  plansOfHold,
  settleHold,
  type WriteHold,
} from '../../delivery/write-holds.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { savePresent, type PresentValues } from '../plan-present.ts';
import { forgetShown, presentToApprove } from '../plan-shown.ts';
import { deliverWork, request } from '../request.ts';

/**
 * A person's word about a run that would change more than is allowed. Released, its writes are sent, and its plans, as they
 * stand in the hold, are approved by that person over what the other systems hold, and applied. Rejected, nothing of it is ever sent; what comes out otherwise
 * later is another run. Throws NotFoundError, and StaleError for a hold that is decided, or that holds something else
 * than what the person saw: a release binds to its hash.
 */
export async function decideWriteHold(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly reason: string | null } & (
    | { readonly decision: 'released'; readonly hash: string }
    | { readonly decision: 'rejected' }
  ),
): Promise<WriteHold> {
  const { id, decision, reason } = input;
  const seen = decision === 'released' ? await presentOfPlans(deps, caller, id) : null;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const hold = await getWriteHold(tx, id, 'for update');
    if (hold.status !== 'open')
      throw new StaleError(`The hold ${id} is ${hold.status} already. Nothing was changed.`);
    if (input.decision === 'released' && input.hash !== hold.hash)
      throw new StaleError(
        `The hold ${id} has hash ${hold.hash} by now; you released ${input.hash}. Nothing was sent. Look at it again: \`trueup holds show ${id}\`.`,
      );
    const waiting = (await plansOfHold(tx, id)).filter(({ status }) => status === 'waiting');
    for (const plan of waiting) {
      if (decision === 'rejected') await movePlan(tx, plan.id, ['waiting'], 'rejected');
      else {
        await approvePlan(tx, { id: plan.id, hash: plan.hash, person: caller.personId });
        const present = seen?.get(plan.id);
        // Its plans are those of the hash, which are those that were read.
        if (present !== undefined) await savePresent(tx, plan.id, present, true);
        await forgetShown(tx, plan.id);
      }
    }
    const targets = await settleHold(tx, { id, status: decision, by: caller.actor, reason });
    await appendAudit(tx, {
      actor: caller.actor,
      action: `write_hold.${decision}`,
      subject: { type: 'write_hold', id },
      details: { source: hold.source, hash: hold.hash, intents: hold.intents, plans: waiting.map((plan) => plan.id), reason }, // prettier-ignore
    });
    const applying = decision === 'released' ? waiting.map((plan) => ({ job: 'apply-plan', key: plan.id, payload: { planId: plan.id } })) : []; // prettier-ignore
    await request(deps, tx, [...targets.map(deliverWork), ...applying]);
    return getWriteHold(tx, id);
  });
}

/** What the other systems hold of the plans that wait in a hold, as whoever releases it knows it. */
async function presentOfPlans(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<ReadonlyMap<string, PresentValues>> {
  const plans = await deps.store.readTenant(caller.tenantId, (tx) => plansOfHold<PlanBody>(tx, id));
  const seen = new Map<string, PresentValues>();
  for (const plan of plans.filter(({ status }) => status === 'waiting')) {
    const present = await presentToApprove(deps, caller, plan);
    if (present !== null) seen.set(plan.id, present);
  }
  return seen;
}
