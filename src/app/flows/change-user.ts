import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Caller } from '../../security/caller.ts';
import type { Role } from '../../security/permissions.ts';
import { disableUser, enableUser, getUser, setRoles, type User } from '../../security/users.ts';
import type { Deps } from '../deps.ts';
import { keepStewardFindings } from '../steward-view.ts';

export interface UserChange {
  readonly id: string;
  /** All roles from now on. */
  readonly roles?: readonly Role[] | undefined;
  readonly status?: User['status'] | undefined;
}

/** Changes the roles of a person, or lets them in or out. Throws NotFoundError; ValidationError for the last administrator. */
export function changeUser(deps: Deps, caller: Caller, input: UserChange): Promise<User> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await getUser(tx, input.id);
    const after = await change(tx, before, input);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'user.changed',
      subject: { type: 'person', id: input.id },
      details: {
        before: { roles: before.roles, status: before.status },
        after: { roles: after.roles, status: after.status },
      },
    });
    await keepStewardFindings(deps, tx);
    return after;
  });
}

async function change(
  tx: TenantTx,
  before: User,
  { id, roles, status }: UserChange,
): Promise<User> {
  const user = roles === undefined ? before : await setRoles(tx, id, roles);
  if (status === undefined) return user;
  return status === 'active' ? await enableUser(tx, id) : await disableUser(tx, id);
}
