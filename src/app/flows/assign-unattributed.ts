import { appendAudit } from '../../audit/audit-log.ts';
import { giveUnattributed, type Unattributed } from '../../intake/usage/unattributed.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/**
 * Gives use that counts for nobody to a person to look after. Throws NotFoundError for such use or a person that there is
 * not, and ValidationError for a person who is disabled.
 */
export function assignUnattributed(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  { id, owner }: { readonly id: string; readonly owner: string },
): Promise<Unattributed> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const person = await getUser(tx, owner);
    if (person.status === 'disabled')
      throw new ValidationError(`${person.name} is disabled and can look after nothing.`);
    const { before, use } = await giveUnattributed(tx, id, `person:${person.id}`);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'unattributed_use.assigned',
      subject: { type: 'unattributed_use', id },
      details: { before, after: use.owner },
    });
    return use;
  });
}
