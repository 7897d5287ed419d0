import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { MappingRules, saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { MappingRules };

/** Replaces how mappings come into effect; the audit tells what it was before. */
export function putMappingRules(
  deps: Deps,
  caller: Caller,
  rules: MappingRules,
): Promise<MappingRules> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'mappings', rules, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping_rules.changed',
      subject: { type: 'settings', id: 'mappings' },
      details: { before, after: rules },
    });
    return rules;
  });
}
