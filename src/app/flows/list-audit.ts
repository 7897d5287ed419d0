import { listAudit as list, type AuditEvent } from '../../audit/list-audit.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Who did what, newest first. */
export function listAudit(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly subject?: string | undefined;
    readonly actor?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly AuditEvent[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
