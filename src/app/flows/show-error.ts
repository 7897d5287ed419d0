import { getQuarantined, type QuarantinedRecord } from '../../intake/quarantine.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One record that waits for a person. Throws NotFoundError. */
export function showError(deps: Deps, caller: Caller, id: string): Promise<QuarantinedRecord> {
  return deps.store.readTenant(caller.tenantId, (tx) => getQuarantined(tx, id));
}
