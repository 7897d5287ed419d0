import type { TenantTx } from '../db/store.ts';
import { BEGUN_PLANS, IN_EFFECT, PLAN_COLUMNS, type Plan, type PlanStatus } from './plans.ts';

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

/** A reopening, or a won deal's plan taken back, that was approved and applied. */
export interface Reopening<Body> {
  readonly subject: string;
  readonly body: Body;
  /** When its last effect was seen in the other system; null while one is on its way. */
  readonly settledAt: Date | null;
}

/** How far the effects of plan `p` are, and when the last of them was seen. */
const SHOWN = `select count(*) as count, bool_and(i.state = 'APPLIED' and i.read_back) as whole, max(i.settled_at) as last
  from intent i where i.tenant_id = p.tenant_id and i.plan_id = p.id and i.state <> 'SUPERSEDED'`;
const SETTLED_AT = `case when shown.count = 0 then p.applied_at when shown.whole then shown.last end as "settledAt"`;

/** The reopenings of some subjects that are applied or being applied. */
export async function reopeningsOf<Body>(
  tx: TenantTx,
  subjects: readonly string[],
): Promise<readonly Reopening<Body>[]> {
  return tx.sql<Reopening<Body>>(
    `select distinct on (p.subject) p.subject, p.body,
       ${SETTLED_AT}
     from plan p cross join lateral (${SHOWN}) shown
     where p.subject = any($1) and p.kind = 'reopen' and p.status in ${BEGUN_PLANS}
     order by p.subject, p.id desc`,
    [[...subjects]],
  );
}

/** The subjects whose applied plan was taken back by a reversal, and nothing was applied about them since. */
export async function reversalsOf<Body>(
  tx: TenantTx,
  subjects: readonly string[],
): Promise<readonly Reopening<Body>[]> {
  return tx.sql<Reopening<Body>>(
    `select distinct on (won.subject) won.subject, p.body, ${SETTLED_AT}
     from plan won join plan p on p.tenant_id = won.tenant_id and p.subject = 'reversal:' || won.id
     cross join lateral (${SHOWN}) shown
     where won.subject = any($1) and won.kind = 'closed_won' and p.kind = 'reversal' and p.status in ${BEGUN_PLANS}
       and not exists (select from plan later where later.tenant_id = won.tenant_id and later.subject = won.subject
         and later.id > won.id and later.status in ${BEGUN_PLANS})
     order by won.subject, p.id desc`,
    [[...subjects]],
  );
}

/** The applied plan of a won deal that came before this one about the same subject; null where this is the first. */
export async function planBefore<Body>(
  tx: TenantTx,
  { subject, id }: Pick<Plan<unknown>, 'subject' | 'id'>,
): Promise<Plan<Body> | null> {
  const [row] = await tx.sql<Plan<Body>>(
    `select ${PLAN_COLUMNS} from plan p where p.subject = $1 and p.kind = 'closed_won' and p.status in ('applied', 'incomplete') and p.id < $2
     order by p.id desc limit 1`,
    [subject, id],
  );
  return row ?? null;
}
