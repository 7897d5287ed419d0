import type { TenantTx } from '../db/store.ts';
import { StaleError } from '../kernel/errors.ts';
import { getPlan, PLAN_COLUMNS, type Plan, type PlanDecision, type PlanStatus } from './plans.ts';

const DECIDED = {
  additional: 'approved',
  renewal: 'linked',
  rejected: 'rejected',
} as const satisfies Readonly<Record<PlanDecision, PlanStatus>>;

/**
 * A person's decision about exactly the plan that was seen: the hash must be the plan's. `additional` approves it, the
 * others end it. Throws StaleError when it is another plan by now, or not for review.
 */
export async function decidePlan<Body>(
  tx: TenantTx,
  input: {
    readonly id: string;
    readonly hash: string;
    readonly as: PlanDecision;
    readonly person: string;
  },
): Promise<Plan<Body>> {
  const plan = await getPlan<Body>(tx, input.id);
  const [row] = await tx.sql<Plan<Body>>(
    `update plan p set status = $3, decision = $4, decided_by = $5, decided_at = app.clock(),
       approved_by = case when $3 = 'approved' then $5 end, approved_hash = case when $3 = 'approved' then p.hash end,
       approved_at = case when $3 = 'approved' then app.clock() end
     where p.id = $1 and p.status = 'review' and p.hash = $2 returning ${PLAN_COLUMNS}`,
    [input.id, input.hash, DECIDED[input.as], input.as, input.person],
  );
  if (row !== undefined) return row;
  throw new StaleError(
    `Plan ${plan.id} is ${plan.status} with hash ${plan.hash}; only the plan that you looked at can be decided, and only while it is for review. Look at the newest plan of ${plan.subject}.`,
  );
}
