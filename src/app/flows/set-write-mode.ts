import { appendAudit } from '../../audit/audit-log.ts';
import { saveMode, listModes, type ModeScope, type ModeSetting, type WriteMode } from '../../delivery/write-modes.ts'; // prettier-ignore
import { liveConnection } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';

/**
 * Says how far a connection, an agreement or a product goes; null takes the setting away. What may be written by now is
 * planned at once. The audit tells what it was before. Throws NotFoundError for a connection that does not exist.
 */
export function setWriteMode(
  deps: Deps,
  caller: Caller,
  given: {
    readonly scope: ModeScope;
    readonly ref: string;
    readonly mode: WriteMode | null;
    readonly reason: string | null;
  },
): Promise<readonly ModeSetting[]> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { scope, ref, mode, reason } = given;
    if (scope === 'connection') await liveConnection(tx, ref);
    const before = await saveMode(tx, { ...given, setBy: caller.actor });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'write_mode.changed',
      subject: { type: 'write_mode', id: `${scope}:${ref}` },
      details: { before, after: mode, reason },
    });
    const jobs = ['detect-closed-won', 'sync-entitlements', 'sync-renewals', 'sync-reconciliation'];
    await request(deps, tx, jobs.map((job) => ({ job, key: '', payload: {} }))); // prettier-ignore
    return listModes(tx);
  });
}
