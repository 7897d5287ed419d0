import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { createKey as create, type ApiKey, type NewKey } from '../../security/keys.ts';
import type { Deps } from '../deps.ts';

/** Makes an API key for a person. Its text is in this answer and nowhere else. Throws NotFoundError, ValidationError. */
export function createKey(
  deps: Deps,
  caller: Caller,
  input: Omit<NewKey, 'createdBy'>,
): Promise<ApiKey & { readonly text: string }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { key, text } = await create(tx, { ...input, createdBy: caller.actor });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'key.created',
      subject: { type: 'key', id: key.id },
      details: {
        person: key.personId,
        roles: key.roles,
        expiresAt: key.expiresAt?.toISOString() ?? null,
      },
    });
    return { ...key, text };
  });
}
