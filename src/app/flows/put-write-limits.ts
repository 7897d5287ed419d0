import type * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { saveSetting, WriteLimits } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { WriteLimits };

/** Replaces how much a run may change in other systems without a person's word; the audit tells what it was before. */
export function putWriteLimits(
  deps: Deps,
  caller: Caller,
  given: z.input<typeof WriteLimits>,
): Promise<WriteLimits> {
  const limits = WriteLimits.parse(given);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'writes', limits, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'write_limits.changed',
      subject: { type: 'settings', id: 'writes' },
      details: { before, after: limits },
    });
    return limits;
  });
}
