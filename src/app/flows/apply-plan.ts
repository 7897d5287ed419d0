import { appendAudit } from '../../audit/audit-log.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import { completePlans, movePlan, noteProblem } from '../../delivery/move-plans.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import {
  AuthExpired,
  HubError,
  messageOf,
  RateLimited,
  RemoteUnavailable,
  StaleError,
  StoreUnavailable,
} from '../../kernel/errors.ts';
import { decideFacts, lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { applyCancellation } from '../apply-cancellation.ts';
import { applyReversal } from '../apply-reversal.ts';
import { applySeats } from '../apply-seats.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { isCancellation } from '../draw-up-cancellation.ts';
import { isReversal } from '../draw-up-reversal.ts';
import { loadModes } from '../effect-modes.ts';
import { leasedTx } from '../leased-tx.ts';
import { movedFacts, refuseMoved } from '../plan-moved.ts';
import { movedPresent } from '../plan-present.ts';
import { deliverWork, request } from '../request.ts';
import { isSeatPlan } from '../seat-plan.ts';

const ACTOR = 'system:apply-plan';
const ASK_AGAIN_MS = 60_000;

/**
 * Applies an approved plan in one transaction: entitlements as the plan says, and one intent per effect. The plan is
 * drawn up again first; if it comes out differently, the world has moved since the approval, the plan is stale and
 * nothing is done (a new one is planned at the next detection). While a system that it must be compared with does not
 * answer, or refuses our credentials, it is tried again every minute; what else goes wrong is tried a few times and waits
 * then for a person. The plan says why it is not applied.
 */
export async function applyPlan(
  deps: Deps,
  context: JobContext,
  payload: { readonly planId: string },
): Promise<void> {
  const found = await deps.store.readTenant(context.tenantId, (tx) =>
    getPlan<PlanBody>(tx, payload.planId),
  );
  try {
    await applyKind(deps, context, found);
  } catch (error) {
    if (error instanceof StaleError || error instanceof StoreUnavailable) throw error;
    const waits = [RemoteUnavailable, RateLimited, AuthExpired].some(
      (kind) => error instanceof kind,
    );
    const code = error instanceof HubError ? error.code : 'unexpected';
    await leasedTx(deps, context, async (tx) => {
      // A connection that refuses us is parked by its reads and writes; a person who signs in again need not know of this plan.
      const isOpen = await noteProblem(tx, found.id, { code, message: messageOf(error) });
      if (!waits || !isOpen) return;
      const notBefore = new Date((await tx.clock()).getTime() + ASK_AGAIN_MS);
      await request(deps, tx, [{ job: 'apply-plan', key: found.id, payload, notBefore }]);
    });
    if (!waits) throw error;
  }
}

async function applyKind(deps: Deps, context: JobContext, found: Plan<PlanBody>): Promise<void> {
  if (isCancellation(found)) return applyCancellation(deps, context, found);
  if (isReversal(found)) return applyReversal(deps, context, found);
  if (isSeatPlan(found)) return applySeats(deps, context, found);
  return applyDeal(deps, context, found);
}

async function applyDeal(deps: Deps, context: JobContext, found: Plan<PlanBody>): Promise<void> {
  const present = await movedPresent(deps, context.tenantId, found);
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    await lockWriter(tx, OWN_CONNECTION);
    const plan = await getPlan<PlanBody>(tx, found.id);
    if (plan.status !== 'approved') return;
    const modes = await loadModes(tx);
    const { mode } = modes.ofAll(plan.body.effects);
    // It waits, approved, until the mode lets it out and somebody applies it.
    if (mode !== 'write') return;
    const moved = present.length > 0 ? present : await movedFacts(deps, tx, plan);
    if (moved.length > 0) return refuseMoved(deps, tx, plan, moved);
    if (!(await movePlan(tx, plan.id, ['approved'], 'applying'))) return;
    const refs = plan.body.entitlements.map((entitlement) => entitlement.externalRef);
    await decideFacts(tx, 'entitlement', plan.body.entitlements, { externalRefs: refs });
    const proposed = await proposeIntents(tx, plan.body.effects, plan.id);
    // Nothing may be left to send, and then no delivery comes that would complete the plan.
    if (proposed.planned === 0) await completePlans(tx);
    await appendAudit(tx, {
      actor: ACTOR,
      action: 'plan.applied',
      subject: { type: 'plan', id: plan.id },
      details: {
        hash: plan.hash,
        approvedBy: plan.approvedBy,
        intents: proposed.planned,
        unchanged: proposed.unchanged,
      },
    });
    await request(deps, tx, [
      ...plan.body.effects.map(deliverWork),
      { job: 'sync-entitlements', key: '', payload: {} },
    ]);
  });
}
