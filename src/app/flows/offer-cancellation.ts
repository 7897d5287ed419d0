import { appendAudit } from '../../audit/audit-log.ts';
import { latestPlanOf, savePlan } from '../../delivery/plans.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import {
  cancellationHash,
  cancellationSubject,
  drawUpCancellation,
} from '../draw-up-cancellation.ts';
import { leasedTx } from '../leased-tx.ts';

const ACTOR = 'system:offer-cancellation';

/**
 * Draws up the plan that offers for cancellation what the versions made that a request rolled back. Drawn up again, the
 * same content is one plan, and another takes its place; while one is being applied, or is applied and nothing is left to
 * offer, none is made.
 */
export async function offerCancellation(
  deps: Deps,
  context: JobContext,
  { changeId }: { readonly changeId: string },
): Promise<void> {
  const body = await drawUpCancellation(deps, context.tenantId, changeId);
  if (body === null) return;
  await leasedTx(deps, context, async (tx) => {
    const subject = cancellationSubject(changeId);
    const done = await latestPlanOf(tx, subject, ['applying', 'applied', 'incomplete']);
    const isNothing = body.effects.length === 0;
    if (done !== null && (done.status === 'applying' || isNothing)) return;
    const { plan, isNew } = await savePlan(tx, {
      kind: 'cancellation',
      subject,
      hash: cancellationHash(body),
      body,
      blocked: isNothing,
      approvedByPolicy: false,
    });
    if (!isNew) return;
    const { mappingId, records, refused } = body.cancellation;
    await appendAudit(tx, {
      actor: ACTOR,
      action: 'plan.created',
      subject: { type: 'plan', id: plan.id },
      details: {
        kind: 'cancellation',
        change: changeId,
        mapping: mappingId,
        hash: plan.hash,
        records: records.length,
        refused: refused.length,
      },
    });
  });
}
