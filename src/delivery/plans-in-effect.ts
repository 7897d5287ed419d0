import type { TenantTx } from '../db/store.ts';
import { IN_EFFECT, type Plan, type PlanStatus } from './plans.ts';

/** The plan that a subject rests on, as far as it must be known to see whether anything moved since. */
export interface PlanInEffect {
  readonly id: string;
  readonly kind: Plan<unknown>['kind'];
  readonly status: PlanStatus;
  /** Facts that it was drawn up from: the `inputs` of its body. */
  readonly inputs: readonly string[];
}

/** The newest plan in effect of each subject, by subject. */
export async function plansInEffect(
  tx: TenantTx,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, PlanInEffect>> {
  const rows = await tx.sql<PlanInEffect & { readonly subject: string }>(
    `select distinct on (p.subject) p.subject, p.id, p.kind, p.status,
       jsonb_path_query_array(p.body, '$.inputs[*].factId') as inputs
     from plan p where p.subject = any($1) and p.status = any($2) order by p.subject, p.id desc`,
    [[...subjects], [...IN_EFFECT]],
  );
  return new Map(rows.map(({ subject, ...plan }) => [subject, plan]));
}

/** A reopening that was approved and applied. */
export interface Reopening<Body> {
  readonly subject: string;
  readonly body: Body;
  /** When its last effect was seen in the other system; null while one is on its way. */
  readonly settledAt: Date | null;
}

/** The reopenings of some subjects that are applied or being applied. */
export async function reopeningsOf<Body>(
  tx: TenantTx,
  subjects: readonly string[],
): Promise<readonly Reopening<Body>[]> {
  return tx.sql<Reopening<Body>>(
    `select distinct on (p.subject) p.subject, p.body,
       case when shown.count = 0 then p.applied_at when shown.whole then shown.last end as "settledAt"
     from plan p cross join lateral (
       select count(*) as count, bool_and(i.state = 'APPLIED' and i.read_back) as whole, max(i.settled_at) as last
       from intent i where i.tenant_id = p.tenant_id and i.plan_id = p.id and i.state <> 'SUPERSEDED') shown
     where p.subject = any($1) and p.kind = 'reopen' and p.status in ('applying', 'applied')
     order by p.subject, p.id desc`,
    [[...subjects]],
  );
}
