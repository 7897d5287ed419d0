import { appendAudit } from '../../audit/audit-log.ts';
import { HubError } from '../../kernel/errors.ts';
import { moveChange, type MappingChange } from '../../mapping/changes.ts';
import { requireFuture, requireState } from '../../mapping/check-change.ts';
import { setDraftState } from '../../mapping/drafts.ts';
import type { Caller } from '../../security/caller.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { lockChange } from '../lock-change.ts';
import { publishChange as publish, type Publication } from '../publish-change.ts';
import { request } from '../request.ts';

/**
 * Puts an approved request in effect, now or at an instant to come. Throws StaleError unless it is approved, or where
 * another version came into effect since.
 */
export function publishChange(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly at?: Date | undefined;
    readonly replay?: boolean | undefined;
  },
): Promise<Publication> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const found = await lockChange(tx, input.id);
    requireState(found, ['approved', 'scheduled'], 'published');
    const { replay, at } = input;
    const change = replay === undefined ? found : { ...found, replay };
    if (at === undefined) return publish(deps, tx, change, caller);
    const publishAt = requireFuture(at, await tx.clock());
    const moved = await moveChange(tx, change.id, {
      state: 'scheduled',
      publishAt,
      replay: change.replay,
    });
    const payload = { changeId: change.id };
    await request(deps, tx, [
      { job: 'publish-mapping', key: change.id, payload, notBefore: publishAt },
    ]);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping.change-scheduled',
      subject: { type: 'mapping', id: change.mappingId },
      details: { change: change.id, at: publishAt.toISOString() },
    });
    return { change: moved, replays: [], restored: 0 };
  });
}

const ACTOR = { actor: 'system:publish-mapping', personId: 'system:publish-mapping' };

/**
 * Puts a scheduled request in effect once its time has come; run twice, it does so once. One that cannot be published
 * any more goes back to those who wrote it, with the reason.
 */
export async function publishWhenDue(
  deps: Deps,
  context: JobContext,
  { changeId }: { readonly changeId: string },
): Promise<void> {
  try {
    await deps.store.withTenant(context.tenantId, async (tx) => {
      await context.hold(tx);
      const change = await lockChange(tx, changeId);
      if (change.state !== 'scheduled' || change.publishAt === null) return;
      if (change.publishAt > (await tx.clock())) {
        const { publishAt } = change;
        const work = { job: 'publish-mapping', key: changeId, payload: { changeId } };
        await request(deps, tx, [{ ...work, notBefore: publishAt }]);
        return;
      }
      await publish(deps, tx, change, ACTOR);
    });
  } catch (error) {
    const refused = error instanceof HubError && !error.retryable && error.status < 500;
    if (!refused) throw error;
    await giveBack(deps, context, changeId, error.message);
  }
}

async function giveBack(
  deps: Deps,
  context: JobContext,
  changeId: string,
  reason: string,
): Promise<MappingChange | null> {
  return deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const change = await lockChange(tx, changeId);
    if (change.state !== 'scheduled') return null;
    const moved = await moveChange(tx, changeId, { state: 'returned', reason, publishAt: null });
    if (change.kind === 'publish') await setDraftState(tx, change.mappingId, 'open');
    deps.logger.error('A scheduled mapping could not be published', {
      mapping: change.mappingId,
      change: changeId,
      reason,
    });
    await appendAudit(tx, {
      actor: ACTOR.actor,
      action: 'mapping.change-returned',
      subject: { type: 'mapping', id: change.mappingId },
      details: { change: changeId, reason },
    });
    return moved;
  });
}
