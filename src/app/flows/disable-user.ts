import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { disableUser as disable, type User } from '../../security/users.ts';
import type { Deps } from '../deps.ts';
import { keepStewardFindings } from '../steward-view.ts';

/** Disables a person, whose keys are refused at once. Throws NotFoundError; ValidationError for the last administrator. */
export function disableUser(deps: Deps, caller: Caller, id: string): Promise<User> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const user = await disable(tx, id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'user.disabled',
      subject: { type: 'person', id },
    });
    await keepStewardFindings(deps, tx);
    return user;
  });
}
