import type { Caller } from '../../security/caller.ts';
import type { DetectionPolicy } from '../../licensing/detection-policy.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

/** From when on something is a finding. */
export function getDetectionPolicy(deps: Deps, caller: Caller): Promise<DetectionPolicy> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'detection'));
}
