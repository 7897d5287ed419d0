import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import type { Role } from '../../security/permissions.ts';
import { addUser as add, type User } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/** Adds a person with roles. Throws ValidationError without a role, StaleError on a taken e-mail address. */
export function addUser(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly email?: string | undefined;
    readonly roles: readonly Role[];
  },
): Promise<User> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const user = await add(tx, input);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'user.added',
      subject: { type: 'person', id: user.id },
      details: { roles: user.roles },
    });
    return user;
  });
}
