import { appendAudit } from '../../audit/audit-log.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { lockDraft, removeDraft, type MappingDraft, type SeenDraft } from '../../mapping/drafts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { withdrawStale } from '../withdraw-stale.ts';

/** Throws a draft away; a request for it is withdrawn. Throws PreconditionFailed where it is not what the caller saw. */
export function discardDraft(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly seen: SeenDraft },
): Promise<MappingDraft> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const draft = await lockDraft(tx, input.id, input.seen);
    if (draft === null) throw new NotFoundError(`The mapping "${input.id}" has no draft.`);
    await withdrawStale(tx, caller, input.id);
    await removeDraft(tx, input.id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping.draft-discarded',
      subject: { type: 'mapping', id: input.id },
      details: { revision: draft.revision, hash: draft.hash },
    });
    return draft;
  });
}
