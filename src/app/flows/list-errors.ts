import { listQuarantine, type QuarantinedRecord } from '../../intake/quarantine.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Records that wait for a person, newest first. */
export function listErrors(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly status?: string | undefined;
    readonly runId?: string | undefined;
    readonly cause?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly QuarantinedRecord[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => listQuarantine(tx, filter));
}
