import type { Caller } from '../../security/caller.ts';
import { companySetting, type MappingRules } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** How mappings come into effect in this company. */
export function getMappingRules(deps: Deps, caller: Caller): Promise<MappingRules> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'mappings'));
}
