import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { dropUndone, lockWritesOf } from '../delivery/drop-unsent.ts';
import { orderIntents } from '../delivery/intent-order.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { completePlans, movePlan } from '../delivery/move-plans.ts';
import { getPlan, type MovedField, type Plan } from '../delivery/plans.ts';
import type { JobContext } from '../sdk/flows.ts';
import { askedByPlan } from './asked-by-plan.ts';
import type { Deps } from './deps.ts';
import { loadModes } from './effect-modes.ts';
import { leasedTx } from './leased-tx.ts';
import { refuseMoved } from './plan-moved.ts';
import { movedPresent } from './plan-present.ts';
import { deliverWork, request } from './request.ts';
import { takeTurnWithSeats } from './seat-allowance.ts';
import type { SeatPlanBody } from './seat-plan.ts';
import { drawUpSeats, seatPlanHash } from './seat-planning.ts';

const ACTOR = 'system:apply-plan';

/**
 * Applies an approved plan about seats. It is drawn up again first from what the systems told last: where a seat has another
 * holder, is gone or was written since, or its vendor shows something else than the approver was shown, the plan is stale
 * and nothing is done. What the vendors hold right now is read once more before each write.
 */
export async function applySeats(
  deps: Deps,
  context: JobContext,
  found: Plan<SeatPlanBody>,
): Promise<void> {
  const present = await movedPresent(deps, context.tenantId, found);
  await leasedTx(deps, context, async (tx) => {
    await takeTurnWithSeats(tx);
    const plan = await getPlan<SeatPlanBody>(tx, found.id);
    if (plan.status !== 'approved') return;
    // It waits, approved, until the mode lets it out and somebody applies it.
    if ((await loadModes(tx)).ofAll(plan.body.effects).mode !== 'write') return;
    const { planId: takenBack, action } = plan.body.seats.request;
    if (action === 'release' && takenBack !== undefined) await lockWritesOf(tx, takenBack);
    const ours = await movedSeats(deps, tx, plan);
    const moved = ours.length > 0 ? ours : present;
    if (moved.length > 0) return refuseMoved(deps, tx, plan, moved);
    if (!(await movePlan(tx, plan.id, ['approved'], 'applying'))) return;
    if (takenBack !== undefined) await dropUndone(tx, takenBack, plan.body.seats.dropped ?? []);
    const proposed = await proposeIntents(tx, askedByPlan(plan.body.effects, plan.id), plan.id);
    await orderIntents(tx, plan.body.seats.orders);
    if (proposed.planned === 0) await completePlans(tx);
    const { hash, approvedBy } = plan;
    await appendAudit(tx, {
      actor: ACTOR,
      action: 'plan.applied',
      subject: { type: 'plan', id: plan.id },
      details: { hash, approvedBy, intents: proposed.planned, unchanged: proposed.unchanged },
    });
    await request(deps, tx, proposed.targets.map(deliverWork));
  });
}

/** Each seat that is not what it was when the plan was approved; none where the plan, drawn up again, comes out the same. */
export async function movedSeats(
  deps: Pick<Deps, 'mappings' | 'clock'>,
  tx: TenantTx,
  { hash, approvedHash, body }: Plan<SeatPlanBody>,
): Promise<readonly MovedField[]> {
  const now = await drawUpSeats(deps, tx, body.seats.request);
  if (approvedHash === hash && (await seatPlanHash(tx, now)) === hash) return [];
  const lines = new Map(now.lines.map((line) => [line.canonicalId, line.becomes]));
  const reasons = new Map(now.leftOut.map((each) => [each.seatRef, each.reason]));
  const moved = body.seats.lines.flatMap(({ connection, seatRef, canonicalId, becomes }) => {
    const still = lines.get(canonicalId);
    if (still === becomes) return [];
    const why = reasons.get(seatRef) ?? reasons.get(canonicalId) ?? 'not meant any more';
    return [{ path: `${connection} ${seatRef}`, approved: becomes, now: still ?? why }];
  });
  if (moved.length > 0) return moved;
  return [{ path: body.opportunity.name, approved: 'as it was read', now: 'read or written again since' }]; // prettier-ignore
}
