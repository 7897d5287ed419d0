import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { ForbiddenError } from '../../kernel/errors.ts';
import { addComment, moveChange, type MappingChange } from '../../mapping/changes.ts';
import { requireApprovable, requireState, wrote } from '../../mapping/check-change.ts';
import { setDraftState } from '../../mapping/drafts.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';
import { lockChange } from '../lock-change.ts';

/**
 * Approves exactly the content that the person saw: `hash` must be the request's. Unless the company has decided
 * otherwise, nobody approves what they wrote or submitted (ForbiddenError). Throws StaleError for a request that does not
 * wait or says something else.
 */
export function approveChange(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly hash: string },
): Promise<MappingChange> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const change = await lockChange(tx, input.id);
    const { secondPerson } = await companySetting(tx, 'mappings');
    requireApprovable(change, input.hash, caller, secondPerson);
    const moved = await moveChange(tx, change.id, {
      state: 'approved',
      decidedBy: caller.personId,
    });
    await tell(tx, caller, moved, 'approved', { hash: change.hash, secondPerson });
    return moved;
  });
}

/** Sends a request back to those who wrote it, with what is to be done. Throws StaleError unless it is open. */
export function returnChange(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly comment: string },
): Promise<MappingChange> {
  return close(deps, caller, { ...input, state: 'returned' });
}

/** Refuses a request. Throws StaleError unless it is open. */
export function declineChange(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly comment: string },
): Promise<MappingChange> {
  return close(deps, caller, { ...input, state: 'declined' });
}

/** Takes a request back. Only those who wrote or submitted it may; for others there is declining. */
export function withdrawChange(deps: Deps, caller: Caller, id: string): Promise<MappingChange> {
  return close(deps, caller, { id, comment: null, state: 'withdrawn' });
}

function close(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly comment: string | null;
    readonly state: 'returned' | 'declined' | 'withdrawn';
  },
): Promise<MappingChange> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const change = await lockChange(tx, input.id);
    requireState(change, ['waiting', 'approved', 'scheduled'], input.state);
    if (input.state === 'withdrawn' && !wrote(change, caller.personId)) {
      throw new ForbiddenError(
        `${caller.personName} neither wrote nor submitted ${change.id}. Who may approve it can decline it.`,
      );
    }
    const { comment } = input;
    const moved = await moveChange(tx, change.id, {
      state: input.state,
      decidedBy: caller.personId,
      publishAt: null,
      ...(comment === null ? {} : { reason: comment }),
    });
    if (comment !== null)
      await addComment(tx, { changeId: change.id, person: caller.personId, body: comment });
    if (change.kind === 'publish') await setDraftState(tx, change.mappingId, 'open');
    await tell(tx, caller, moved, input.state, comment === null ? {} : { comment });
    return moved;
  });
}

async function tell(
  tx: TenantTx,
  caller: Caller,
  change: MappingChange,
  what: string,
  details: Readonly<Record<string, string | boolean>>,
): Promise<void> {
  await appendAudit(tx, {
    actor: caller.actor,
    action: `mapping.change-${what}`,
    subject: { type: 'mapping', id: change.mappingId },
    details: { change: change.id, ...details },
  });
}
