import { appendAudit } from '../../audit/audit-log.ts';
import { endHold, getHold, type PeopleHold } from '../../intake/people-holds.ts';
import { getConnection, isLive } from '../../intake/connections.ts';
import { keepRemovals } from '../../intake/removals.ts';
import { clearUnseen } from '../../intake/unseen-records.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Deps } from '../deps.ts';
import { openProof } from '../open-proof.ts';
import { mapCleared, takeTurnDeciding } from '../people-guard.ts';

/** Decisions that each state of a hold still allows: what was rejected may be confirmed later, but not the other way. */
const ALLOWED: Readonly<Record<PeopleHold['status'], readonly PeopleHold['status'][]>> = {
  open: ['confirmed', 'rejected'],
  rejected: ['confirmed'],
  confirmed: [],
  withdrawn: [],
};

/**
 * A person's word about a mass deactivation. Confirmed, all of it is mapped; rejected, the accounts and their seats
 * stay as they are until the source gives them back or somebody confirms after all. Records that the source stopped
 * showing are looked for once more when confirmed, and end with that read. Throws NotFoundError, and StaleError for a hold
 * that is decided.
 */
export function decidePeopleHold(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly decision: 'confirmed' | 'rejected' },
): Promise<PeopleHold> {
  const { id, decision } = input;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { connection } = await getHold(tx, id);
    await takeTurnDeciding(tx, connection);
    const hold = await getHold(tx, id, 'for update');
    if (!ALLOWED[hold.status].includes(decision)) {
      throw new StaleError(`The hold ${id} is ${hold.status} already. Nothing was changed.`);
    }
    if (decision === 'rejected') await keepRemovals(tx, id);
    else if (hold.stream === null) await mapCleared(deps, tx, { connection, holdId: id });
    else await endRecords(deps, tx, caller, { ...hold, stream: hold.stream });
    await endHold(tx, id, decision, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: `people_hold.${decision}`,
      subject: { type: 'people_hold', id },
      details: { connection, removals: hold.removals },
    });
    return getHold(tx, id);
  });
}

/** A connection that is paused is read again once it goes on; what was confirmed ends then. */
async function endRecords(
  deps: Deps,
  tx: TenantTx,
  caller: Caller,
  {
    id,
    connection,
    stream,
  }: { readonly id: string; readonly connection: string; readonly stream: string },
): Promise<void> {
  await clearUnseen(tx, id);
  const link = await getConnection(tx, connection);
  if (!isLive(link) || link.status === 'paused') return;
  await openProof(deps, tx, { connection, stream, by: caller.actor, trigger: 'person' });
}
