import { listPlans as list, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';

/** Plans of the company, newest first. */
export function listPlans(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly status?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Plan<PlanBody>[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list<PlanBody>(tx, filter));
}
