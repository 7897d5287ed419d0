import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { rulesNow, type MappingRulesView } from '../mapping-rules.ts';

/** How mappings come into effect in this company. */
export function getMappingRules(deps: Deps, caller: Caller): Promise<MappingRulesView> {
  return deps.store.readTenant(caller.tenantId, (tx) => rulesNow(tx));
}
