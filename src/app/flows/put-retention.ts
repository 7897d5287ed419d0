import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { Retention, saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { Retention };

/** Replaces how long the company keeps each kind of data; the audit tells what it was before. */
export function putRetention(deps: Deps, caller: Caller, retention: Retention): Promise<Retention> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'retention', retention, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'retention.changed',
      subject: { type: 'settings', id: 'retention' },
      details: { before, after: retention },
    });
    return retention;
  });
}
