import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { PeopleLimits, saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { PeopleLimits };

/** Replaces how many accounts a connection may lose before a person has to confirm; the audit tells what it was before. */
export function putPeopleLimits(
  deps: Deps,
  caller: Caller,
  limits: PeopleLimits,
): Promise<PeopleLimits> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'people', limits, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'people_limits.changed',
      subject: { type: 'settings', id: 'people' },
      details: { before, after: limits },
    });
    return limits;
  });
}
