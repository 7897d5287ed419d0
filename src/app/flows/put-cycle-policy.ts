import type * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import { CyclePolicy } from '../../licensing/cycles/cycle-policy.ts';
import type { Caller } from '../../security/caller.ts';
import { saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { CyclePolicy };

/**
 * Replaces who signs cycles and when what was read is stale, with defaults for what is not given; the audit tells what it was
 * before. Signatures that were given stay.
 */
export function putCyclePolicy(
  deps: Deps,
  caller: Caller,
  given: z.input<typeof CyclePolicy>,
): Promise<CyclePolicy> {
  const policy = CyclePolicy.parse(given);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'cycles', policy, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'cycle_policy.changed',
      subject: { type: 'settings', id: 'cycles' },
      details: { before, after: policy },
    });
    return policy;
  });
}
