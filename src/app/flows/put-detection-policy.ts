import type * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { DetectionPolicy } from '../../licensing/detection-policy.ts';
import { saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { DetectionPolicy };

/**
 * Replaces from when on something is a finding, with defaults for what is not given; the audit tells what it was before.
 * Runs from now on use it; a run that is computed again uses what held at its instant.
 */
export function putDetectionPolicy(
  deps: Deps,
  caller: Caller,
  given: z.input<typeof DetectionPolicy>,
): Promise<DetectionPolicy> {
  const policy = DetectionPolicy.parse(given);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await saveSetting(tx, 'detection', policy, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'detection_policy.changed',
      subject: { type: 'settings', id: 'detection' },
      details: { before, after: policy },
    });
    return policy;
  });
}
