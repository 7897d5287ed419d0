import type * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { PeopleLimits, saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { PeopleLimits };

/**
 * Replaces how many accounts and records may disappear before a person has to confirm, with defaults for what is not
 * given; the audit tells what it was before.
 */
export function putPeopleLimits(
  deps: Deps,
  caller: Caller,
  given: z.input<typeof PeopleLimits>,
): Promise<PeopleLimits> {
  const limits = PeopleLimits.parse(given);
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
