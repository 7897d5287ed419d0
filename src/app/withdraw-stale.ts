import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { moveChange, openChangeOf } from '../mapping/changes.ts';
import type { Caller } from '../security/caller.ts';

/** Withdraws the open request for a draft that was changed or discarded: nobody has looked at what it says now. */
export async function withdrawStale(
  tx: TenantTx,
  caller: Pick<Caller, 'actor'>,
  mappingId: string,
): Promise<void> {
  const change = await openChangeOf(tx, mappingId, 'publish');
  if (change === null) return;
  const reason = 'the draft was changed after it was submitted';
  await moveChange(tx, change.id, { state: 'withdrawn', reason });
  await appendAudit(tx, {
    actor: caller.actor,
    action: 'mapping.change-withdrawn',
    subject: { type: 'mapping', id: mappingId },
    details: { change: change.id, reason },
  });
}
