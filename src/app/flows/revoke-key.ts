import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { revokeKey as revoke, type ApiKey } from '../../security/keys.ts';
import type { Deps } from '../deps.ts';

/** Revokes an API key at once. Throws NotFoundError. */
export function revokeKey(deps: Deps, caller: Caller, id: string): Promise<ApiKey> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const key = await revoke(tx, id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'key.revoked',
      subject: { type: 'key', id },
    });
    return key;
  });
}
