import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { ensureTenant, getTenant } from '../../db/tenants.ts';
import { ensureSchedules } from '../../queue/schedules.ts';
import { createKey } from '../../security/keys.ts';
import { plantCanary } from '../../security/open-kek.ts';
import type { Role } from '../../security/permissions.ts';
import { addUser, listUsers } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/** The first person of a company may do all that one person may; others with fewer roles are added by this one. */
const FIRST_ROLES: readonly Role[] = ['admin', 'approver'];

/** The first person of a company with a key, whose text is shown this once. */
export interface FirstAdmin {
  readonly personId: string;
  readonly keyId: string;
  readonly text: string;
}

/**
 * Makes what a company needs before anybody can sign in: the tenant, its canary under the key-encryption key, its
 * schedules, and a first administrator with a key. What is there already stays.
 * With `freshKey` an existing company gets one more key for its first administrator, for a home whose key file was lost.
 */
export async function bootstrapTenant(
  deps: Pick<Deps, 'store' | 'kek' | 'registry'>,
  input: {
    readonly id: string;
    readonly name: string;
    readonly admin: { readonly name: string; readonly email?: string | undefined };
    readonly actor: string;
    readonly freshKey?: boolean;
  },
): Promise<FirstAdmin | null> {
  await ensureTenant(deps.store, input);
  await getTenant(deps.store, input.id);
  return await deps.store.withTenant(input.id, async (tx) => {
    // Two processes that start at once must not both make a first administrator.
    await tx.sql(`select pg_advisory_xact_lock(hashtextextended('trueup:bootstrap:' || $1, 0))`, [
      tx.tenantId,
    ]);
    await plantCanary(tx, deps.kek);
    await ensureSchedules(tx, deps.registry.jobs.values());
    const admins = (await listUsers(tx)).filter(
      (each) => each.status === 'active' && each.roles.includes('admin'),
    );
    const [known] = admins;
    if (known !== undefined && input.freshKey !== true) return null;
    const person = known ?? (await addUser(tx, { ...input.admin, roles: FIRST_ROLES }));
    return await keyFor(tx, person.id, input.actor);
  });
}

async function keyFor(tx: TenantTx, personId: string, actor: string): Promise<FirstAdmin> {
  const { key, text } = await createKey(tx, {
    personId,
    label: 'first administrator',
    createdBy: actor,
  });
  await appendAudit(tx, {
    actor,
    action: 'key.created',
    subject: { type: 'key', id: key.id },
    details: { person: personId, roles: key.roles },
  });
  return { personId, keyId: key.id, text };
}
