import { ForbiddenError } from '../kernel/errors.ts';
import type { Permission, Role } from './permissions.ts';

/** On whose behalf something happens: made from an API key, or from a named part of the program. */
export interface Caller {
  readonly tenantId: string;
  /** As the audit names it: `person:<id>` or `system:<part>`. */
  readonly actor: string;
  /** The person's id. A part of the program has its actor here, which equals no person. */
  readonly personId: string;
  readonly personName: string;
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<Permission>;
  /** The key that was used; null for a part of the program. */
  readonly keyId: string | null;
}

/** The caller that a part of the program is when no person asked (`hook`, `schedule`). It may approve nothing. */
export function systemCaller(tenantId: string, part: string): Caller {
  const actor = `system:${part}`;
  return {
    tenantId,
    actor,
    personId: actor,
    personName: `Trueup (${part})`,
    roles: [],
    permissions: new Set(),
    keyId: null,
  };
}

/** Throws a ForbiddenError unless the caller has the permission. */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (caller.permissions.has(permission)) return;
  const roles = caller.roles.length === 0 ? 'no role' : caller.roles.join(', ');
  throw new ForbiddenError(
    `This needs the permission ${permission}. ${caller.personName} uses a key with ${roles}; ask an administrator.`,
    { details: { permission } },
  );
}
