import { appendAudit } from '../../audit/audit-log.ts';
import { savePlan, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import {
  drawUpReversal,
  reversalHash,
  type Reversed,
  type ReversalBody,
} from '../draw-up-reversal.ts';

/**
 * Draws up the plan that takes an applied plan, or a run released from its hold, back. It is approved and applied as every
 * plan. Throws NotFoundError, and StaleError for what is not applied or was written over since.
 */
export async function reversePlan(
  deps: Deps,
  caller: Caller,
  of: Reversed,
): Promise<Plan<ReversalBody>> {
  const body = await drawUpReversal(deps, caller.tenantId, of);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { plan, isNew } = await savePlan<ReversalBody>(tx, {
      kind: 'reversal',
      subject: `reversal:${'planId' in of ? of.planId : of.holdId}`,
      hash: reversalHash(body),
      body,
      blocked: body.effects.length === 0,
      approvedByPolicy: false,
    });
    if (isNew)
      await appendAudit(tx, {
        actor: caller.actor,
        action: 'plan.created',
        subject: { type: 'plan', id: plan.id },
        details: { kind: 'reversal', of: { ...of }, hash: plan.hash, records: body.effects.length, left: body.reversal.left.length }, // prettier-ignore
      });
    return plan;
  });
}
