import { listPlans as list, plansByValue, type Plan } from '../../delivery/plans.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';

/** Plans of the company, newest first; by `value`, those with the most money at stake first. */
export function listPlans(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly status?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
    readonly sort?: 'newest' | 'value' | undefined;
  },
): Promise<readonly Plan<PlanBody>[]> {
  const { status, limit, sort, before } = filter;
  return deps.store.readTenant(caller.tenantId, (tx) =>
    sort === 'value'
      ? plansByValue<PlanBody>(tx, { status, limit, after: before })
      : list<PlanBody>(tx, filter),
  );
}
