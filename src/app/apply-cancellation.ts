import { appendAudit } from '../audit/audit-log.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { completePlans, movePlan } from '../delivery/move-plans.ts';
import { getPlan, type MovedField, type Plan } from '../delivery/plans.ts';
import { sameForm } from '../delivery/same-value.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import type { JobContext } from '../sdk/flows.ts';
import { askedByPlan } from './asked-by-plan.ts';
import type { Deps } from './deps.ts';
import {
  cancellationHash,
  drawUpCancellation,
  type CancellationBody,
} from './draw-up-cancellation.ts';
import { loadModes } from './effect-modes.ts';
import { leasedTx } from './leased-tx.ts';
import { refuseMoved } from './plan-moved.ts';
import { deliverWork, request } from './request.ts';

/**
 * Applies an approved cancellation. The records are looked at again first: where one moved since the approval the plan is
 * stale, nothing is done, and another is drawn up from what is there now.
 */
export async function applyCancellation(
  deps: Deps,
  context: JobContext,
  plan: Plan<CancellationBody>,
): Promise<void> {
  if (plan.status !== 'approved') return;
  const moved = await movedCancellation(deps, context.tenantId, plan);
  await leasedTx(deps, context, async (tx) => {
    const kept = await getPlan<CancellationBody>(tx, plan.id);
    if (kept.status !== 'approved') return;
    // It waits, approved, until the mode lets it out and somebody applies it.
    if ((await loadModes(tx)).ofAll(kept.body.effects).mode !== 'write') return;
    if (moved.length > 0) return refuseMoved(deps, tx, kept, moved);
    if (!(await movePlan(tx, kept.id, ['approved'], 'applying'))) return;
    const proposed = await proposeIntents(tx, askedByPlan(kept.body.effects, kept.id), kept.id);
    if (proposed.planned === 0) await completePlans(tx);
    await appendAudit(tx, {
      actor: 'system:apply-plan',
      action: 'plan.applied',
      subject: { type: 'plan', id: kept.id },
      details: {
        hash: kept.hash,
        approvedBy: kept.approvedBy,
        intents: proposed.planned,
        unchanged: proposed.unchanged,
      },
    });
    await request(deps, tx, kept.body.effects.map(deliverWork));
  });
}

/** What moved since a cancellation was approved; none where it comes out the same. */
export async function movedCancellation(
  deps: Deps,
  tenantId: string,
  { hash, approvedHash, body }: Plan<CancellationBody>,
): Promise<readonly MovedField[]> {
  const now = await drawUpCancellation(deps, tenantId, body.cancellation.changeId);
  if (now !== null && approvedHash === hash && cancellationHash(now) === hash) return [];
  const moved = movedSince(body, now);
  const count = (of: CancellationBody): number => of.cancellation.records.length;
  return moved.length > 0
    ? moved
    : [{ path: body.opportunity.name, approved: count(body), now: now === null ? 0 : count(now) }];
}

/** What a record showed when the plan was approved, and what it shows now; a record that is not offered any more says why. */
function movedSince(
  { cancellation: approved }: CancellationBody,
  now: CancellationBody | null,
): readonly MovedField[] {
  const offered = new Map(
    (now?.cancellation.records ?? []).map((each) => [each.externalId, each.present]),
  );
  const refused = new Map(
    (now?.cancellation.refused ?? []).map((each) => [each.externalId, each.reason]),
  );
  return approved.records.flatMap(({ externalId, object, label, present, fields, as }) => {
    const shown = offered.get(externalId);
    const record = `${object} ${label}`;
    if (shown === undefined)
      return [{ path: record, approved: as, now: refused.get(externalId) ?? 'it is not offered' }];
    return fieldsOf(fields).flatMap((field) => {
      const before = valueAt(present, field) ?? null;
      const after = valueAt(shown, field) ?? null;
      return sameForm(before, after)
        ? []
        : [{ path: `${record}.${field}`, approved: before, now: after }];
    });
  });
}
