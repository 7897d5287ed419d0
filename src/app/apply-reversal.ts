import { appendAudit } from '../audit/audit-log.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { completePlans, movePlan } from '../delivery/move-plans.ts';
import { getPlan, type MovedField, type Plan } from '../delivery/plans.ts';
import { sameForm } from '../delivery/same-value.ts';
import { HubError, StoreUnavailable } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { decideFacts, lockWriter, OWN_CONNECTION } from '../ledger/facts.ts';
import type { JobContext } from '../sdk/flows.ts';
import { askedByPlan } from './asked-by-plan.ts';
import type { Deps } from './deps.ts';
import { drawUpReversal, reversalHash, type ReversalBody } from './draw-up-reversal.ts';
import { loadModes } from './effect-modes.ts';
import { leasedTx } from './leased-tx.ts';
import { refuseMoved } from './plan-moved.ts';
import { deliverWork, request } from './request.ts';

/**
 * Applies an approved reversal. Its records are looked at again first: where one moved since the approval nothing is done,
 * and a person has it drawn up anew.
 */
export async function applyReversal(
  deps: Deps,
  context: JobContext,
  plan: Plan<ReversalBody>,
): Promise<void> {
  if (plan.status !== 'approved') return;
  const moved = await movedReversal(deps, context.tenantId, plan);
  await leasedTx(deps, context, async (tx) => {
    await lockWriter(tx, OWN_CONNECTION);
    const kept = await getPlan<ReversalBody>(tx, plan.id);
    if (kept.status !== 'approved') return;
    // It waits, approved, until the mode lets it out and somebody applies it.
    if ((await loadModes(tx)).ofAll(kept.body.effects).mode !== 'write') return;
    if (moved.length > 0) return refuseMoved(deps, tx, kept, moved);
    if (!(await movePlan(tx, kept.id, ['approved'], 'applying'))) return;
    const { effects, entitlements } = kept.body;
    const refs = entitlements.map(({ externalRef }) => externalRef);
    if (refs.length > 0) await decideFacts(tx, 'entitlement', entitlements, { externalRefs: refs });
    const proposed = await proposeIntents(tx, askedByPlan(effects, kept.id), kept.id);
    if (proposed.planned === 0) await completePlans(tx);
    await appendAudit(tx, {
      actor: 'system:apply-plan',
      action: 'plan.applied',
      subject: { type: 'plan', id: kept.id },
      details: { hash: kept.hash, approvedBy: kept.approvedBy, intents: proposed.planned, unchanged: proposed.unchanged }, // prettier-ignore
    });
    await request(deps, tx, [
      ...effects.map(deliverWork),
      { job: 'sync-entitlements', key: '', payload: {} },
    ]);
  });
}

/** What moved since a reversal was approved; none where it comes out the same. */
export async function movedReversal(
  deps: Deps,
  tenantId: string,
  plan: Plan<ReversalBody>,
): Promise<readonly MovedField[]> {
  const now = await drawnAgain(deps, tenantId, plan);
  if (typeof now === 'string') return [{ path: plan.body.opportunity.name, approved: 'reversible', now }]; // prettier-ignore
  if (plan.approvedHash === plan.hash && reversalHash(now) === plan.hash) return [];
  const before = plan.body.reversal.present;
  const after = now.reversal.present;
  const moved = Object.entries(before).flatMap(([id, fields]): readonly MovedField[] =>
    Object.entries(fields).flatMap(([field, approved]) => {
      const current: Json = after[id]?.[field] ?? null;
      return sameForm(approved, current)
        ? []
        : [{ path: `${id}.${field}`, approved, now: current }];
    }),
  );
  const fallback = [{ path: 'what is left alone', approved: plan.body.reversal.left.length, now: now.reversal.left.length }]; // prettier-ignore
  return moved.length > 0 ? moved : fallback;
}

async function drawnAgain(
  deps: Deps,
  tenantId: string,
  { body }: Plan<ReversalBody>,
): Promise<ReversalBody | string> {
  try {
    return await drawUpReversal(deps, tenantId, body.reversal.of);
  } catch (error) {
    if (error instanceof HubError && error.status === 409 && !(error instanceof StoreUnavailable))
      return error.message;
    throw error;
  }
}
