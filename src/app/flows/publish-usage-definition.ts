import { appendAudit } from '../../audit/audit-log.ts';
import { UsageDefinition, type PublishedDefinition } from '../../intake/usage/definition.ts';
import { publishDefinition } from '../../intake/usage/definitions.ts';
import { hashJson } from '../../kernel/hash.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';
import { deriveWork } from '../usage-work.ts';

export { UsageDefinition };

/**
 * Publishes the next version of a usage definition; what it changes is counted anew. Throws NotFoundError for an owner
 * who is nobody here.
 */
export function publishUsageDefinition(
  deps: Pick<Deps, 'store' | 'queue'>,
  caller: Caller,
  { name, document }: { readonly name: string; readonly document: UsageDefinition },
): Promise<PublishedDefinition> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    if (document.owner !== undefined) await getUser(tx, document.owner);
    const published = await publishDefinition(tx, name, document, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'usage_definition.published',
      subject: { type: 'usage_definition', id: name },
      details: { version: published.version, document: hashJson(document) },
    });
    await request(deps, tx, [deriveWork]);
    return published;
  });
}
