import { appendAudit } from '../../audit/audit-log.ts';
import { addComment, getChange, type ChangeComment } from '../../mapping/changes.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Says something about a request. Throws NotFoundError. */
export function commentOnChange(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly body: string },
): Promise<ChangeComment> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, mappingId } = await getChange(tx, input.id);
    const person = caller.personId;
    const comment = await addComment(tx, { changeId: id, person, body: input.body });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping.change-commented',
      subject: { type: 'mapping', id: mappingId },
      details: { change: id, comment: comment.id },
    });
    return comment;
  });
}
