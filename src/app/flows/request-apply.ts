import { appendAudit } from '../../audit/audit-log.ts';
import { getPlan, isBegun, type MovedField, type Plan } from '../../delivery/plans.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { movedCancellation } from '../apply-cancellation.ts';
import { movedReversal } from '../apply-reversal.ts';
import { movedSeats } from '../apply-seats.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { isCancellation } from '../draw-up-cancellation.ts';
import { isReversal } from '../draw-up-reversal.ts';
import { loadModes } from '../effect-modes.ts';
import { movedError, movedFacts, refuseMoved } from '../plan-moved.ts';
import { movedPresent } from '../plan-present.ts';
import { request } from '../request.ts';
import { isSeatPlan } from '../seat-plan.ts';

/**
 * Asks for an approved plan to be applied. What it rests on is looked at first, our facts and what the other systems hold:
 * where something moved, the plan is set aside and each field is named, with the value that was approved and the present
 * one. Throws StaleError then, and unless it is approved and its mode is `write`; RemoteUnavailable, with the plan still
 * approved, where a system cannot be read. Applying twice does it once.
 */
export async function requestApply(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<Plan<PlanBody>> {
  const { tenantId } = caller;
  const found = await deps.store.readTenant(tenantId, (tx) => getPlan<PlanBody>(tx, id));
  if (isBegun(found)) return found;
  if (found.status !== 'approved') {
    const { moved } = found;
    if (found.status === 'stale' && moved !== null) throw movedError(id, moved);
    throw new StaleError(`Plan ${id} is ${found.status}; only an approved plan can be applied.`);
  }
  const there = await movedInSystems(deps, tenantId, found);
  const moved = await deps.store.withTenant(tenantId, async (tx) => {
    const plan = await getPlan<PlanBody>(tx, id);
    if (plan.status !== 'approved') return [];
    requireWriting(await loadModes(tx), plan);
    const isDeal = plan.kind === 'closed_won' || plan.kind === 'reopen';
    const ours = isDeal ? await movedFacts(deps, tx, plan) : isSeatPlan(plan) ? await movedSeats(deps, tx, plan) : []; // prettier-ignore
    // A seat's own words (who holds it now) say more than its fields.
    const [first, second] = isSeatPlan(plan) ? [ours, there] : [there, ours];
    const all = first.length > 0 ? first : second;
    if (all.length > 0) {
      await refuseMoved(deps, tx, plan, all);
      return all;
    }
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'plan.apply-requested',
      subject: { type: 'plan', id },
    });
    await request(deps, tx, [{ job: 'apply-plan', key: id, payload: { planId: id } }]);
    return [];
  });
  if (moved.length > 0) throw movedError(id, moved);
  return found;
}

async function movedInSystems(
  deps: Deps,
  tenantId: string,
  plan: Plan<PlanBody>,
): Promise<readonly MovedField[]> {
  if (isReversal(plan)) return movedReversal(deps, tenantId, plan);
  if (isCancellation(plan)) return movedCancellation(deps, tenantId, plan);
  return movedPresent(deps, tenantId, plan);
}

function requireWriting(
  modes: Awaited<ReturnType<typeof loadModes>>,
  { id, body }: Plan<PlanBody>,
): void {
  const { mode, because } = modes.ofAll(body.effects);
  if (mode === 'write') return;
  throw new StaleError(
    `Plan ${id} is not applied: ${because} is set to ${mode}. Set it to write (\`trueup modes set\`) to apply what is approved.`,
    { details: { mode, because } },
  );
}
