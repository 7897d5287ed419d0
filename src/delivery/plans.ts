import type { TenantTx } from '../db/store.ts';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';

export type PlanStatus =
  | 'blocked'
  | 'waiting'
  | 'review'
  | 'approved'
  | 'applying'
  | 'applied'
  | 'stale'
  | 'superseded'
  | 'linked'
  | 'rejected';

/** One cross-system change as a whole. `body` is the room's that drew it up; `hash` covers effects and inputs. */
export interface Plan<Body> {
  readonly id: string;
  readonly kind: 'closed_won' | 'reopen';
  /** What it is about: the deal. */
  readonly subject: string;
  readonly hash: string;
  readonly status: PlanStatus;
  readonly body: Body;
  readonly createdAt: Date;
  readonly approvedBy: string | null;
  readonly approvedHash: string | null;
  readonly approvedAt: Date | null;
  readonly appliedAt: Date | null;
  /** What a person said of a plan that was for review; null while nobody did, and for all others. */
  readonly decision: PlanDecision | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

/** `additional`: it is approved. `renewal`: it was brought about already. `rejected`: nothing shall come of it. */
export type PlanDecision = 'additional' | 'renewal' | 'rejected';

/** The columns of a plan, as `p`. */
export const PLAN_COLUMNS = `p.id, p.kind, p.subject, p.hash, p.status, p.body, p.created_at as "createdAt",
  p.approved_by as "approvedBy", p.approved_hash as "approvedHash", p.approved_at as "approvedAt",
  p.applied_at as "appliedAt", p.decision, p.decided_by as "decidedBy", p.decided_at as "decidedAt"`;

/** States of a plan that is not applied and that a newer one takes the place of. */
const OPEN = `('blocked', 'waiting', 'review', 'approved', 'stale')`;

/** States of the plan that a subject rests on: what was done, or that a person wanted nothing done. */
export const IN_EFFECT: readonly PlanStatus[] = ['applying', 'applied', 'linked', 'rejected'];

/** Who approves a plan that nobody need look at. */
export const POLICY_APPROVER = 'policy';

/**
 * Keeps a plan. The same change (subject, kind, hash) is kept once; an older, unapplied plan about the same
 * subject is superseded. `approvedByPolicy` says that no person need look at it, `forReview` that one has to decide what
 * it is. A plan that was set aside and is the
 * right one again starts over: an approval from before does not count for it.
 */
export async function savePlan<Body>(
  tx: TenantTx,
  draft: Pick<Plan<Body>, 'kind' | 'subject' | 'hash' | 'body'> & {
    readonly blocked: boolean;
    readonly approvedByPolicy: boolean;
    readonly forReview?: boolean;
  },
): Promise<{ readonly plan: Plan<Body>; readonly isNew: boolean }> {
  await tx.run(
    `update plan p set status = 'superseded' where p.subject = $1 and p.hash <> $2 and p.status in ${OPEN}`,
    [draft.subject, draft.hash],
  );
  const status = firstStatus(draft);
  const approval = status === 'approved' ? [POLICY_APPROVER, draft.hash] : [null, null];
  const [made] = await tx.sql<Plan<Body>>(
    `insert into plan as p (tenant_id, id, kind, subject, hash, status, body, approved_by, approved_hash, approved_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $8::text is null then null else app.clock() end)
     on conflict (tenant_id, subject, kind, hash) do nothing returning ${PLAN_COLUMNS}`,
    [
      tx.tenantId,
      newId('pln'),
      draft.kind,
      draft.subject,
      draft.hash,
      status,
      JSON.stringify(draft.body),
      ...approval,
    ],
  );
  if (made !== undefined) return { plan: made, isNew: true };
  await tx.run(
    `update plan p set status = $4, approved_by = $5, approved_hash = $6,
       approved_at = case when $6::text is null then null else app.clock() end,
       decision = null, decided_by = null, decided_at = null
     where p.subject = $1 and p.kind = $2 and p.hash = $3 and p.status in ('superseded', 'stale')`,
    [draft.subject, draft.kind, draft.hash, status, ...approval],
  );
  const [kept] = await tx.sql<Plan<Body>>(
    `select ${PLAN_COLUMNS} from plan p where p.subject = $1 and p.kind = $2 and p.hash = $3`,
    [draft.subject, draft.kind, draft.hash],
  );
  if (kept === undefined)
    throw new NotFoundError(`The plan of ${draft.subject} vanished while it was saved.`);
  return { plan: kept, isNew: false };
}

function firstStatus(draft: {
  readonly blocked: boolean;
  readonly approvedByPolicy: boolean;
  readonly forReview?: boolean;
}): PlanStatus {
  if (draft.blocked) return 'blocked';
  if (draft.forReview === true) return 'review';
  return draft.approvedByPolicy ? 'approved' : 'waiting';
}

/** Plans, newest first. */
export async function listPlans<Body>(
  tx: TenantTx,
  filter: {
    readonly status?: string | undefined;
    readonly subject?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Plan<Body>[]> {
  return tx.sql<Plan<Body>>(
    `select ${PLAN_COLUMNS} from plan p
     where ($1::text is null or p.status = $1) and ($2::text is null or p.subject = $2) and ($3::text is null or p.id < $3)
     order by p.id desc limit $4`,
    [filter.status ?? null, filter.subject ?? null, filter.before ?? null, filter.limit],
  );
}

/** The newest plan about a subject in one of these states, or null. */
export async function latestPlanOf<Body>(
  tx: TenantTx,
  subject: string,
  statuses: readonly PlanStatus[],
): Promise<Plan<Body> | null> {
  const [row] = await tx.sql<Plan<Body>>(
    `select ${PLAN_COLUMNS} from plan p where p.subject = $1 and p.status = any($2) order by p.id desc limit 1`,
    [subject, [...statuses]],
  );
  return row ?? null;
}

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

/** One plan, or null. */
export async function findPlan<Body>(tx: TenantTx, id: string): Promise<Plan<Body> | null> {
  const [row] = await tx.sql<Plan<Body>>(`select ${PLAN_COLUMNS} from plan p where p.id = $1`, [
    id,
  ]);
  return row ?? null;
}

/** One plan. Throws NotFoundError. */
export async function getPlan<Body>(tx: TenantTx, id: string): Promise<Plan<Body>> {
  const row = await findPlan<Body>(tx, id);
  if (row === null)
    throw new NotFoundError(
      `There is no plan "${id}". \`trueup plans list\` shows those there are.`,
    );
  return row;
}

/** Plans about a subject that were not applied yet lose their sense: the subject is no more what it was. */
export async function supersedeOpenPlans(tx: TenantTx, subject: string): Promise<void> {
  await tx.run(
    `update plan p set status = 'superseded' where p.subject = $1 and p.status in ${OPEN}`,
    [subject],
  );
}

/** Plans not applied yet that would write to a connection that is no more: what they say cannot be done. */
export async function supersedePlansFor(tx: TenantTx, connection: string): Promise<void> {
  await tx.run(
    `update plan p set status = 'superseded' where p.status in ${OPEN}
       and p.body -> 'effects' @> jsonb_build_array(jsonb_build_object('connection', $1::text))`,
    [connection],
  );
}

/**
 * Approves exactly what the person saw: the hash must be the plan's.
 * Throws StaleError when the plan is another one by now, ValidationError when it is blocked.
 */
export async function approvePlan<Body>(
  tx: TenantTx,
  approval: { readonly id: string; readonly hash: string; readonly person: string },
): Promise<Plan<Body>> {
  const plan = await getPlan<Body>(tx, approval.id);
  if (plan.status === 'blocked') {
    throw new ValidationError(
      `Plan ${plan.id} is blocked. Its problems must be solved in the source systems first; then it is planned anew.`,
    );
  }
  if (plan.status === 'review') {
    throw new ValidationError(
      `Plan ${plan.id} is late, and its customer holds these rights already. Decide what it is: \`trueup plans decide ${plan.id} --as additional|renewal|rejected --hash ${plan.hash}\`.`,
    );
  }
  if (plan.hash !== approval.hash || plan.status !== 'waiting') {
    throw new StaleError(
      `Plan ${plan.id} is ${plan.status} with hash ${plan.hash}; you approved ${approval.hash}. Look at the newest plan of ${plan.subject}.`,
    );
  }
  const [row] = await tx.sql<Plan<Body>>(
    `update plan p set status = 'approved', approved_by = $2, approved_hash = $3, approved_at = app.clock()
     where p.id = $1 and p.status = 'waiting' and p.hash = $3 returning ${PLAN_COLUMNS}`,
    [approval.id, approval.person, approval.hash],
  );
  if (row === undefined)
    throw new StaleError(`Plan ${plan.id} changed while it was approved. Look at it again.`);
  return row;
}

/** Moves a plan on. The states from which a step may be taken are the caller's rule; returns false if it was elsewhere. */
export async function movePlan(
  tx: TenantTx,
  id: string,
  from: readonly PlanStatus[],
  to: PlanStatus,
): Promise<boolean> {
  const moved = await tx.run(
    `update plan p set status = $3, applied_at = case when $3 = 'applied' then app.clock() else p.applied_at end
     where p.id = $1 and p.status = any($2)`,
    [id, [...from], to],
  );
  return moved > 0;
}

/** Plans whose every intent is applied and read back become `applied`. Returns their ids. */
export async function completePlans(tx: TenantTx): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `update plan p set status = 'applied', applied_at = app.clock()
     where p.status = 'applying'
       and not exists (select from intent i where i.plan_id = p.id and i.state <> 'SUPERSEDED' and not (i.state = 'APPLIED' and i.read_back))
     returning p.id`,
  );
  return rows.map((row) => row.id);
}
